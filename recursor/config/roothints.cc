// Root hints: the built-in ones, and those of a file. See zonesources.hh.
#include <algorithm>
#include <array>
#include <stdexcept>

#include "lib/dns/rdata.hh"
#include "lib/dns/zonefile.hh"
#include "recursor/config/zonesources.hh"

namespace rec {

using base::Error;
using base::Result;

namespace {

constexpr std::uint16_t kDnsPort = 53;

struct Hint {
  char letter;
  const char *ipv4, *ipv6;
};

// Published by IANA; b.root-servers.net changed its addresses last, in November 2023.
constexpr std::array<Hint, 13> kHints{{{'a', "198.41.0.4", "2001:503:ba3e::2:30"},
                                       {'b', "170.247.170.2", "2801:1b8:10::b"},
                                       {'c', "192.33.4.12", "2001:500:2::c"},
                                       {'d', "199.7.91.13", "2001:500:2d::d"},
                                       {'e', "192.203.230.10", "2001:500:a8::e"},
                                       {'f', "192.5.5.241", "2001:500:2f::f"},
                                       {'g', "192.112.36.4", "2001:500:12::d0d"},
                                       {'h', "198.97.190.53", "2001:500:1::53"},
                                       {'i', "192.36.148.17", "2001:7fe::53"},
                                       {'j', "192.58.128.30", "2001:503:c27::2:30"},
                                       {'k', "193.0.14.129", "2001:7fd::1"},
                                       {'l', "199.7.83.42", "2001:500:9f::42"},
                                       {'m', "202.12.27.33", "2001:dc3::35"}}};

template <typename T> T certain(Result<T> result) {
  if (!result) throw std::logic_error("built-in root hints: " + result.error().message);
  return std::move(result).value();
}

void addServers(std::vector<RootServer>& servers, const dns::RRset& set) {
  if (set.type() != dns::RRType::NS || !set.owner().isRoot()) return;
  for (const auto& rdata : set.rdatas()) {
    if (const auto name = dns::readNameRdata(rdata)) servers.push_back({*name, {}});
  }
}

void addAddresses(std::vector<RootServer>& servers, const dns::RRset& set) {
  const auto server = std::ranges::find(servers, set.owner(), &RootServer::name);
  if (server == servers.end()) return;
  for (const auto& rdata : set.rdatas()) {
    if (const auto address = dns::readAddress(set.type(), rdata, kDnsPort)) server->addresses.push_back(*address);
  }
}

} // namespace

std::vector<RootServer> builtInRootHints() {
  std::vector<RootServer> servers;
  for (const auto& hint : kHints) {
    servers.push_back(
        {certain(dns::Name::parse(std::string(1, hint.letter) + ".root-servers.net.")),
         {certain(base::Address::parse(hint.ipv4, kDnsPort)), certain(base::Address::parse(hint.ipv6, kDnsPort))}});
  }
  return servers;
}

Result<std::vector<RootServer>> readRootHints(const Settings& settings) {
  const auto& path = settings.hintFile;
  if (path.empty()) return builtInRootHints();
  if (path == "no") return std::vector<RootServer>();
  const auto sets = dns::readZoneFile(path, dns::Name());
  if (!sets) return Error{"hint-file: " + sets.error().message};
  std::vector<RootServer> servers;
  for (const auto& set : *sets) addServers(servers, set);
  for (const auto& set : *sets) addAddresses(servers, set);
  std::erase_if(servers, [](const RootServer& server) { return server.addresses.empty(); });
  if (servers.empty()) return Error{"hint-file: " + path + ": names no root server with an address"};
  return servers;
}

} // namespace rec
