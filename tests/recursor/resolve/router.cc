// Whose failure is whose, what caches answer, aliases over several look-ups.
#include "recursor/resolve/router.hh"

#include "tests/recursor/resolve/smallinternet.hh"

using namespace rec;
using namespace rectest;
using namespace std::chrono_literals;
using dns::RCode;
using dns::RRType;

namespace {

using Bench = SmallInternet;

} // namespace

TEST_CASE("records and denials are answered from the caches until they expire") {
  Bench bench;
  bench.resolve(question("www.example.com"));
  bench.resolve(question("no.example.com"));
  bench.resolve(question("www.example.com", RRType::MX));
  bench.internet.forget();
  CHECK(bench.resolve(question("www.example.com")).outcome.kind == AnswerKind::RecordCache);
  CHECK(bench.resolve(question("no.example.com", RRType::TXT)).outcome.rcode == RCode::NXDomain);
  CHECK(bench.resolve(question("www.example.com", RRType::MX)).outcome.answer.empty());
  CHECK(bench.internet.asked().empty());
  bench.clock.advance(61s);
  CHECK(bench.resolve(question("no.example.com")).outcome.authority.size() == 1);
  CHECK(bench.askedOfExample() == Strings{"no.example.com. A"});
}

TEST_CASE("the router tells when the caches have nothing at all of a question") {
  Bench bench;
  Request request;
  request.question = question("alias.example.com");
  CHECK_FALSE(bench.router.fromCache(request));
  CHECK(bench.router.foundNothing());
  bench.resolve(question("alias.example.com"));
  CHECK(bench.router.fromCache(request));
  CHECK_FALSE(bench.router.foundNothing());
  bench.records.wipe(name("www.example.com"), false);
  CHECK_FALSE(bench.router.fromCache(request)); // an alias to what is not known
  CHECK_FALSE(bench.router.foundNothing());
}

TEST_CASE("what the caches had nothing of is asked for without another look, its alias's target with one") {
  Bench bench;
  bench.resolve(question("www.example.com"));
  bench.resolve(question("alias.example.com"));
  bench.internet.forget();
  bench.missed = true;
  CHECK(bench.resolve(question("alias.example.com")).outcome.rcode == RCode::NoError);
  CHECK(bench.askedOfExample() == Strings{"alias.example.com. A"});
}

TEST_CASE("aliases are followed by asking for their targets, and the answer tells the chain") {
  Bench bench;
  CHECK(bench.resolve(question("alias.example.com")).answer() ==
        "alias.example.com. CNAME www.example.com.\nwww.example.com. A 192.0.2.80\n");
  const Result gone = bench.resolve(question("gone.example.com"));
  CHECK(gone.outcome.rcode == RCode::NXDomain);
  CHECK(gone.answer() == "gone.example.com. CNAME no.example.com.\n");
}

TEST_CASE("a CNAME that leads to itself is SERVFAIL, also from the cache") {
  Bench bench;
  for (int i = 0; i < 2; ++i) {
    const Result result = bench.resolve(question("self.example.com"));
    CHECK(result.outcome.rcode == RCode::ServFail);
    CHECK(result.why().find("alias loop at self.example.com.") != std::string::npos);
  }
}

TEST_CASE("a DNAME is asked once and then made use of for other names") {
  Bench bench;
  CHECK(bench.resolve(question("www.old.example.com")).answer() ==
        "old.example.com. DNAME example.com.\nwww.old.example.com. CNAME www.example.com.\n"
        "www.example.com. A 192.0.2.80\n");
  bench.internet.forget();
  CHECK(bench.resolve(question("alias.old.example.com")).outcome.rcode == RCode::NoError);
  CHECK(bench.askedOfExample() == Strings{"alias.example.com. A"});
}

TEST_CASE("what a server adds behind an alias into another zone is not believed") {
  Bench bench;
  bench.serveNet("bank.net. 900 IN A 192.0.2.90\n");
  for (const char* server : {"192.0.2.11", "192.0.2.12"}) {
    bench.internet.answerWith(server, R"(aa
      answer
        www.example.com. 300 IN CNAME bank.net.
        bank.net. 300 IN A 192.0.2.66)");
  }
  CHECK(bench.resolve(question("www.example.com")).answer() ==
        "www.example.com. CNAME bank.net.\nbank.net. A 192.0.2.90\n");
}

TEST_CASE("TTL 0 answers are given and asked for again a second later") {
  Bench bench;
  CHECK(bench.resolve(question("zero.example.com")).answer() == "zero.example.com. A 192.0.2.82\n");
  bench.clock.advance(2s);
  bench.internet.forget();
  bench.resolve(question("zero.example.com"));
  CHECK(bench.askedOfExample() == Strings{"zero.example.com. A"});
}

TEST_CASE("ANY answers fill no cache") {
  Bench bench;
  CHECK(bench.resolve(question("www.example.com", RRType::ANY)).outcome.rcode == RCode::NoError);
  bench.internet.forget();
  bench.resolve(question("www.example.com"));
  CHECK(bench.askedOfExample() == Strings{"www.example.com. A"});
}

