// Questions for clients' networks: who is told, what is kept for whom, and what is nobody's in particular.
#include <catch2/catch.hpp>

#include "recursor/cache/key.hh"
#include "tests/recursor/resolve/signedworld.hh"
#include "tests/recursor/resolve/smallinternet.hh"

using namespace rec;
using namespace rectest;
using namespace std::chrono_literals;
using dns::RCode;
using dns::RRType;

namespace {

constexpr auto kServers = "192.0.2.11 192.0.2.12";

SubnetPolicy policy(std::vector<std::string> list, const std::function<void(Settings&)>& change = {}) {
  Settings settings = defaultSettings();
  settings.ednsSubnetAllowList = std::move(list);
  if (change) {
    change(settings);
  }
  return SubnetPolicy(settings);
}

// Each address of the answer is the network's: 10.1.2.0/24 is told 10.1.2.1.
void localise(const base::Netmask& client, dns::Message& into) {
  for (dns::RRset& set : into.answer) {
    if (set.type() == RRType::A) {
      auto octets = client.network.octets();
      std::vector<std::byte> own(octets.begin(), octets.begin() + 4);
      own[3] |= std::byte{1};
      dns::RRsetBuilder builder(set.owner(), RRType::A, dns::RRClass::IN, set.ttl());
      builder.add(own);
      set = builder.build();
    }
  }
}

struct Bench : SmallInternet {
  explicit Bench(std::vector<std::string> list = {"example.com"}) { options->subnets = policy(std::move(list)); }
  std::string ask(const char* client, std::string_view name = "www.example.com", RRType type = RRType::A) {
    subnet = *base::Netmask::parse(client);
    last = resolve(question(name, type));
    return last.answer();
  }
  // Servers of example.com have nothing but SERVFAIL for clients in 66.0.0.0/8.
  void failFor66() {
    for (const char* server : {"192.0.2.11", "192.0.2.12"}) {
      internet.rewrite(server, [](const ServerQuestion& asked, dns::Message& into) {
        if (asked.subnet && asked.subnet->network.octets()[0] == std::byte{66}) {
          into.header.rcode = RCode::ServFail;
          into.answer.clear();
        }
      });
    }
  }
  // Everything goes to 192.0.2.53, which answers so.
  void forward(const std::string& answer) {
    ForwardRule rule;
    rule.recurse = true;
    rule.upstreams.push_back(upstreams.get(Endpoint::parse("192.0.2.53").value()));
    options->forwards.add(rule);
    internet.answerWith("192.0.2.53", answer);
  }
  void tailor(std::uint8_t scope) { internet.tailor(kServers, scope, localise); }
  // Of questions that came with a network: "192.0.2.11 www.example.com. A 10.1.2.0/24".
  [[nodiscard]] Strings told() const {
    Strings found;
    for (const auto& asked : internet.asked()) {
      if (asked.subnet) {
        found.push_back(asked.question.name.text() + " " + dns::text(asked.question.type) + " " + asked.subnet->text());
      }
    }
    return found;
  }
  [[nodiscard]] std::size_t asked() const { return internet.asked().size(); }
  Upstreams upstreams;
  Result last;
};

const std::string kOwner = "www.example.com. A ";

} // namespace

TEST_CASE("only the servers of a listed domain are told, with the question itself only") {
  Bench bench;
  bench.tailor(24);
  CHECK(bench.ask("10.1.2.0/24") == kOwner + "10.1.2.1\n");
  CHECK(bench.told() == Strings{"www.example.com. A 10.1.2.0/24"});
  CHECK(bench.asked() > 1);
  bench.internet.forget();
  bench.ask("10.1.2.0/24", "a.b.c.example.com"); // by way of c.example.com and b.c.example.com
  CHECK(bench.asked() == 3);
  CHECK(bench.told() == Strings{"a.b.c.example.com. A 10.1.2.0/24"});
}

TEST_CASE("the root and top-level domains are not told even when they are asked in full") {
  Bench bench;
  bench.options->minimise.enabled = false;
  bench.tailor(24);
  bench.ask("10.1.2.0/24");
  CHECK(bench.asked() >= 3);
  CHECK(bench.told() == Strings{"www.example.com. A 10.1.2.0/24"});
}

TEST_CASE("a server is told when its address is listed, whatever the name") {
  Bench bench({"192.0.2.11", "192.0.2.12"});
  bench.tailor(24);
  bench.ask("10.1.2.0/24");
  CHECK(bench.told() == Strings{"www.example.com. A 10.1.2.0/24"});
}

