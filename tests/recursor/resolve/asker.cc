// Asking the servers of a zone: useless ones, silent ones, late ones, limits.
#include "recursor/resolve/asker.hh"

#include "tests/recursor/resolve/smallinternet.hh"

using namespace rec;
using namespace rectest;
using namespace std::chrono_literals;
using dns::RCode;
using dns::RRType;

namespace {

using Bench = SmallInternet;

} // namespace

TEST_CASE("a question may cost max-qperq packets, then it fails and says so") {
  Bench bench;
  bench.options->limits.maxQueries = 3;
  const Result result = bench.resolve(question("a.b.c.example.com"));
  CHECK(result.outcome.rcode == RCode::ServFail);
  CHECK(result.why().find("max-qperq") != std::string::npos);
  CHECK(bench.internet.asked().size() == 4); // priming is nobody's question
  CHECK(bench.counters.get(Metric::MaxQperqExceeded) == 1);
  CHECK(bench.counters.get(Metric::ResourceLimits) == 1);
}

TEST_CASE("when all servers are silent the failure names each of them, within the time allowed") {
  Bench bench;
  bench.internet.silence("192.0.2.11");
  bench.internet.silence("192.0.2.12");
  const base::MonoTime before = bench.clock.mono();
  const Result result = bench.resolve(question("www.example.com"));
  CHECK(result.outcome.rcode == RCode::ServFail);
  CHECK(result.has(dns::EdeCode::NoReachableAuthority));
  CHECK(result.why().find("192.0.2.11 timed out") != std::string::npos);
  CHECK(result.why().find("192.0.2.12 timed out") != std::string::npos);
  CHECK(bench.clock.mono() - before <= bench.options->maxTotal);
  bench.internet.forget();
  const Result again = bench.resolve(question("www.example.com"));
  CHECK(again.has(dns::EdeCode::CachedError));
  CHECK(bench.counters.get(Metric::FailureCacheHits) == 1);
  CHECK(again.why().find("192.0.2.11 timed out") != std::string::npos);
  CHECK(bench.internet.asked().empty());
}

TEST_CASE("the silence of servers counts towards throttling unless their names are exempt") {
  for (const bool exempt : {false, true}) {
    Bench bench;
    if (exempt) {
      bench.options->nonResolving.exempt = {name("example.com")};
    }
    bench.internet.silence("192.0.2.11");
    bench.internet.silence("192.0.2.12");
    bench.resolve(question("www.example.com"));
    CHECK(bench.internet.asked().back().mayThrottle == !exempt);
  }
}

TEST_CASE("unreachable servers are a network error") {
  Bench bench;
  bench.internet.disconnect("192.0.2.11");
  bench.internet.disconnect("192.0.2.12");
  const Result result = bench.resolve(question("www.example.com"));
  CHECK(result.has(dns::EdeCode::NetworkError));
  CHECK(bench.askedOfExample().size() == 2);
}

TEST_CASE("silent, refusing, failing and lame servers cost no answer that another one has") {
  const auto scripted = [](const std::function<void(FakeInternet&)>& script) {
    Bench bench;
    script(bench.internet);
    for (const char* owner : {"www.example.com", "alias.example.com", "a.b.c.example.com"}) {
      CHECK(bench.resolve(question(owner)).outcome.rcode == RCode::NoError);
    }
  };
  scripted([](FakeInternet& net) { net.silence("192.0.2.11"); });
  scripted([](FakeInternet& net) { net.disconnect("192.0.2.11"); });
  scripted([](FakeInternet& net) { net.answerWith("192.0.2.11", RCode::Refused); });
  scripted([](FakeInternet& net) { net.answerWith("192.0.2.11", RCode::ServFail); });
  scripted([](FakeInternet& net) { net.answerWith("192.0.2.11", RCode::NotImp); });
  scripted([](FakeInternet& net) { net.referUpwards("192.0.2.11"); });
  scripted([](FakeInternet& net) {
    net.answerWith("192.0.2.11", "aa NXDOMAIN\nauthority\n. 60 IN SOA a.test. b.test. 1 2 3 4 60");
  });
  scripted([](FakeInternet& net) { net.answerWith("192.0.2.11", "ra\nanswer\nwww.example.com. 60 IN A 192.0.2.66"); });
}

TEST_CASE("a zone whose servers all refuse costs each of them one question, and names them once") {
  Bench bench;
  bench.internet.answerWith("192.0.2.11", RCode::Refused);
  bench.internet.answerWith("192.0.2.12", RCode::Refused);
  const Result result = bench.resolve(question("www.example.com"));
  CHECK(result.outcome.rcode == RCode::ServFail);
  CHECK(bench.askedOfExample().size() == 2);
  CHECK(bench.internet.asked().size() == 5);
}

