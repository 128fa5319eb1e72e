// Forward zones, auth zones, hosts files and root hints.
#include "recursor/config/zones.hh"

#include <catch2/catch.hpp>

#include "recursor/config/yamlzones.hh"
#include "recursor/config/zonesources.hh"
#include "tests/recursor/config/tempdir.hh"

using namespace rec;

TEST_CASE("forward zones have servers with port 53 unless they say otherwise") {
  const auto zones = parseForwardZones("example.org=192.0.2.1;[2001:db8::1]:5300, .=198.51.100.1:5301", true);
  REQUIRE(zones);
  REQUIRE(zones->size() == 2);
  CHECK(zones->at(0).zone.text() == "example.org.");
  CHECK(zones->at(0).servers.at(0).text() == "192.0.2.1:53");
  CHECK(zones->at(0).servers.at(1).text() == "[2001:db8::1]:5300");
  CHECK(zones->at(0).recurse);
  CHECK(zones->at(1).zone.isRoot());
}

TEST_CASE("forward zones without a zone, server or = are refused") {
  for (const auto* text :
       {"example.org", "=192.0.2.1", "example.org=", "example.org=;", "example.org=here..example", "a..b=192.0.2.1"}) {
    INFO(text);
    CHECK_FALSE(parseForwardZones(text, false));
  }
}

TEST_CASE("a forward-zones-file has one zone a line with + for recursion and ^ for notify") {
  const auto zones =
      parseForwardZonesFile("# zones\n+a.example = 192.0.2.1;192.0.2.2 # two\n\nb.example=192.0.2.3, 192.0.2.4\n"
                            "+^c.example=192.0.2.5\r\n",
                            "file");
  REQUIRE(zones);
  REQUIRE(zones->size() == 3);
  CHECK(zones->at(0).recurse);
  CHECK(zones->at(0).servers.size() == 2);
  CHECK_FALSE(zones->at(1).recurse);
  CHECK(zones->at(1).servers.size() == 2);
  CHECK(zones->at(2).notifyAllowed);
  CHECK(parseForwardZonesFile("a=192.0.2.1\nb\n", "file").error().message.starts_with("file:2: "));
}

TEST_CASE("a zone that is forwarded twice is forwarded as said last") {
  auto settings = defaultSettings();
  settings.forwardZones = parseForwardZones("a.example=192.0.2.1, b.example=192.0.2.2", false).value();
  settings.forwardZonesRecurse = parseForwardZones("a.example=192.0.2.3", true).value();
  const auto sources = readZoneSources(settings);
  REQUIRE(sources);
  REQUIRE(sources->forwardZones.size() == 2);
  CHECK(sources->forwardZones.at(0).servers.at(0).text() == "192.0.2.3:53");
}

TEST_CASE("a forwarder with port 853 is asked over TLS, for an authoritative server that is its asker's part") {
  auto settings = defaultSettings();
  settings.forwardZonesRecurse = parseForwardZones(".=192.0.2.1:853;192.0.2.2", true).value();
  const auto sources = readZoneSources(settings);
  REQUIRE(sources);
  CHECK(sources->forwardZones.at(0).servers.at(0).scheme == Scheme::Tls);
  CHECK(sources->forwardZones.at(0).servers.at(0).unchecked);
  CHECK(sources->forwardZones.at(0).servers.at(1).scheme == Scheme::Udp);
  settings.forwardZones = parseForwardZones("a.example=192.0.2.1:853", false).value();
  const auto both = readZoneSources(settings);
  REQUIRE(both);
  CHECK(std::ranges::count(both->forwardZones, dns::Name::parse("a.example").value(), &ForwardZone::zone) == 1);
  for (const ForwardZone& zone : both->forwardZones) {
    CHECK((zone.servers.at(0).scheme == Scheme::Tls) == zone.recurse);
  }
}

TEST_CASE("servers that are not asked to recurse have no transport, but may have a name") {
  CHECK_FALSE(parseForwardZones("a.example=tls://192.0.2.1", false));
  CHECK(parseForwardZones("a.example=ns.example.net", false)->at(0).servers.at(0).host == "ns.example.net");
  CHECK(parseForwardZones("a.example=tls://192.0.2.1", true));
}

TEST_CASE("an upstream that is an address we listen on is refused") {
  auto settings = defaultSettings();
  settings.localAddress = {base::Address::parse("192.0.2.1", 53).value(),
                           base::Address::parse("0.0.0.0", 5300).value()};
  const auto refused = [&](const char* upstream) {
    settings.forwardZonesRecurse = parseForwardZones(std::string(".=") + upstream, true).value();
    const auto sources = readZoneSources(settings);
    return !sources && sources.error().message.find("is this resolver itself") != std::string::npos;
  };
  CHECK(refused("192.0.2.1"));
  CHECK(refused("tcp://192.0.2.1"));
  CHECK(refused("127.0.0.1:5300"));
  CHECK_FALSE(refused("192.0.2.1:5301"));
  CHECK_FALSE(refused("127.0.0.1"));
  CHECK_FALSE(refused("[::1]:5300")); // nobody listens there
}

