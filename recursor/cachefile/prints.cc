// Each print is the checksum of a text: one line a fact.
#include "recursor/cachefile/prints.hh"

#include <algorithm>
#include <string>
#include <vector>

#include "lib/dnssec/algorithms.hh"

namespace rec {
namespace {

// Facts in any order.
class Facts {
 public:
  void add(std::string line) { d_lines.push_back(std::move(line)); }
  void add(std::string_view name, std::uint64_t number) { add(std::string(name) + " " + std::to_string(number)); }
  [[nodiscard]] std::uint64_t print() {
    std::ranges::sort(d_lines);
    std::string all;
    for (const std::string& line : d_lines) {
      all += line + '\n';
    }
    return checksumOf(std::as_bytes(std::span(all)));
  }

 private:
  std::vector<std::string> d_lines;
};

std::string lowered(const dns::Name& name) { return name.lowercased().text(); }

std::string hex(std::span<const std::byte> octets) {
  constexpr std::string_view digits = "0123456789abcdef";
  std::string text;
  for (const std::byte octet : octets) {
    text += digits[std::to_integer<std::size_t>(octet >> 4)];
    text += digits[std::to_integer<std::size_t>(octet & std::byte{15})];
  }
  return text;
}

std::string factOf(const ForwardZone& forward) {
  std::string line = "forward " + lowered(forward.zone) + (forward.recurse ? " recurse" : "");
  for (const Endpoint& server : forward.servers) {
    const std::string where =
        server.host.empty() ? server.address.textWithPort() : server.host + ":" + std::to_string(server.address.port());
    line += " " + std::string(text(server.scheme)) + "://" + where + server.path + "#" + server.authName + "?" +
            server.caFile;
    for (const Endpoint::Pin& pin : server.pins) {
      line += "&" + hex(pin);
    }
  }
  return line;
}

std::uint64_t dataPrint(const PrintSources& sources) {
  Facts facts;
  facts.add("dnssec off", sources.settings.dnssec == "off" ? 1 : 0);
  facts.add("namespace " + sources.settings.outgoingNetns);
  for (const ForwardZone& forward : sources.zones.forwardZones) {
    facts.add(factOf(forward));
  }
  for (const dns::Name& zone : sources.iteratesToo) {
    facts.add("first " + lowered(zone));
  }
  for (const AuthZone& zone : sources.zones.authZones) {
    facts.add("auth " + lowered(zone.zone) + " " + zone.file);
  }
  for (const NameServer& hint : sources.hints) {
    for (const base::Address& address : hint.glue) {
      facts.add("hint " + lowered(hint.name) + " " + address.textWithPort());
    }
  }
  return facts.print();
}

void addAlgorithms(const Settings& settings, Facts& facts) {
  const dnssec::Algorithms known;
  for (unsigned number = 0; number < 256; ++number) {
    if (known.uses(static_cast<dnssec::Algorithm>(number))) {
      facts.add("algorithm", number);
    }
  }
  for (const std::string& disabled : settings.dnssecDisabledAlgorithms) {
    const auto algorithm = dnssec::parseAlgorithm(disabled);
    facts.add("disabled", algorithm ? static_cast<unsigned>(*algorithm) : 0U);
  }
}

std::uint64_t verdictPrint(const Settings& settings, const AnchorSnapshot& anchors) {
  Facts facts;
  const bool validates = settings.dnssec != "off" && settings.dnssec != "process-no-validate";
  facts.add("validates", validates ? 1 : 0);
  facts.add("iterations", settings.nsec3MaxIterations);
  facts.add("nsec3s", settings.maxNsec3sPerRecord);
  facts.add("keys", settings.maxDnskeys);
  facts.add("signatures", settings.maxRrsigsPerRecord);
  facts.add("ds", settings.maxDsPerZone);
  facts.add("skew", static_cast<std::uint64_t>(settings.signatureInceptionSkew.count()));
  addAlgorithms(settings, facts);
  for (const auto& [zone, set] : anchors.positive) {
    for (const auto rdata : set.rdatas()) {
      facts.add("anchor " + lowered(zone) + " " + hex(rdata));
    }
  }
  for (const auto& [zone, waived] : anchors.negative) {
    facts.add("negative " + lowered(zone));
  }
  return facts.print();
}

std::uint64_t subnetPrint(const Settings& settings) {
  Facts facts;
  for (const std::string& server : settings.ednsSubnetAllowList) {
    facts.add("server " + server);
  }
  facts.add("IPv4 bits", settings.ecsIpv4Bits);
  facts.add("IPv6 bits", settings.ecsIpv6Bits);
  return facts.print();
}

} // namespace

FilePrints printsOf(const PrintSources& sources) {
  return {dataPrint(sources), verdictPrint(sources.settings, sources.anchors), subnetPrint(sources.settings)};
}

} // namespace rec
