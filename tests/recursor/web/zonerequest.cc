// Zones that clients send.
#include "recursor/web/zonerequest.hh"

#include <catch2/catch.hpp>

using namespace rec;

TEST_CASE("a forwarded zone becomes a line of recursor.conf") {
  const auto zone = parseZoneRequest(R"({"name": "x.example", "kind": "Forwarded", "recursion_desired": true,
                                         "servers": ["192.0.2.1", "[2001:db8::1]:5353", "tls://192.0.2.2"]})");
  REQUIRE(zone);
  CHECK(settingsText(*zone, "").find(
            "\nforward-zones-recurse+=x.example.=192.0.2.1:53;[2001:db8::1]:5353;tls://192.0.2.2\n") !=
        std::string::npos);
}

TEST_CASE("authoritative servers are asked without recursion; NOTIFYs can be allowed") {
  const auto zone = parseZoneRequest(
      R"({"name": ".", "kind": "FORWARDED", "recursion_desired": false, "notify_allowed": true, "servers": ["192.0.2.1:54"]})");
  REQUIRE(zone);
  CHECK(settingsText(*zone, "").find("\nforward-zones+=.=192.0.2.1:54\nallow-notify-for+=.\n") != std::string::npos);
}

TEST_CASE("a native zone has a file, and perhaps one address for all names") {
  auto zone = parseZoneRequest(R"({"name": "x.example.", "kind": "Native", "single_target_ip": "192.0.2.9"})");
  REQUIRE(zone);
  CHECK(settingsText(*zone, "/dir/zone-x").find("\nauth-zones+=x.example.=/dir/zone-x\n") != std::string::npos);
  CHECK(zoneFileText(*zone).find("*.x.example.\t3600\tIN\tA\t192.0.2.9\n") != std::string::npos);
  zone = parseZoneRequest(R"({"name": "x.example.", "kind": "Native"})");
  CHECK(zoneFileText(*zone).find("\tA\t") == std::string::npos);
}

TEST_CASE("what would not be a zone, or would be more than one line, is refused") {
  for (const char* bad :
       {"",
        "[]",
        "{}",
        R"({"name": "x."})",
        R"({"name": "x.", "kind": "Slave"})",
        R"({"name": 1, "kind": "Native"})",
        R"({"name": "", "kind": "Native"})",
        R"({"name": "a=b.example.", "kind": "Native"})",
        R"({"name": "a,b.example.", "kind": "Native"})",
        R"({"name": "x.", "kind": "Forwarded"})",
        R"({"name": "x.", "kind": "Forwarded", "servers": []})",
        R"({"name": "x.", "kind": "Forwarded", "servers": [1]})",
        R"({"name": "x.", "kind": "Forwarded", "servers": ["nonsense"]})",
        R"({"name": "x.", "kind": "Forwarded", "servers": ["192.0.2.1\nlocal-port=1"]})",
        R"({"name": "x.", "kind": "Forwarded", "servers": ["192.0.2.1;192.0.2.2"]})",
        R"({"name": "x.", "kind": "Forwarded", "servers": ["tls://192.0.2.1"]})",
        R"({"name": "x.", "kind": "Forwarded", "servers": ["192.0.2.1"], "recursion_desired": "yes"})",
        R"({"name": "x.", "kind": "Native", "recursion_desired": true})",
        R"({"name": "x.", "kind": "Native", "single_target_ip": "::1"})",
        R"({"name": "x.", "kind": "Native", "single_target_ip": 5})"}) {
    CAPTURE(bad);
    CHECK_FALSE(parseZoneRequest(bad));
  }
}
