// Forward rules: recursive servers and authoritative ones.
#include "recursor/resolve/forwarder.hh"

#include "tests/recursor/resolve/smallinternet.hh"

using namespace rec;
using namespace rectest;
using namespace std::chrono_literals;
using dns::RCode;
using dns::RRType;

namespace {

struct Bench : SmallInternet {
  // Forwards the zone to these, "192.0.2.53 192.0.2.54".
  rec::ForwardRule& forward(std::string_view zone, std::string_view servers,
                            ForwardStrategy strategy = ForwardStrategy::Failover) {
    ForwardRule rule;
    rule.zone = name(zone);
    rule.recurse = true;
    rule.strategy = strategy;
    while (!servers.empty()) {
      const auto one = servers.substr(0, servers.find(' '));
      servers.remove_prefix(std::min(one.size() + 1, servers.size()));
      rule.upstreams.push_back(upstreams.get(Endpoint::parse(one).value()));
    }
    return options->forwards.add(std::move(rule));
  }
  UpstreamResolver& upstream(std::string_view text) { return *upstreams.get(Endpoint::parse(text).value()); }
  // It has answered that fast, often.
  void known(std::string_view text, std::chrono::milliseconds usual) {
    for (int i = 0; i < 16; ++i) {
      upstream(text).asked();
      static_cast<void>(upstream(text).ended(Ending::Useful, usual, 5));
    }
  }
  Upstreams upstreams;
};

constexpr auto kGood = "ra\nanswer\nwww.example.com. 300 IN A 192.0.2.80";
constexpr auto kGoodText = "www.example.com. A 192.0.2.80\n";

} // namespace

TEST_CASE("a recursive forwarder is asked once, with RD, and followed through its chain") {
  Bench bench;
  bench.forward(".", "192.0.2.53");
  bench.internet.answerWith("192.0.2.53", R"(ra
    answer
      alias.example.com. 300 IN CNAME www.example.com.
      www.example.com. 300 IN A 192.0.2.80)");
  const Result result = bench.resolve(question("alias.example.com"));
  CHECK(result.answer() == "alias.example.com. CNAME www.example.com.\nwww.example.com. A 192.0.2.80\n");
  REQUIRE(bench.internet.asked().size() == 1);
  CHECK(bench.internet.asked().front().recursionDesired);
}

TEST_CASE("forwarders are asked one after the other until one answers") {
  Bench bench;
  bench.forward(".", "192.0.2.53 192.0.2.54 192.0.2.55");
  bench.internet.answerWith("192.0.2.53", RCode::ServFail);
  bench.internet.silence("192.0.2.54");
  bench.internet.answerWith("192.0.2.55", "ra\nanswer\nwww.example.com. 300 IN A 192.0.2.80");
  CHECK(bench.resolve(question("www.example.com")).answer() == "www.example.com. A 192.0.2.80\n");
}

TEST_CASE("forwarders that fail are named") {
  Bench bench;
  bench.forward("example.com", "192.0.2.53");
  bench.internet.answerWith("192.0.2.53", RCode::Refused);
  const Result result = bench.resolve(question("www.example.com"));
  CHECK(result.outcome.rcode == RCode::ServFail);
  CHECK(result.why().find("192.0.2.53:53 REFUSED") != std::string::npos);
}

TEST_CASE("forward-zones to authoritative servers are asked without RD, and their referrals followed") {
  Bench bench;
  bench.options->forwards.add(ForwardRule{name("example.com"), {address("192.0.2.60")}, false});
  bench.internet.serve("192.0.2.60", R"(
    example.com. 900 IN SOA ns1.example.com. host.example.com. 1 2 3 4 60
    sub.example.com. 900 IN NS ns.sub.example.com.
    ns.sub.example.com. 900 IN A 192.0.2.61)");
  bench.internet.serve("192.0.2.61", "sub.example.com. 900 IN SOA a.test. b.test. 1 2 3 4 60\n"
                                     "www.sub.example.com. 900 IN A 192.0.2.83\n");
  CHECK(bench.resolve(question("www.sub.example.com")).answer() == "www.sub.example.com. A 192.0.2.83\n");
  CHECK(bench.internet.askedOf("192.0.2.1").empty());
  CHECK_FALSE(bench.internet.asked().front().recursionDesired);
}

TEST_CASE("failover asks in the order given, and what was refused or failed is not asked again") {
  Bench bench;
  bench.forward(".", "192.0.2.53 192.0.2.54");
  bench.internet.answerWith("192.0.2.53", RCode::ServFail);
  bench.internet.answerWith("192.0.2.54", RCode::Refused);
  CHECK(bench.resolve(question("www.example.com")).outcome.rcode == RCode::ServFail);
  CHECK(bench.internet.asked().size() == 2);
  CHECK(bench.internet.asked().front().server == address("192.0.2.53"));
}