TEST_CASE("keys, delegations and zones are asked for nobody in particular") {
  Bench bench;
  bench.tailor(24);
  for (const RRType type : {RRType::DS, RRType::DNSKEY, RRType::NS, RRType::SOA}) {
    bench.ask("10.1.2.0/24", "example.com", type);
  }
  CHECK(bench.told().empty());
}

TEST_CASE("addresses of name servers are looked up for nobody in particular, and so answer no client") {
  Bench bench;
  bench.serveNet("far.net. 900 IN NS ns9.example.com.\n");
  bench.internet.serve("192.0.2.99", "far.net. 900 IN SOA a.far.net. h.far.net. 1 2 3 4 60\n"
                                     "www.far.net. 60 IN A 192.0.2.70\n");
  const auto ns9 = [](const ServerQuestion& asked, dns::Message& into) {
    if (asked.question.name == name("ns9.example.com") && asked.question.type == RRType::A) {
      into.header.rcode = RCode::NoError;
      into.header.aa = true;
      into.authority.clear();
      into.answer = {rrset("ns9.example.com. 300 IN A 192.0.2.99")};
    }
  };
  bench.internet.rewrite("192.0.2.11", ns9);
  bench.internet.rewrite("192.0.2.12", ns9);
  bench.tailor(24);
  CHECK(bench.ask("10.1.2.0/24", "www.far.net") == "www.far.net. A 192.0.2.70\n");
  CHECK(bench.told().empty());
  CHECK(bench.ask("10.1.2.0/24", "ns9.example.com") == "ns9.example.com. A 10.1.2.1\n");
  bench.internet.forget();
  bench.clock.advance(60s);
  CHECK(bench.ask("10.1.2.0/24", "www.far.net") == "www.far.net. A 192.0.2.70\n"); // its address is known still
  CHECK(bench.internet.count("ns9.example.com") == 0);
}

TEST_CASE("an answer is kept for the network that it is for") {
  Bench bench;
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
  Bench bench;
  bench.tailor(8);
  CHECK(bench.ask("10.1.2.0/24") == kOwner + "10.1.2.1\n");
  CHECK(bench.ask("10.200.0.0/24") == kOwner + "10.1.2.1\n");
  CHECK(bench.ask("11.1.2.0/24") == kOwner + "11.1.2.1\n");
}

TEST_CASE("scope 0, or no option at all, is for everybody") {
  Bench bench;
  bench.tailor(0);
  CHECK(bench.ask("10.1.2.0/24") == kOwner + "10.1.2.1\n");
  CHECK_FALSE(bench.last.outcome.scope);
  CHECK(bench.last.outcome.cacheable);
  CHECK(bench.ask("11.1.2.0/24") == kOwner + "10.1.2.1\n");
  Bench without;
  without.ask("10.1.2.0/24");
  without.internet.forget();
  CHECK(without.ask("11.1.2.0/24") == kOwner + "192.0.2.80\n");
  CHECK(without.asked() == 0);
}

TEST_CASE("what is for everybody is not kept as such while others get something else") {
  Bench bench;
  bench.subnets.store(rrset("www.example.com. 60 IN A 192.0.2.99"), {*base::Netmask::parse("10.0.0.0/8"), 8, false},
                      Rank::AnswerAuth, Security::Indeterminate, bench.clock.wall());
  for (int i = 0; i < 2; ++i) { // asked for, then cached
    CHECK(bench.ask("11.1.2.0/24") == kOwner + "192.0.2.80\n");
    CHECK_FALSE(bench.last.outcome.cacheable); // by the packet cache, which knows no networks
  }
  CHECK(bench.ask("10.1.2.0/24") == kOwner + "192.0.2.99\n");
}

TEST_CASE("a failure remembered for everybody is not kept as such while some network has an answer") {
  Bench bench;
  bench.subnets.store(rrset("www.example.com. 60 IN A 192.0.2.99"), {*base::Netmask::parse("10.0.0.0/8"), 8, false},
                      Rank::AnswerAuth, Security::Indeterminate, bench.clock.wall());
  bench.failures.store(name("www.example.com"), RRType::A, {}, bench.clock.wall());
  bench.ask("11.1.2.0/24");
  CHECK(bench.last.outcome.kind == AnswerKind::CachedFailure);
  CHECK_FALSE(bench.last.outcome.cacheable);
  CHECK(bench.ask("10.1.2.0/24") == kOwner + "192.0.2.99\n");
}

