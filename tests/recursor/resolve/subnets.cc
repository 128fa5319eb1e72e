// Answers for clients' networks: what is kept, for whom, and for how long.
#include <catch2/catch.hpp>

#include "tests/recursor/resolve/subnetbench.hh"

using namespace rec;
using namespace rectest;
using dns::RCode;
using dns::RRType;

TEST_CASE("an answer is kept for the network that it is for") {
  SubnetBench bench;
  bench.tailor(24);
  bench.ask("10.1.2.0/24");
  REQUIRE(bench.last.outcome.scope);
  CHECK(bench.last.outcome.scope->network.text() == "10.1.2.0/24");
  CHECK_FALSE(bench.last.outcome.cacheable);
  CHECK(bench.ask("10.1.3.0/24") == kOwner + "10.1.3.1\n");
  bench.internet.forget();
  CHECK(bench.ask("10.1.2.0/24") == kOwner + "10.1.2.1\n");
  CHECK(bench.last.outcome.kind == AnswerKind::RecordCache);
  CHECK(bench.last.outcome.scope->told == 24);
  CHECK(bench.ask("10.1.3.0/24") == kOwner + "10.1.3.1\n");
  CHECK(bench.asked() == 0);
  CHECK_FALSE(bench.records.find(name("www.example.com"), RRType::A, bench.clock.wall(), Rank::Additional));
}

TEST_CASE("a shorter scope serves all clients in it") {
  SubnetBench bench;
  bench.tailor(8);
  CHECK(bench.ask("10.1.2.0/24") == kOwner + "10.1.2.1\n");
  CHECK(bench.ask("10.200.0.0/24") == kOwner + "10.1.2.1\n");
  CHECK(bench.ask("11.1.2.0/24") == kOwner + "11.1.2.1\n");
}

TEST_CASE("scope 0, or no option at all, is for everybody") {
  SubnetBench bench;
  bench.tailor(0);
  CHECK(bench.ask("10.1.2.0/24") == kOwner + "10.1.2.1\n");
  CHECK_FALSE(bench.last.outcome.scope);
  CHECK(bench.last.outcome.cacheable);
  CHECK(bench.ask("11.1.2.0/24") == kOwner + "10.1.2.1\n");
  SubnetBench without;
  without.ask("10.1.2.0/24");
  without.internet.forget();
  CHECK(without.ask("11.1.2.0/24") == kOwner + "192.0.2.80\n");
  CHECK(without.asked() == 0);
}

TEST_CASE("what is for everybody is not kept as such while others get something else") {
  SubnetBench bench;
  bench.subnets.store(rrset("www.example.com. 60 IN A 192.0.2.99"), {*base::Netmask::parse("10.0.0.0/8"), 8, false},
                      Rank::AnswerAuth, Security::Indeterminate, bench.clock.wall());
  for (int i = 0; i < 2; ++i) { // asked for, then cached
    CHECK(bench.ask("11.1.2.0/24") == kOwner + "192.0.2.80\n");
    CHECK_FALSE(bench.last.outcome.cacheable); // by the packet cache, which knows no networks
  }
  CHECK(bench.ask("10.1.2.0/24") == kOwner + "192.0.2.99\n");
}

TEST_CASE("the answer of a server that was not told, this once, is for the client's network only") {
  SubnetBench bench;
  bench.internet.withhold("192.0.2.11");
  bench.internet.withhold("192.0.2.12");
  CHECK(bench.ask("10.1.2.0/24") == kOwner + "192.0.2.80\n");
  CHECK_FALSE(bench.last.outcome.cacheable);
  CHECK_FALSE(bench.records.find(name("www.example.com"), RRType::A, bench.clock.wall(), Rank::Additional));
  bench.internet.forget();
  CHECK(bench.ask("10.1.2.0/24") == kOwner + "192.0.2.80\n");
  CHECK(bench.asked() == 0);
  bench.ask("11.1.2.0/24");
  CHECK(bench.asked() == 1);
}