TEST_CASE("a single upstream that is silent is asked up to three times: packets get lost") {
  Bench bench;
  bench.forward(".", "192.0.2.53");
  bench.internet.silence("192.0.2.53");
  CHECK(bench.resolve(question("www.example.com")).outcome.rcode == RCode::ServFail);
  CHECK(bench.internet.asked().size() == 3);
}

TEST_CASE("in parallel all are asked at once, and a failure does not win while another may still answer") {
  Bench bench;
  bench.forward(".", "192.0.2.53 192.0.2.54 192.0.2.55", ForwardStrategy::Parallel);
  bench.internet.answerWith("192.0.2.53", RCode::ServFail);
  bench.internet.answerWith("192.0.2.54", kGood);
  bench.internet.answerWith("192.0.2.55", kGood);
  bench.internet.hold("192.0.2.54");
  bench.internet.hold("192.0.2.55");
  const auto result = bench.start(question("www.example.com"));
  bench.drive();
  CHECK_FALSE(result->done);
  CHECK(bench.internet.asked().size() == 3);
  bench.internet.release("192.0.2.55");
  bench.drive();
  REQUIRE(result->done);
  CHECK(result->answer() == kGoodText);
  CHECK(bench.upstream("192.0.2.54").view().underWay == 0); // cancelled
  CHECK(bench.upstream("192.0.2.54").totals().cancelled == 1);
}

TEST_CASE("forward-parallel asks the best few, the rest when those have nothing") {
  Bench bench;
  bench.forward(".", "192.0.2.53 192.0.2.54 192.0.2.55", ForwardStrategy::Parallel).parallel = 2;
  bench.known("192.0.2.53", 80ms);
  bench.known("192.0.2.54", 10ms);
  bench.known("192.0.2.55", 20ms);
  for (const auto* server : {"192.0.2.53", "192.0.2.54", "192.0.2.55"}) {
    bench.internet.answerWith(server, RCode::ServFail);
  }
  CHECK(bench.resolve(question("www.example.com")).outcome.rcode == RCode::ServFail);
  REQUIRE(bench.internet.asked().size() == 3);
  CHECK(bench.internet.asked()[0].server == address("192.0.2.54"));
  CHECK(bench.internet.asked()[1].server == address("192.0.2.55"));
}

TEST_CASE("hedged asks the best one, and the next when it is later than it usually is") {
  Bench bench;
  bench.forward(".", "192.0.2.53 192.0.2.54", ForwardStrategy::Hedged);
  bench.options->hedgePercent = 1; // nothing to explore with
  bench.known("192.0.2.53", 80ms);
  bench.known("192.0.2.54", 10ms);
  bench.internet.answerWith("192.0.2.53", kGood);
  bench.internet.answerWith("192.0.2.54", kGood);
  SECTION("which a little late is not") {
    bench.internet.delay("192.0.2.54", 12ms);
    const auto result = bench.start(question("www.example.com"));
    bench.drive();
    REQUIRE(bench.internet.asked().size() == 1);
    CHECK(bench.internet.asked().front().server == address("192.0.2.54"));
    bench.internet.release("192.0.2.54");
    bench.drive();
    CHECK(result->done);
    CHECK(bench.internet.asked().size() == 1);
  }
  SECTION("but not without a budget") {
    bench.options->hedgePercent = 0;
    bench.internet.delay("192.0.2.54", 20ms);
    const auto result = bench.start(question("www.example.com"));
    bench.drive();
    CHECK(bench.internet.asked().size() == 1);
    bench.internet.release("192.0.2.54");
    bench.drive();
    CHECK(result->done);
  }
  SECTION("which wins then") {
    bench.internet.delay("192.0.2.54", 20ms);
    CHECK(bench.resolve(question("www.example.com")).answer() == kGoodText);
    CHECK(bench.internet.asked().size() == 2);
    CHECK(bench.upstream("192.0.2.54").totals().late == 1);
    CHECK(bench.counters.get(Metric::HedgeWins) == 1);
  }
}

