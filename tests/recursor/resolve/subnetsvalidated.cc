// Clients' networks and DNSSEC: each network's answers are validated, renewed and proven by themselves.
#include <catch2/catch.hpp>

#include "tests/recursor/resolve/signedworld.hh"
#include "tests/recursor/resolve/subnetbench.hh"

using namespace rec;
using namespace rectest;
using namespace std::chrono_literals;
using dns::RCode;
using dns::RRType;

TEST_CASE("each network's answer is validated by itself, and a bogus one is nobody else's failure") {
  SignedWorld world;
  world.options->subnets = subnetPolicy({"example.test"});
  world.internet.tailor(kServers, 24, [&](const base::Netmask& client, dns::Message& into) {
    if (into.answer.empty() || into.answer.front().type() != RRType::A) {
      return;
    }
    const bool bad = client.network.octets()[0] == std::byte{66};
    dns::RRset own = rrset("www.example.test. 300 IN A " + std::string(bad ? "192.0.2.66" : client.network.text()));
    into.answer = {bad ? forged(world.example->sign(own)) : world.example->sign(own)};
  });
  const auto ask = [&world](const char* client) {
    world.subnet = *base::Netmask::parse(client);
    return world.ask("www.example.test.");
  };
  CHECK(ask("10.1.2.0/24").outcome.security == Security::Secure);
  CHECK(ask("66.1.2.0/24").outcome.rcode == RCode::ServFail);
  world.internet.forget();
  const Result again = ask("66.1.2.0/24");
  CHECK(again.outcome.rcode == RCode::ServFail);
  CHECK(again.has(dns::EdeCode::DnssecBogus));
  CHECK(world.internet.asked().empty()); // remembered for that network
  const Result good = ask("10.1.2.0/24");
  CHECK(good.outcome.security == Security::Secure);
  CHECK(good.outcome.kind == AnswerKind::RecordCache);
  CHECK(world.internet.asked().empty());
  CHECK(ask("12.1.2.0/24").outcome.security == Security::Secure);
  const auto cd = world.begin(question("www.example.test."), Checking::None);
  world.drive();
  CHECK(cd->done);
}

TEST_CASE("what is about to expire for a network is renewed, when it was found secure too") {
  SignedWorld world;
  world.options->subnets = subnetPolicy({"example.test"});
  world.internet.tailor(kServers, 24, [](const base::Netmask&, dns::Message&) {});
  world.subnet = *base::Netmask::parse("10.1.2.0/24");
  CHECK(world.ask("www.example.test.").outcome.security == Security::Secure);
  world.pass(290s);
  world.renew = 10;
  world.ask("www.example.test.");
  world.renew = 0;
  world.pass(20s);
  world.internet.forget();
  const Result later = world.ask("www.example.test.");
  CHECK(later.outcome.kind == AnswerKind::RecordCache);
  CHECK(later.outcome.security == Security::Secure);
  CHECK(later.outcome.answer.front().ttl == 280);
}

TEST_CASE("the proof of one network's wildcard is kept when it holds, so that nobody spoils another's") {
  SignedWorld world;
  world.options->subnets = subnetPolicy({"example.test"});
  world.internet.tailor(kServers, 24, [](const base::Netmask& client, dns::Message& into) {
    if (client.network.octets()[0] == std::byte{66}) {
      for (dns::RRset& set : into.authority) {
        set = forged(set);
      }
    }
  });
  const auto ask = [&world](const char* client) {
    world.subnet = *base::Netmask::parse(client);
    return world.ask("a.wild.example.test.");
  };
  CHECK(ask("10.1.2.0/24").outcome.security == Security::Secure);
  CHECK(ask("66.1.2.0/24").outcome.rcode == RCode::ServFail);
  world.internet.forget();
  CHECK(ask("10.1.2.0/24").outcome.security == Security::Secure);
  CHECK(world.internet.asked().empty());
  const auto proofs = world.wildcards.find(name("a.wild.example.test."), RRType::A, world.clock.wall());
  REQUIRE(proofs);
  for (const dns::RRset& set : *proofs) {
    CHECK(sameSignatures(set, world.example->nsec(set.owner())));
  }
}