TEST_CASE("the limits spent on an alias do not make a failure of its target") {
  Bench bench;
  bench.options->limits.maxQueries = 4;
  bench.serveNet("bank.net. 900 IN A 192.0.2.90\n");
  for (const char* server : {"192.0.2.11", "192.0.2.12"}) {
    bench.internet.answerWith(server, "aa\nanswer\nevil.example.com. 300 IN CNAME bank.net.");
  }
  CHECK(bench.resolve(question("evil.example.com")).outcome.rcode == RCode::ServFail);
  CHECK(bench.resolve(question("bank.net")).outcome.rcode == RCode::NoError);
}

TEST_CASE("a name server that could not be found because it was waited for is not remembered as failed") {
  Bench bench;
  // one.com. needs ns.two.net., which needs ns.one.com., which one.com.'s other server knows.
  bench.internet.rewrite("192.0.2.2", [](const ServerQuestion& asked, dns::Message& answer) {
    const bool isOne = asked.question.name.isWithin(name("one.com"));
    answer = isOne ? message("\nauthority\none.com. 900 IN NS ns.two.net.\none.com. 900 IN NS ns.three.net.") : answer;
  });
  bench.serveNet("two.net. 900 IN NS ns.one.com.\nns.three.net. 900 IN A 192.0.2.15\n");
  bench.internet.serve("192.0.2.15", "one.com. 900 IN SOA ns.one.com. h.one.com. 1 2 3 4 60\n"
                                     "ns.one.com. 900 IN A 192.0.2.16\nwww.one.com. 900 IN A 192.0.2.17\n");
  bench.internet.serve("192.0.2.16", "two.net. 900 IN SOA ns.one.com. h.one.com. 1 2 3 4 60\n"
                                     "ns.two.net. 900 IN A 192.0.2.15\n");
  for (int i = 0; i < 12; ++i) { // the order of the servers is random
    CHECK(bench.resolve(question("ns.one.com")).outcome.rcode == RCode::NoError);
    CHECK(bench.resolve(question("ns.two.net")).outcome.rcode == RCode::NoError);
    CHECK(bench.failures.entries() == 0);
    bench.clock.advance(1000s);
  }
}

TEST_CASE("the trace tells the walk") {
  Bench bench;
  bench.trace = std::make_shared<Trace>(bench.clock.mono());
  bench.resolve(question("www.example.com"));
  std::string told;
  for (const std::string& line : bench.trace->describe()) {
    told += line + "\n";
  }
  CHECK(told.find("wanted: www.example.com. A") != std::string::npos);
  CHECK(told.find(" answers www.example.com. A\n") != std::string::npos);
  CHECK(told.find("asking 192.0.2.2 (com.) for example.com. A") != std::string::npos);
}

TEST_CASE("a renewal asks for what is about to expire and for nothing else, and the answer lives on") {
  Bench bench;
  bench.resolve(question("www.example.com"));
  bench.clock.advance(100s);
  bench.resolve(question("alias.example.com"));
  bench.clock.advance(175s);
  bench.internet.forget();
  bench.renew = 10;
  const Result renewed = bench.resolve(question("alias.example.com"));
  CHECK(bench.askedOfExample() == Strings{"www.example.com. A"});
  CHECK(renewed.outcome.answer.back().ttl == 300);
  bench.renew = 0;
  bench.clock.advance(100s);
  bench.internet.forget();
  CHECK(bench.resolve(question("www.example.com")).outcome.kind == AnswerKind::RecordCache);
  CHECK(bench.internet.asked().empty());
}

TEST_CASE("a denial is renewed, too, and a locked set does not lock out its own renewal") {
  Bench bench;
  bench.resolve(question("no.example.com"));
  bench.clock.advance(55s);
  bench.renew = 10;
  bench.resolve(question("no.example.com"));
  bench.renew = 0;
  bench.clock.advance(55s);
  bench.internet.forget();
  CHECK(bench.resolve(question("no.example.com")).outcome.rcode == RCode::NXDomain);
  CHECK(bench.internet.asked().empty());
}

TEST_CASE("a renewal that fails leaves what is cached, and is not tried again at once") {
  Bench bench;
  bench.resolve(question("www.example.com"));
  bench.clock.advance(280s);
  bench.internet.silence("192.0.2.11");
  bench.internet.silence("192.0.2.12");
  bench.renew = 10;
  CHECK(bench.resolve(question("www.example.com")).outcome.rcode == RCode::ServFail);
  bench.internet.forget();
  CHECK(bench.resolve(question("www.example.com")).outcome.kind == AnswerKind::CachedFailure);
  CHECK(bench.internet.asked().empty());
  bench.renew = 0;
  CHECK(bench.resolve(question("www.example.com")).answer() == "www.example.com. A 192.0.2.80\n");
}