TEST_CASE("an upstream that is late or silent too often in a row is down: asked last, and all the same when all are") {
  Bench bench;
  bench.forward(".", "192.0.2.53 192.0.2.54");
  bench.options->forwardDownAfter = 3;
  bench.internet.answerWith("192.0.2.53", kGood);
  bench.internet.disconnect("192.0.2.53");
  bench.internet.answerWith("192.0.2.54", kGood);
  for (int i = 0; i < 3; ++i) {
    bench.records.wipe(name("."), true);
    CHECK(bench.resolve(question("www.example.com")).answer() == kGoodText);
  }
  CHECK(bench.upstream("192.0.2.53").view().down);
  bench.internet.forget();
  bench.records.wipe(name("."), true);
  CHECK(bench.resolve(question("www.example.com")).answer() == kGoodText);
  CHECK(bench.internet.askedOf("192.0.2.53").empty());
  bench.internet.disconnect("192.0.2.54");
  bench.internet.forget();
  bench.records.wipe(name("."), true);
  CHECK(bench.resolve(question("www.example.com")).outcome.rcode == RCode::ServFail);
  const auto asked = bench.internet.askedOf("192.0.2.53");
  CHECK(std::count(asked.begin(), asked.end(), "www.example.com. A") == 1);
}

TEST_CASE("an upstream is not blamed for silence when the question had no time left") {
  Bench bench;
  bench.forward(".", "192.0.2.53");
  bench.options->maxTotal = 50ms;
  bench.internet.silence("192.0.2.53");
  CHECK(bench.resolve(question("www.example.com")).outcome.rcode == RCode::ServFail);
  CHECK(bench.upstream("192.0.2.53").totals().asked > 0);
  CHECK(bench.upstream("192.0.2.53").totals().failed == 0);
  bench.options->maxTotal = 4500ms;
  CHECK(bench.resolve(question("mail.example.com")).outcome.rcode == RCode::ServFail);
  CHECK(bench.upstream("192.0.2.53").totals().failed > 0);
}

TEST_CASE("forward-first: the zone's own servers are asked when no upstream has a good answer") {
  Bench bench;
  bench.forward("example.com", "192.0.2.53").iterates = true;
  bench.internet.answerWith("192.0.2.53", RCode::ServFail);
  CHECK(bench.resolve(question("www.example.com")).outcome.rcode == RCode::NoError);
  CHECK_FALSE(bench.internet.askedOf("192.0.2.1").empty());
}

TEST_CASE("an upstream that leads back here is not asked any more, and the failure says so") {
  Bench bench;
  bench.forward(".", "192.0.2.53");
  bench.options->forwardLoopCheck = true;
  bench.internet.answerWith("192.0.2.53", RCode::ServFail);
  bench.internet.hold("192.0.2.53");
  const auto first = bench.start(question("www.example.com"));
  bench.drive();
  const auto& asked = bench.internet.asked();
  const auto check = std::ranges::find_if(asked, [](const auto& one) { return one.question.name.labelCount() == 1; });
  REQUIRE(check != asked.end());
  CHECK(bench.loops.notice(check->question.name));
  bench.internet.release("192.0.2.53");
  bench.drive();
  CHECK(first->outcome.rcode == RCode::ServFail);
  CHECK(bench.upstream("192.0.2.53").loops());
  bench.internet.forget();
  const Result second = bench.resolve(question("mail.example.com"));
  CHECK(second.outcome.rcode == RCode::ServFail);
  CHECK(second.why().find("forwarding loop: 192.0.2.53:53 leads back here") != std::string::npos);
  CHECK(bench.internet.count("mail.example.com") == 0);
  CHECK(bench.counters.get(Metric::ForwardLoopFailures) == 1);
}

namespace {

// What was asked of it to find out whether it leads back here, for a rule of that many labels.
std::vector<dns::Name> checksOf(const Bench& bench, std::size_t labels) {
  std::vector<dns::Name> names;
  for (const auto& one : bench.internet.asked()) {
    const bool isCheck = one.question.name.text().starts_with("loop-check-");
    if (isCheck && one.question.name.labelCount() == labels + 1) {
      names.push_back(one.question.name);
    }
  }
  return names;
}

// The upstream's checks come back here, below the zone only.
void loopBack(Bench& bench, std::string_view upstream, std::string_view zone) {
  bench.internet.answerWith(upstream, kGood);
  bench.internet.rewrite(upstream, [&bench, zone = name(zone)](const ServerQuestion& asked, dns::Message& answer) {
    if (asked.question.name.isWithin(zone) && bench.loops.notice(asked.question.name)) {
      answer = dns::Message();
      answer.header.rcode = RCode::ServFail;
    }
  });
}

} // namespace

TEST_CASE("that an upstream leads back here is found out for each rule, and holds for that rule only") {
  Bench bench;
  bench.forward("example.com", "192.0.2.53");
  bench.forward("example.net", "192.0.2.53");
  bench.options->forwardLoopCheck = true;
  loopBack(bench, "192.0.2.53", "example.net");
  bench.resolve(question("www.example.com"));
  CHECK_FALSE(bench.upstream("192.0.2.53").loops());
  bench.resolve(question("www.example.net"));
  CHECK(checksOf(bench, 2).size() == 2);
  CHECK(bench.upstream("192.0.2.53").loops(name("example.net")));
  CHECK_FALSE(bench.upstream("192.0.2.53").loops(name("example.com")));
  bench.internet.forget();
  bench.resolve(question("mail.example.com"));
  CHECK(bench.internet.count("mail.example.com") > 0);
  bench.resolve(question("mail.example.net"));
  CHECK(bench.internet.count("mail.example.net") == 0);
}

