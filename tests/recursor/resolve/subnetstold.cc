// Clients' networks: which servers are told, and for which questions.
#include <catch2/catch.hpp>

#include "tests/recursor/resolve/subnetbench.hh"

using namespace rec;
using namespace rectest;
using namespace std::chrono_literals;
using dns::RCode;
using dns::RRType;

TEST_CASE("only the servers of a listed domain are told, with the question itself only") {
  SubnetBench bench;
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
  SubnetBench bench;
  bench.options->minimise.enabled = false;
  bench.tailor(24);
  bench.ask("10.1.2.0/24");
  CHECK(bench.asked() >= 3);
  CHECK(bench.told() == Strings{"www.example.com. A 10.1.2.0/24"});
}

TEST_CASE("a server is told when its address is listed, whatever the name") {
  SubnetBench bench({"192.0.2.11", "192.0.2.12"});
  bench.tailor(24);
  bench.ask("10.1.2.0/24");
  CHECK(bench.told() == Strings{"www.example.com. A 10.1.2.0/24"});
}

TEST_CASE("keys, delegations and zones are asked for nobody in particular") {
  SubnetBench bench;
  bench.tailor(24);
  for (const RRType type : {RRType::DS, RRType::DNSKEY, RRType::NS, RRType::SOA}) {
    bench.ask("10.1.2.0/24", "example.com", type);
  }
  CHECK(bench.told().empty());
}

TEST_CASE("addresses of name servers are looked up for nobody in particular, and so answer no client") {
  SubnetBench bench;
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

TEST_CASE("an upstream that is asked for a zone is not told, so that the aliases it answers are no client's") {
  SubnetBench bench;
  bench.forward("ra\nanswer\nshop.example.com. 300 IN CNAME example.com.\n"
                "example.com. 300 IN NS ns1.example.com.");
  bench.ask("10.1.2.0/24", "shop.example.com", RRType::NS);
  CHECK(bench.last.outcome.rcode == RCode::NoError);
  const auto now = bench.clock.wall();
  CHECK_FALSE(bench.records.find(name("shop.example.com"), RRType::CNAME, now, Rank::AnswerNonAuth));
}

TEST_CASE("upstream resolvers are told, too, and what they answer is kept for whom it is for") {
  SubnetBench bench;
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
  SubnetBench bench;
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
