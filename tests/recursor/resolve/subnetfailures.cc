// Clients' networks: what fails for one network is nobody else's failure.
#include <catch2/catch.hpp>

#include "tests/recursor/resolve/subnetbench.hh"

using namespace rec;
using namespace rectest;
using dns::RCode;
using dns::RRType;

TEST_CASE("a failure remembered for everybody is not kept as such while some network has an answer") {
  SubnetBench bench;
  bench.subnets.store(rrset("www.example.com. 60 IN A 192.0.2.99"), {*base::Netmask::parse("10.0.0.0/8"), 8, false},
                      Rank::AnswerAuth, Security::Indeterminate, bench.clock.wall());
  bench.failures.store(name("www.example.com"), RRType::A, {}, bench.clock.wall());
  bench.ask("11.1.2.0/24");
  CHECK(bench.last.outcome.kind == AnswerKind::CachedFailure);
  CHECK_FALSE(bench.last.outcome.cacheable);
  CHECK(bench.ask("10.1.2.0/24") == kOwner + "192.0.2.99\n");
}

TEST_CASE("what fails for one network is nobody else's failure") {
  SubnetBench bench;
  bench.tailor(24);
  bench.failFor66();
  bench.ask("66.1.2.0/24");
  CHECK(bench.last.outcome.rcode == RCode::ServFail);
  CHECK(bench.last.outcome.scope);
  CHECK_FALSE(bench.last.outcome.cacheable);
  CHECK(bench.failures.entries() == 0);
  CHECK(bench.ask("10.1.2.0/24") == kOwner + "10.1.2.1\n");
}

TEST_CASE("silence to one network is nobody else's failure") {
  for (const bool forwarded : {false, true}) {
    SubnetBench bench;
    Upstreams upstreams;
    if (forwarded) {
      ForwardRule rule;
      rule.recurse = true;
      rule.upstreams.push_back(upstreams.get(Endpoint::parse("192.0.2.53").value()));
      bench.options->forwards.add(rule);
    }
    bench.internet.silence(forwarded ? "192.0.2.53" : "192.0.2.11");
    bench.internet.silence("192.0.2.12");
    bench.ask("10.1.2.0/24");
    CHECK(bench.last.outcome.rcode == RCode::ServFail);
    CHECK(bench.failures.entries() == 0);
  }
}

TEST_CASE("what fails although no server was told is everybody's failure") {
  for (const bool silent : {true, false}) {
    SubnetBench bench;
    for (const char* server : {"192.0.2.11", "192.0.2.12"}) {
      bench.internet.withhold(server);
      if (silent) {
        bench.internet.silence(server);
      } else {
        bench.internet.answerWith(server, RCode::ServFail);
      }
    }
    bench.ask("10.1.2.0/24");
    CHECK(bench.last.outcome.rcode == RCode::ServFail);
    CHECK(bench.failures.entries() == 1);
    bench.internet.forget();
    bench.ask("11.1.2.0/24");
    CHECK(bench.asked() == 0);
  }
}

TEST_CASE("aliases that lead one network in a circle are nobody else's failure") {
  SubnetBench bench;
  bench.internet.tailor(kServers, 8, [](const base::Netmask& client, dns::Message& into) {
    if (client.network.octets()[0] == std::byte{66} && !into.answer.empty() &&
        into.answer.front().ownerIs(name("www.example.com"))) {
      into.answer = {rrset("www.example.com. 60 IN CNAME www.example.com.")};
    }
  });
  bench.ask("66.1.2.0/24");
  CHECK(bench.last.outcome.rcode == RCode::ServFail);
  CHECK(bench.failures.entries() == 0);
  CHECK(bench.ask("10.1.2.0/24") == kOwner + "192.0.2.80\n");
}