TEST_CASE("auth zones name a zone and its file") {
  const auto zones = parseAuthZones("example.org=/etc/zones/org, example.net=net.zone");
  REQUIRE(zones);
  CHECK(zones->at(0).file == "/etc/zones/org");
  CHECK(zones->at(1).zone.text() == "example.net.");
  CHECK_FALSE(parseAuthZones("example.org"));
}

TEST_CASE("there are thirteen built-in root servers with an address of each kind") {
  const auto hints = builtInRootHints();
  REQUIRE(hints.size() == 13);
  for (const auto& server : hints) {
    REQUIRE(server.addresses.size() == 2);
    CHECK(server.addresses[0].isV4());
    CHECK(server.addresses[1].isV6());
  }
}

TEST_CASE("hint-file replaces the built-in root servers, and no means there are none") {
  const TempDir dir;
  auto settings = defaultSettings();
  CHECK(readRootHints(settings)->size() == 13);
  settings.hintFile = "no";
  CHECK(readRootHints(settings)->empty());
  settings.hintFile =
      dir.write("hints", ". 3600000 NS k.root.\nk.root. 3600000 A 192.0.2.1\nk.root. 3600000 AAAA 2001:db8::1\n");
  const auto hints = readRootHints(settings);
  REQUIRE(hints);
  REQUIRE(hints->size() == 1);
  CHECK(hints->at(0).addresses.size() == 2);
  settings.hintFile = dir.write("empty", "; nothing\n");
  CHECK_FALSE(readRootHints(settings));
  settings.hintFile = "/no/such/file";
  CHECK_FALSE(readRootHints(settings));
}

TEST_CASE("a forward-zones-file may be YAML") {
  const auto zones =
      parseYamlForwardZones("---\n# ours\n- zone: a.example\n  forwarders:\n  - 192.0.2.1\n"
                            "  - '[2001:db8::1]:5353' # two\n- zone: \"b.example\"\n  recurse: true\n"
                            "  notify_allowed: true\n  forwarders: [192.0.2.3, 'tls://192.0.2.4#dns.example']\n",
                            "file");
  REQUIRE(zones);
  REQUIRE(zones->size() == 2);
  CHECK(zones->at(0).zone.text() == "a.example.");
  CHECK(zones->at(0).servers.at(1).text() == "[2001:db8::1]:5353");
  CHECK_FALSE(zones->at(0).recurse);
  CHECK(zones->at(1).recurse);
  CHECK(zones->at(1).notifyAllowed);
  CHECK(zones->at(1).servers.at(1).authName == "dns.example");
  CHECK(parseYamlForwardZones("", "file")->empty());
}

TEST_CASE("signs that mean something in YAML mean nothing within a text") {
  const auto zones =
      parseYamlForwardZones("- zone: a.example\n  recurse: true\n  forwarders:\n"
                            "  - https://192.0.2.1/q|*>&x#dns.example\n"
                            "  - tls://192.0.2.2?pin=47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=&ca=one\n"
                            "- zone: b.example\n  forwarders: ['192.0.2.3', \"192.0.2.4\"]\n",
                            "file");
  INFO((zones ? "" : zones.error().message));
  REQUIRE(zones);
  CHECK(zones->at(0).servers.at(0).path == "/q|*>&x");
  CHECK(zones->at(0).servers.at(1).caFile == "one");
  CHECK(zones->at(1).servers.size() == 2);
}

TEST_CASE("YAML that is not a list of zones is refused with its line") {
  const auto refused = [](const char* text) {
    const auto zones = parseYamlForwardZones(text, "file");
    return zones ? std::string() : zones.error().message;
  };
  CHECK(refused("zones:\n- zone: a\n").starts_with("file:1: "));
  CHECK(refused("- zone: a\n  forwarders:\n  - 192.0.2.1\n  recurse: maybe\n").starts_with("file:4: "));
  CHECK(refused("- zone: a\n  nonsense: 1\n").starts_with("file:2: "));
  CHECK(refused("- zone: a\n  - 192.0.2.1\n").starts_with("file:2: "));
  CHECK(refused("- zone: a\n\tforwarders: [192.0.2.1]\n").starts_with("file:2: "));
  CHECK(refused("- zone: a\n").starts_with("file:1: "));
  CHECK(refused("- zone: a\n  recurse: true\n  recurse: true\n") == "file:3: recurse: is there twice");
  CHECK(refused("- zone: &a b\n").starts_with("file:1: anchors are not supported"));
  CHECK(refused("- zone: a\n  forwarders:\n  - *one\n").starts_with("file:3: "));
  CHECK(refused("- zone: a\n  forwarders: [https://192.0.2.1/q{?dns}]\n").starts_with("file:2: "));
  CHECK(refused("\n- forwarders: [192.0.2.1]\n").starts_with("file:2: "));
  CHECK(refused("- zone: a\n  forwarders: 192.0.2.1\n").starts_with("file:2: "));
  CHECK(refused("  - zone: a\n    forwarders: [192.0.2.1]\n- zone: b\n").starts_with("file:3: "));
}
