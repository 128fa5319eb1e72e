// SubnetPolicy: who is told what of a client, and what is kept.
#include "recursor/resolve/subnetpolicy.hh"

#include "tests/recursor/resolve/messages.hh"

using namespace rec;
using namespace rectest;
using dns::RRType;

namespace {

Settings settings(const std::vector<std::string>& list, const std::string& addFor = "0.0.0.0/0, ::/0, !10.0.0.0/8") {
  Settings made = defaultSettings();
  made.ednsSubnetAllowList = list;
  made.ecsAddFor = {};
  for (std::size_t at = 0; at < addFor.size();) {
    const std::size_t end = std::min(addFor.find(", ", at), addFor.size());
    REQUIRE(made.ecsAddFor.add(addFor.substr(at, end - at)));
    at = end + 2;
  }
  made.queryLocalAddress = {address("0.0.0.0"), address("2001:db8::53"), address("192.0.2.53")};
  return made;
}

std::string told(const Settings& given, const char* client, const char* named = nullptr) {
  std::optional<dns::ClientSubnet> option;
  if (named != nullptr) {
    option = dns::ClientSubnet{*base::Netmask::parse(named)};
  }
  const auto network = SubnetPolicy(given).networkFor(address(client), option);
  return network ? network->text() : "nothing";
}

bool lists(const Settings& given, std::string_view asked, std::string_view server, std::string_view zone,
           bool recursive = false) {
  return SubnetPolicy(given).lists(name(asked), address(server), name(zone), recursive);
}

} // namespace

TEST_CASE("without a list nobody is told anything") {
  CHECK(told(settings({}), "198.51.100.7") == "nothing");
  CHECK_FALSE(lists(settings({}), "www.example.com", "192.0.2.1", "example.com"));
  CHECK_FALSE(SubnetPolicy().isOn());
}

TEST_CASE("servers are told the client's network, cut to ecs-ipv4-bits or ecs-ipv6-bits") {
  Settings given = settings({"example.com"});
  CHECK(told(given, "198.51.100.7") == "198.51.100.0/24");
  CHECK(told(given, "2001:db8:1:2:3::4") == "2001:db8:1::/56");
  given.ecsIpv4Bits = 20;
  given.ecsIpv6Bits = 48;
  CHECK(told(given, "198.51.100.7") == "198.51.96.0/20");
  CHECK(told(given, "2001:db8:1:2:3::4") == "2001:db8:1::/48");
}

TEST_CASE("for clients that ecs-add-for leaves out it is ecs-scope-zero-address, else one of our own") {
  Settings given = settings({"example.com"});
  CHECK(told(given, "10.1.2.3") == "192.0.2.53/32"); // IPv4 first, no wildcard
  CHECK(SubnetPolicy(given).networkFor(base::Address(), std::nullopt)->text() == "192.0.2.53/32");
  given.queryLocalAddress = {address("0.0.0.0"), address("2001:db8::53")};
  CHECK(told(given, "10.1.2.3") == "2001:db8::53/128");
  given.queryLocalAddress = {address("0.0.0.0")};
  CHECK(told(given, "10.1.2.3") == "127.0.0.1/32");
  given.ecsScopeZeroAddress = {address("203.0.113.1")};
  CHECK(told(given, "10.1.2.3") == "203.0.113.1/32");
  given.ecsIpv4Bits = 0;
  CHECK(told(given, "198.51.100.7") == "203.0.113.1/32");
}

TEST_CASE("a network that the client names counts with use-incoming-edns-subnet; that it names none counts always") {
  Settings given = settings({"example.com"});
  CHECK(told(given, "198.51.100.7", "203.0.113.0/24") == "198.51.100.0/24");
  CHECK(told(given, "198.51.100.7", "0.0.0.0/0") == "192.0.2.53/32");
  given.useIncomingEdnsSubnet = true;
  CHECK(told(given, "198.51.100.7", "203.0.113.0/24") == "203.0.113.0/24");
  CHECK(told(given, "198.51.100.7", "203.0.113.77/32") == "203.0.113.0/24");
  CHECK(told(given, "198.51.100.7", "203.0.0.0/16") == "203.0.0.0/16");
  CHECK(told(given, "198.51.100.7", "2001:db8:1::/48") == "2001:db8:1::/48");
  CHECK(told(given, "10.1.2.3", "203.0.113.0/24") == "203.0.113.0/24"); // ecs-add-for is about own networks
  CHECK(told(given, "198.51.100.7", "::/0") == "192.0.2.53/32");
}

TEST_CASE("servers are listed by their address or by the name asked for") {
  const Settings given = settings({"example.com", "!private.example.com", "192.0.2.0/24", "!192.0.2.66"});
  CHECK(lists(given, "www.example.com", "198.51.100.1", "example.com"));
  CHECK(lists(given, "EXAMPLE.com", "198.51.100.1", "example.com"));
  CHECK_FALSE(lists(given, "a.private.example.com", "198.51.100.1", "example.com"));
  CHECK_FALSE(lists(given, "www.example.net", "198.51.100.1", "example.net"));
  CHECK(lists(given, "www.example.net", "192.0.2.7", "example.net"));
  CHECK_FALSE(lists(given, "www.example.net", "192.0.2.66", "example.net"));
}

TEST_CASE("the servers of the root and of top-level domains are listed by address or by that very domain only") {
  CHECK_FALSE(lists(settings({"example.com"}), "www.example.com", "198.51.100.1", "com"));
  CHECK_FALSE(lists(settings({"example.com"}), "www.example.com", "198.51.100.1", "."));
  CHECK_FALSE(lists(settings({"."}), "www.example.com", "198.51.100.1", "com"));
  CHECK_FALSE(lists(settings({"."}), "www.example.com", "198.51.100.1", "."));
  CHECK(lists(settings({"."}), "www.example.com", "198.51.100.1", "example.com"));
  CHECK(lists(settings({"com"}), "www.example.com", "198.51.100.1", "com"));
  CHECK(lists(settings({"198.51.100.1"}), "www.example.com", "198.51.100.1", "."));
  CHECK(lists(settings({"example.com"}), "www.example.com", "198.51.100.1", ".", true)); // an upstream for all
}

TEST_CASE("questions of zones and keys are never for one network") {
  const SubnetPolicy policy(settings({"example.com"}));
  CHECK(policy.lists(question("www.example.com")));
  CHECK(policy.lists(question("www.example.com", RRType::TXT)));
  CHECK_FALSE(policy.lists(question("www.example.net")));
  for (const RRType type : {RRType::DS, RRType::DNSKEY, RRType::NS, RRType::SOA}) {
    CHECK_FALSE(policy.lists(question("www.example.com", type)));
  }
}

TEST_CASE("long networks' answers of short life are not kept, nor any of a family that is never kept") {
  Settings given = settings({"example.com"});
  const auto mayKeep = [&given](const char* network, std::uint8_t told, std::uint32_t ttl) {
    return SubnetPolicy(given).mayKeep({*base::Netmask::parse(network), told, false}, ttl);
  };
  CHECK(mayKeep("192.0.2.0/24", 32, 1)); // ecs-cache-limit-ttl is 0
  given.ecsCacheLimitTtl = 60;
  CHECK_FALSE(mayKeep("192.0.2.0/24", 32, 59));
  CHECK(mayKeep("192.0.2.0/24", 32, 60));
  CHECK(mayKeep("192.0.2.0/24", 24, 1));
  given.ecsIpv4NeverCache = true;
  CHECK_FALSE(mayKeep("192.0.2.0/24", 8, 1000));
  CHECK(mayKeep("2001:db8::/48", 48, 1));
}