TEST_CASE("what fails for one network is nobody else's failure") {
  Bench bench;
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
    Bench bench;
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
    Bench bench;
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

TEST_CASE("the answer of a server that was not told, this once, is for the client's network only") {
  Bench bench;
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

TEST_CASE("aliases that lead one network in a circle are nobody else's failure") {
  Bench bench;
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

TEST_CASE("an upstream that is asked for a zone is not told, so that the aliases it answers are no client's") {
  Bench bench;
  bench.forward("ra\nanswer\nshop.example.com. 300 IN CNAME example.com.\n"
                "example.com. 300 IN NS ns1.example.com.");
  bench.ask("10.1.2.0/24", "shop.example.com", RRType::NS);
  CHECK(bench.last.outcome.rcode == RCode::NoError);
  const auto now = bench.clock.wall();
  CHECK_FALSE(bench.records.find(name("shop.example.com"), RRType::CNAME, now, Rank::AnswerNonAuth));
}

TEST_CASE("a scope longer than what was told goes for clients that say no more than that") {
  Bench bench;
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
  Bench bench({"example.com"});
  bench.serveNet("shop.net. 300 IN CNAME www.example.com.\n");
  bench.tailor(16);
  CHECK(bench.ask("10.1.2.0/24", "shop.net") == "shop.net. CNAME www.example.com.\nwww.example.com. A 10.1.2.1\n");
  CHECK(bench.last.outcome.scope->network.text() == "10.1.0.0/16");
  bench.internet.forget();
  CHECK(bench.ask("11.1.2.0/24", "shop.net") == "shop.net. CNAME www.example.com.\nwww.example.com. A 11.1.2.1\n");
  CHECK(bench.asked() == 1);
}

TEST_CASE("an alias for one network leads its clients only") {
  Bench bench;
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
  Bench bench;
  bench.tailor(24);
  bench.ask("10.1.2.0/24", "no.example.com");
  CHECK(bench.last.outcome.rcode == RCode::NXDomain);
  CHECK(bench.last.outcome.scope);
  bench.internet.forget();
  bench.ask("10.1.2.0/24", "no.example.com");
  CHECK(bench.asked() == 1);
  Bench common;
  common.tailor(0);
  common.ask("10.1.2.0/24", "no.example.com");
  common.internet.forget();
  common.ask("11.1.2.0/24", "no.example.com");
  CHECK(common.asked() == 0);
}

TEST_CASE("what may not be kept is asked for each time") {
  Bench bench;
  bench.options->subnets = policy({"example.com"}, [](Settings& s) { s.ecsIpv4NeverCache = true; });
  bench.tailor(24);
  bench.ask("10.1.2.0/24");
  bench.internet.forget();
  CHECK(bench.ask("10.1.2.0/24") == kOwner + "10.1.2.1\n");
  CHECK(bench.asked() == 1);
}

TEST_CASE("one network's answers live at least as long as ecs-minimum-ttl-override says") {
  Bench bench;
  bench.options->minSubnetTtl = 30;
  bench.tailor(24);
  bench.ask("10.1.2.0/24", "zero.example.com");
  CHECK(bench.last.outcome.answer.front().ttl == 30);
}

TEST_CASE("upstream resolvers are told, too, and what they answer is kept for whom it is for") {
  Bench bench;
  bench.forward("ra\nanswer\nshop.example.com. 300 IN CNAME www.example.com.\n"
                "www.example.com. 300 IN A 192.0.2.80");
  bench.internet.tailor("192.0.2.53", 24, localise);
  const std::string chain = "shop.example.com. CNAME www.example.com.\nwww.example.com. A ";
  CHECK(bench.ask("10.1.2.0/24", "shop.example.com") == chain + "10.1.2.1\n");
  CHECK(bench.told() == Strings{"shop.example.com. A 10.1.2.0/24"});
  CHECK(bench.ask("10.1.3.0/24", "shop.example.com") == chain + "10.1.3.1\n");
  bench.internet.forget();
  CHECK(bench.ask("10.1.2.0/24", "shop.example.com") == chain + "10.1.2.1\n");
  CHECK(bench.asked() == 0);
}

TEST_CASE("the trace tells who was told what, and for whom the answer is") {
  Bench bench;
  bench.tailor(16);
  bench.trace = std::make_shared<Trace>(bench.clock.mono());
  bench.ask("10.1.2.0/24");
  bench.ask("10.1.2.0/24");
  std::string text;
  for (const std::string& line : bench.trace->describe()) {
    text += line + "\n";
  }
  CHECK(text.find("(example.com.) for www.example.com. A for 10.1.2.0/24") != std::string::npos);
  CHECK(text.find("answers www.example.com. A for 10.1.0.0/16 (scope 16)") != std::string::npos);
  CHECK(text.find("in the cache: www.example.com. A for 10.1.0.0/16") != std::string::npos);
}

TEST_CASE("each network's answer is validated by itself, and a bogus one is nobody else's failure") {
  SignedWorld world;
  world.options->subnets = policy({"example.test"});
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
  world.options->subnets = policy({"example.test"});
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
  world.options->subnets = policy({"example.test"});
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
