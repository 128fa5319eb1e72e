// Reading of the hosts file: lines to (owner, rdata) pairs, pairs to zones.
#include "recursor/resolve/hostsfile.hh"

#include <fstream>
#include <map>
#include <sstream>

#include "lib/dns/rdata.hh"

namespace rec {
namespace {

using dns::RRType;

constexpr std::uint32_t kTtl = 86400;

std::span<const std::byte> onlyRdata(const dns::RRset& set) { return set.front(); }

class HostsCollector {
 public:
  void add(const dns::RRset& one) {
    const auto key = std::pair(one.owner(), one.type());
    const auto [at, isNew] = d_builders.try_emplace(key, key.first, key.second, dns::RRClass::IN, kTtl);
    at->second.add(onlyRdata(one));
  }

  [[nodiscard]] std::vector<ZoneData> zones() const {
    std::map<dns::Name, std::vector<dns::RRset>> byOwner;
    for (const auto& [key, builder] : d_builders) {
      byOwner[key.first].push_back(builder.build());
    }
    std::vector<ZoneData> zones;
    for (auto& [owner, sets] : byOwner) {
      const dns::SoaData soa{.mname = owner,
                             .rname = dns::Name(),
                             .serial = 1,
                             .refresh = 3600,
                             .retry = 1200,
                             .expire = 604800,
                             .minimum = kTtl};
      sets.push_back(dns::makeSoaRRset(owner, kTtl, soa));
      if (auto zone = ZoneData::make(owner, std::move(sets))) {
        zones.push_back(std::move(*zone));
      }
    }
    return zones;
  }

 private:
  std::map<std::pair<dns::Name, RRType>, dns::RRsetBuilder> d_builders;
};

std::optional<dns::Name> hostName(const std::string& word, const dns::Name& suffix) {
  auto name = dns::Name::parse(word);
  if (!name || name->isRoot()) {
    return std::nullopt;
  }
  return word.find('.') == std::string::npos ? suffix.withLabel(name->label(0)) : std::move(*name);
}

void addLine(HostsCollector& hosts, const std::string& line, const dns::Name& suffix) {
  std::istringstream words(line.substr(0, line.find('#')));
  std::string word;
  words >> word;
  const auto address = base::Address::parse(word);
  if (!address || address->port() != 0) {
    return;
  }
  bool first = true;
  while (words >> word) {
    const auto name = hostName(word, suffix);
    if (!name) {
      continue;
    }
    hosts.add(dns::makeAddressRRset(*name, kTtl, *address));
    if (std::exchange(first, false)) {
      hosts.add(dns::makeNameRRset(reverseName(*address), RRType::PTR, kTtl, *name));
    }
  }
}

} // namespace

dns::Name reverseName(const base::Address& address) {
  constexpr std::string_view hex = "0123456789abcdef";
  std::string text;
  const auto octets = address.octets();
  for (auto at = octets.rbegin(); at != octets.rend(); ++at) {
    const auto value = std::to_integer<unsigned>(*at);
    if (address.isV4()) {
      text += std::to_string(value) + '.';
    } else {
      text += {hex[value & 15U], '.', hex[value >> 4U], '.'};
    }
  }
  return std::move(dns::Name::parse(text + (address.isV4() ? "in-addr.arpa." : "ip6.arpa."))).value();
}

std::vector<ZoneData> parseHosts(std::string_view content, const dns::Name& suffix) {
  HostsCollector hosts;
  std::istringstream lines{std::string(content)};
  for (std::string line; std::getline(lines, line);) {
    addLine(hosts, line, suffix);
  }
  return hosts.zones();
}

base::Result<std::vector<ZoneData>> readHostsFile(const std::string& path, const dns::Name& suffix) {
  std::ifstream file(path);
  if (!file) {
    return base::Error{path + ": cannot be read"};
  }
  std::ostringstream content;
  content << file.rdbuf();
  return parseHosts(content.str(), suffix);
}

} // namespace rec