TEST_CASE("a lame server is not asked again while another one answers") {
  Bench bench;
  bench.internet.referUpwards("192.0.2.11");
  for (int i = 0; i < 30; ++i) {
    bench.resolve(question("n" + std::to_string(i) + ".example.com"));
  }
  CHECK(bench.internet.askedOf("192.0.2.11").size() <= 1);
}

TEST_CASE("when the parent's servers are of no use those that the zone names itself are asked") {
  Bench bench;
  bench.internet.serve("192.0.2.13", kExample);
  for (const char* server : {"192.0.2.11", "192.0.2.12"}) {
    bench.internet.rewrite(server, [](const ServerQuestion&, dns::Message& answer) {
      answer.authority.push_back(rrset("example.com. 900 IN NS ns3.away.net."));
    });
  }
  bench.serveNet("ns3.away.net. 900 IN A 192.0.2.13\n");
  CHECK(bench.resolve(question("www.example.com")).outcome.rcode == RCode::NoError);
  CHECK(bench.internet.askedOf("192.0.2.13").empty());
  bench.internet.silence("192.0.2.11");
  bench.internet.silence("192.0.2.12");
  CHECK(bench.resolve(question("alias.example.com")).outcome.rcode == RCode::NoError);
  CHECK_FALSE(bench.internet.askedOf("192.0.2.13").empty());
}

TEST_CASE("a server later than usual is joined by a second one, whose answer serves") {
  Bench bench;
  bench.resolve(question("example.com", RRType::NS));
  for (int i = 0; i < 20; ++i) {
    bench.speeds.reportRtt(address("192.0.2.11"), 1ms, bench.clock.mono());
    bench.speeds.reportRtt(address("192.0.2.12"), 20ms, bench.clock.mono());
  }
  bench.internet.forget();
  bench.internet.delay("192.0.2.11", 200ms);
  CHECK(bench.resolve(question("www.example.com")).answer() == "www.example.com. A 192.0.2.80\n");
  CHECK(bench.internet.askedOf("192.0.2.11").size() == 1);
  CHECK(bench.internet.askedOf("192.0.2.12").size() == 1);
  CHECK(bench.counters.get(Metric::HedgedOutqueries) == 1);
  CHECK(bench.counters.get(Metric::HedgeWins) == 1);
  CHECK(bench.internet.waiting() == 0); // the late exchange was cancelled
}

TEST_CASE("a late server whose second fails is still waited for") {
  Bench bench;
  bench.resolve(question("example.com", RRType::NS));
  for (int i = 0; i < 20; ++i) {
    bench.speeds.reportRtt(address("192.0.2.11"), 1ms, bench.clock.mono());
    bench.speeds.reportRtt(address("192.0.2.12"), 20ms, bench.clock.mono());
  }
  bench.internet.delay("192.0.2.11", 100ms);
  bench.internet.answerWith("192.0.2.12", RCode::ServFail);
  const ResultPtr result = bench.start(question("www.example.com"));
  bench.drive();
  CHECK_FALSE(result->done);
  bench.internet.release("192.0.2.11");
  bench.drive();
  CHECK(result->answer() == "www.example.com. A 192.0.2.80\n");
}

TEST_CASE("a walk whose client goes away goes no further than the question that it shares") {
  Bench bench;
  bench.internet.hold("192.0.2.2");
  auto result = std::make_shared<Result>();
  {
    auto task = bench.client(question("www.example.com"), result);
    task.start();
    bench.drive();
    CHECK(bench.internet.waiting() == 1);
  }
  CHECK(bench.internet.waiting() == 1); // a minimised question: others may wait for it
  bench.internet.release("192.0.2.2");
  bench.drive();
  CHECK(bench.askedOfExample().empty());
  CHECK_FALSE(result->done);
}

TEST_CASE("delegations and sets cut short by limits are counted") {
  Bench bench;
  bench.options->verdict.maxNameservers = 1;
  bench.options->verdict.maxRecords = 1;
  bench.internet.answerWith("192.0.2.12",
                            "aa\nanswer\nw.example.com. 60 IN A 192.0.2.1\nw.example.com. 60 IN A 192.0.2.2");
  bench.internet.answerWith("192.0.2.11",
                            "aa\nanswer\nw.example.com. 60 IN A 192.0.2.1\nw.example.com. 60 IN A 192.0.2.2");
  CHECK(bench.resolve(question("w.example.com")).outcome.rcode == RCode::ServFail);
  CHECK(bench.counters.get(Metric::MaxNsPerResolveExceeded) > 0);
  CHECK(bench.counters.get(Metric::MaxRrsetSizeExceeded) > 0);
}