TEST_CASE("a scope longer than what was told goes for clients that say no more than that") {
  SubnetBench bench;
  bench.tailor(32);
  bench.ask("10.1.0.0/16");
  bench.internet.forget();
  bench.ask("10.1.0.0/16");
  CHECK(bench.asked() == 0);
  CHECK(bench.last.outcome.scope->told == 32);
  CHECK(bench.ask("10.1.2.0/24") == kOwner + "10.1.2.1\n");
  CHECK(bench.asked() == 1);
  bench.ask("10.1.2.0/24"); // the longest that is ever told: as good as it gets
  CHECK(bench.asked() == 1);
}

TEST_CASE("the links of an alias chain are each for whom they are for") {
  SubnetBench bench({"example.com"});
  bench.serveNet("shop.net. 300 IN CNAME www.example.com.\n");
  bench.tailor(16);
  CHECK(bench.ask("10.1.2.0/24", "shop.net") == "shop.net. CNAME www.example.com.\nwww.example.com. A 10.1.2.1\n");
  CHECK(bench.last.outcome.scope->network.text() == "10.1.0.0/16");
  bench.internet.forget();
  CHECK(bench.ask("11.1.2.0/24", "shop.net") == "shop.net. CNAME www.example.com.\nwww.example.com. A 11.1.2.1\n");
  CHECK(bench.asked() == 1);
}

TEST_CASE("an alias for one network leads its clients only") {
  SubnetBench bench;
  const auto lead = [](const base::Netmask& client, dns::Message& into) {
    const bool here = client.network.octets()[0] == std::byte{10};
    into.answer = {
        rrset(here ? "www.example.com. 60 IN CNAME a.b.c.example.com." : "www.example.com. 60 IN A 192.0.2.1")};
  };
  bench.internet.tailor(kServers, 8, [&](const base::Netmask& client, dns::Message& into) {
    if (!into.answer.empty() && into.answer.front().ownerIs(name("www.example.com"))) {
      lead(client, into);
    }
  });
  const std::string alias = "www.example.com. CNAME a.b.c.example.com.\na.b.c.example.com. A 192.0.2.81\n";
  CHECK(bench.ask("10.1.2.0/24") == alias);
  CHECK(bench.ask("11.1.2.0/24") == kOwner + "192.0.2.1\n");
  bench.internet.forget();
  CHECK(bench.ask("10.9.2.0/24") == alias);
  CHECK(bench.asked() == 0);
}

TEST_CASE("a denial for one network is not kept, one for everybody is") {
  SubnetBench bench;
  bench.tailor(24);
  bench.ask("10.1.2.0/24", "no.example.com");
  CHECK(bench.last.outcome.rcode == RCode::NXDomain);
  CHECK(bench.last.outcome.scope);
  bench.internet.forget();
  bench.ask("10.1.2.0/24", "no.example.com");
  CHECK(bench.asked() == 1);
  SubnetBench common;
  common.tailor(0);
  common.ask("10.1.2.0/24", "no.example.com");
  common.internet.forget();
  common.ask("11.1.2.0/24", "no.example.com");
  CHECK(common.asked() == 0);
}

TEST_CASE("what may not be kept is asked for each time") {
  SubnetBench bench;
  bench.options->subnets = subnetPolicy({"example.com"}, [](Settings& s) { s.ecsIpv4NeverCache = true; });
  bench.tailor(24);
  bench.ask("10.1.2.0/24");
  bench.internet.forget();
  CHECK(bench.ask("10.1.2.0/24") == kOwner + "10.1.2.1\n");
  CHECK(bench.asked() == 1);
}

TEST_CASE("one network's answers live at least as long as ecs-minimum-ttl-override says") {
  SubnetBench bench;
  bench.options->minSubnetTtl = 30;
  bench.tailor(24);
  bench.ask("10.1.2.0/24", "zero.example.com");
  CHECK(bench.last.outcome.answer.front().ttl == 30);
}