TEST_CASE("without forward-loop-check what was found out does not count") {
  Bench bench;
  bench.forward(".", "192.0.2.53");
  bench.options->forwardLoopCheck = true;
  loopBack(bench, "192.0.2.53", ".");
  bench.resolve(question("www.example.com"));
  REQUIRE(bench.upstream("192.0.2.53").loops());
  bench.options->forwardLoopCheck = false;
  bench.internet.forget();
  bench.resolve(question("mail.example.com"));
  CHECK(bench.internet.count("mail.example.com") > 0);
}

TEST_CASE("an upstream is not blamed for what this machine could not send") {
  Bench bench;
  bench.forward(".", "192.0.2.53");
  bench.options->forwardDownAfter = 1;
  bench.internet.answerWith("192.0.2.53", kGood);
  bench.internet.jam("192.0.2.53");
  for (int i = 0; i < 100; ++i) { // it is doubted meanwhile, and looked at
    bench.failures.wipe(name("."), true);
    CHECK(bench.resolve(question("www.example.com")).why().find("too many open files") != std::string::npos);
  }
  const auto totals = bench.upstream("192.0.2.53").totals();
  CHECK(totals.failed == 0);
  CHECK(totals.probes == 1);
  CHECK(totals.cancelled == totals.asked);
  CHECK_FALSE(bench.upstream("192.0.2.53").view().known);
  CHECK_FALSE(bench.upstream("192.0.2.53").view().down);
}

TEST_CASE("a second upstream that wins after the first has failed is no hedge") {
  Bench bench;
  bench.forward(".", "192.0.2.53 192.0.2.54", ForwardStrategy::Hedged);
  bench.options->hedgePercent = 0;
  bench.known("192.0.2.53", 10ms);
  bench.known("192.0.2.54", 80ms);
  bench.internet.answerWith("192.0.2.53", RCode::ServFail);
  bench.internet.answerWith("192.0.2.54", kGood);
  CHECK(bench.resolve(question("www.example.com")).answer() == kGoodText);
  CHECK(bench.counters.get(Metric::HedgeWins) == 0);
}

TEST_CASE("that no upstream was there is remembered for a second, what one said for as long as ever") {
  Bench bench;
  bench.forward(".", "192.0.2.53");
  SECTION("nobody there") {
    bench.internet.disconnect("192.0.2.53");
    CHECK(bench.resolve(question("www.example.com")).outcome.rcode == RCode::ServFail);
    bench.internet.forget();
    CHECK_FALSE(bench.resolve(question("www.example.com")).outcome.cacheable);
    CHECK(bench.internet.asked().empty());
    bench.clock.advance(1s);
    CHECK(bench.resolve(question("www.example.com")).outcome.rcode == RCode::ServFail);
    CHECK(bench.internet.count("www.example.com") > 0);
  }
  SECTION("an error") {
    bench.internet.answerWith("192.0.2.53", RCode::ServFail);
    CHECK(bench.resolve(question("www.example.com")).outcome.rcode == RCode::ServFail);
    bench.internet.forget();
    bench.clock.advance(1s);
    CHECK(bench.resolve(question("www.example.com")).outcome.cacheable);
    CHECK(bench.internet.asked().empty());
  }
}

TEST_CASE("of several asked at once, one that always loses is at last asked by itself") {
  Bench bench;
  bench.forward(".", "192.0.2.53 192.0.2.54", ForwardStrategy::Parallel);
  bench.internet.answerWith("192.0.2.53", kGood);
  bench.internet.answerWith("192.0.2.54", kGood);
  bench.known("192.0.2.53", 5ms);
  bench.known("192.0.2.54", 5ms);
  bench.internet.hold("192.0.2.54");
  for (int i = 0; i < 64; ++i) {
    bench.records.wipe(name("."), true);
    CHECK(bench.resolve(question("www.example.com")).answer() == kGoodText);
  }
  const auto asked = bench.internet.askedOf("192.0.2.54");
  CHECK(std::ranges::count(asked, "www.example.com. A") == 64);
  CHECK(std::ranges::count(asked, ". NS") == 1);
  const auto before = bench.upstream("192.0.2.54").totals().useful;
  bench.internet.release("192.0.2.54");
  bench.drive();
  CHECK(bench.upstream("192.0.2.54").totals().useful == before + 1);
}
