// Mapped addresses of clients: which rule counts, what is counted, and addProxyMapping's arguments.
#include "recursor/config/proxymapping.hh"

#include <catch2/catch.hpp>

#include "recursor/config/luaconfig.hh"
#include "tests/recursor/config/tempdir.hh"

using namespace rec;

namespace {

base::Address address(std::string_view text) { return base::Address::parse(text).value(); }
base::Netmask net(std::string_view text) { return base::Netmask::parse(text).value(); }
dns::Name name(std::string_view text) { return dns::Name::parse(text).value(); }

base::Result<LuaConfig> run(const std::string& script) {
  const TempDir dir;
  return runLuaConfig(dir.write("lua", script));
}

} // namespace

TEST_CASE("a client stands for the address of the longest network that it is in, the last rule for that network") {
  const ProxyMapping mapping({{net("10.0.0.0/8"), address("203.0.113.1"), std::nullopt},
                              {net("10.1.0.0/16"), address("203.0.113.9"), std::nullopt},
                              {net("2001:db8::/32"), address("203.0.113.3"), std::nullopt},
                              {net("10.1.0.0/16"), address("203.0.113.2"), std::nullopt}});
  CHECK(mapping.forAccess(address("10.2.0.1")) == address("203.0.113.1"));
  CHECK(mapping.forAccess(address("10.1.0.1")) == address("203.0.113.2"));
  CHECK(mapping.forAccess(address("2001:db8::1")) == address("203.0.113.3"));
  CHECK(mapping.forAccess(address("192.0.2.1")) == address("192.0.2.1"));
  CHECK(mapping.forServers(address("10.1.0.1"), name("any.example")) == address("203.0.113.2"));
  const auto counts = mapping.counts();
  REQUIRE(counts.size() == 3);
  CHECK(counts[0].clients == net("2001:db8::/32"));
  CHECK(counts[1].matches == 1);
  CHECK(counts[1].nameMatches == 0);
  CHECK(counts[2].matches == 1);
}

TEST_CASE(
    "with domains servers are told the mapped address for these names only; who may ask does not depend on names") {
  const ProxyMapping mapping(
      {{net("10.0.0.0/8"), address("203.0.113.1"), std::vector{name("example.com"), name("a.example.net")}}});
  const auto client = address("10.0.0.1");
  CHECK(mapping.forServers(client, name("www.example.com")) == address("203.0.113.1"));
  CHECK(mapping.forServers(client, name("EXAMPLE.com")) == address("203.0.113.1"));
  CHECK(mapping.forServers(client, name("example.net")) == client);
  CHECK(mapping.forAccess(client) == address("203.0.113.1"));
  for (const char* asked : {"www.example.com", "example.net", "b.a.example.net"}) {
    mapping.noteQuestion(client, name(asked));
    mapping.noteQuestion(address("192.0.2.1"), name(asked));
  }
  CHECK(mapping.counts().front().nameMatches == 2);
  CHECK(mapping.counts().front().matches == 1);
}

TEST_CASE("addProxyMapping takes a network, an address and perhaps domains") {
  const auto config = run("addProxyMapping('127.0.0.0/24', '203.0.113.1')\n"
                          "addProxyMapping('10.0.0.1', '203.0.113.2:53', {'example.com', 'example.net'})\n");
  REQUIRE(config);
  REQUIRE(config->proxyMapping.size() == 2);
  CHECK(config->proxyMapping[0].clients == net("127.0.0.0/24"));
  CHECK(config->proxyMapping[0].mapped == address("203.0.113.1"));
  CHECK_FALSE(config->proxyMapping[0].domains);
  CHECK(config->proxyMapping[1].clients == net("10.0.0.1/32"));
  CHECK(config->proxyMapping[1].domains == std::vector{name("example.com"), name("example.net")});
  for (const char* bad : {"addProxyMapping()", "addProxyMapping('10.0.0.0/8')", "addProxyMapping('10.0.0.0/33', '::1')",
                          "addProxyMapping('10.0.0.0/8', 'host')", "addProxyMapping('10.0.0.0/8', '::1', {'a..b'})"}) {
    CHECK_FALSE(run(bad));
  }
}
