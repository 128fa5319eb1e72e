// Delegations from NS sets and glue: bailiwick and bounds.
#include "recursor/resolve/referral.hh"

#include "tests/recursor/resolve/messages.hh"

using namespace rec;
using namespace rectest;

namespace {

Verdict referral(const char* text, const char* zone, const VerdictOptions& options = {}) {
  const dns::Message answer = message(text);
  return makeReferral(answer, answer.authority.front(), name(zone), options);
}

} // namespace

TEST_CASE("glue counts within the zone that refers, and not outside of it") {
  const char* text = R"(
    authority
      example.com. 300 IN NS ns1.example.com.
      example.com. 300 IN NS ns.sister.com.
      example.com. 300 IN NS ns.example.net.
    additional
      ns1.example.com. 300 IN A 192.0.2.1
      ns.sister.com. 300 IN A 192.0.2.2
      ns.example.net. 300 IN A 192.0.2.66)";
  const auto fromCom = referral(text, "com");
  REQUIRE(fromCom.referral.servers.size() == 3);
  CHECK(fromCom.referral.servers[0].glue == std::vector{address("192.0.2.1")});
  CHECK(fromCom.referral.servers[1].glue == std::vector{address("192.0.2.2")});
  CHECK(fromCom.referral.servers[2].glue.empty());
  const auto fromRoot = referral(text, ".");
  CHECK(fromRoot.referral.servers[2].glue.size() == 1);
}

TEST_CASE("additional records of names that are no name servers are ignored") {
  const auto verdict = referral(R"(
    authority
      example.com. 300 IN NS ns1.example.com.
    additional
      www.bank.com. 1 IN A 192.0.2.66)",
                                "com");
  REQUIRE(verdict.referral.servers.size() == 1);
  CHECK(verdict.referral.servers[0].glue.empty());
  CHECK(verdict.ttl == 300);
}

TEST_CASE("the TTL of a delegation is the lowest of its NS set and the glue that is used") {
  const auto verdict = referral(R"(
    authority
      example.com. 300 IN NS ns1.example.com.
      example.com. 300 IN NS ns.example.net.
    additional
      ns1.example.com. 200 IN A 192.0.2.1
      ns.example.net. 10 IN A 192.0.2.66)",
                                "com");
  CHECK(verdict.ttl == 200);
}

TEST_CASE("more name servers than max-ns-per-resolve are left out") {
  std::string text = " \nauthority\n";
  for (int i = 0; i < 40; ++i) {
    text += "example.com. 300 IN NS ns" + std::to_string(i) + ".example.com.\n";
  }
  VerdictOptions options;
  options.maxNameservers = 5;
  const auto verdict = referral(text.c_str(), "com", options);
  CHECK(verdict.referral.servers.size() == 5);
}

TEST_CASE("more glue for a server than allowed is left out") {
  std::string text = " \nauthority\nexample.com. 300 IN NS ns.example.com.\nadditional\n";
  for (int i = 1; i < 40; ++i) {
    text += "ns.example.com. 300 IN A 192.0.2." + std::to_string(i) + "\n";
  }
  const auto verdict = referral(text.c_str(), "com");
  REQUIRE(verdict.referral.servers.size() == 1);
  CHECK(verdict.referral.servers[0].glue.size() == VerdictOptions().maxGluePerServer);
}
