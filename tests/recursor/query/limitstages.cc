// The limits in the pipeline: what is never limited, what a limited client gets, what is counted when and where.
#include "tests/recursor/query/bench.hh"

using namespace querytest;
using namespace std::chrono_literals;
using dns::RCode;
using rec::Metric;

namespace {

constexpr const char* kClient = "192.0.2.1:4000";

rec::Outcome denial(const std::string& zone) {
  rec::Outcome outcome;
  outcome.rcode = RCode::NXDomain;
  outcome.kind = rec::AnswerKind::Iterated;
  const dns::SoaData soa{name("ns." + zone), name("host." + zone), 1, 2, 3, 4, 60};
  outcome.authority.push_back({dns::makeSoaRRset(name(zone), 60, soa), 60});
  return outcome;
}

struct LimitBench : Bench {
  explicit LimitBench(const std::function<void(rec::Settings&)>& change = {})
      : Bench([&change](rec::Settings& set) {
          set.rateLimitSlip = 0;
          set.allowFrom = base::NetmaskGroup();
          if (change) change(set);
        }),
        limits(rec::ClientLimits::optionsOf(settings), limited, suffixes) {
    parts->limits = &limits;
    pipeline.emplace(*parts);
  }
  dns::Message from(const std::string& asked, bool tcp = false, const std::string& client = kClient) {
    const auto answer = send(packet({.name = asked, .edns = edns()}), tcp, client);
    REQUIRE(answer);
    return parsed(*answer);
  }
  RCode rcode(const std::string& asked, bool tcp = false, const std::string& client = kClient) {
    return from(asked, tcp, client).header.rcode;
  }
  // So many random names of that zone are asked for, and denied.
  void torture(int times, const std::string& zone) {
    resolver.make = [zone](const rec::Request&) { return denial(zone); };
    for (int i = 0; i < times; ++i) CHECK(rcode("r" + std::to_string(serial++) + "." + zone) == RCode::NXDomain);
    resolver.make = [](const rec::Request& request) { return positive(request.question.name.text()); };
  }

  rec::LimitedNow limited;
  rec::PublicSuffixes suffixes = rec::PublicSuffixes::builtIn();
  rec::ClientLimits limits;
  int serial = 0;
};

void few(rec::Settings& settings) {
  settings.rateLimitSlip = 0;
  settings.rateLimitRandomSubdomains = 3;
}

} // namespace

TEST_CASE("random names are refused with a reason, other zones and clients are not concerned") {
  LimitBench bench(few);
  bench.torture(6, "victim.example");
  const auto answer = bench.from("x.victim.example");
  CHECK(answer.header.rcode == RCode::Refused);
  REQUIRE(answer.edns);
  REQUIRE(answer.edns->errors.size() == 1);
  CHECK(answer.edns->errors[0].code == dns::EdeCode::Prohibited);
  CHECK(answer.edns->errors[0].text == "too many questions (rate-limit-random-subdomains)");
  CHECK(bench.rcode("www.other.example") == RCode::NoError);
  CHECK(bench.rcode("y.victim.example", false, "192.0.2.2:4000") == RCode::NoError);
  CHECK(bench.rcode("z.victim.example", true) == RCode::NoError);
  CHECK(bench.counters.get(Metric::RateLimitRandomSubdomains) == 1);
  CHECK(bench.counters.get(Metric::RateLimitRefused) == 1);
  CHECK(bench.rcode("x.victim.example") == RCode::Refused); // that was not kept
  bench.clock.advance(5s);
  bench.loop.runOnce();
  CHECK(bench.rcode("x.victim.example") == RCode::NoError);
}

TEST_CASE("what a cache has is answered, limited or not, and counts nothing") {
  LimitBench bench([](rec::Settings& settings) { settings.rateLimitResolutions = 1; });
  for (int i = 0; i < 2; ++i) CHECK(bench.rcode("n" + std::to_string(i) + ".example") == RCode::NoError);
  CHECK(bench.rcode("n3.example") == RCode::Refused);
  CHECK(bench.rcode("n1.example") == RCode::NoError); // the packet cache
  bench.resolver.cached = [](const rec::Request& request) { return positive(request.question.name.text()); };
  for (int i = 0; i < 10; ++i) CHECK(bench.rcode("c" + std::to_string(i) + ".example") == RCode::NoError);
  CHECK(bench.counters.get(Metric::RateLimitResolutions) == 1);
}

TEST_CASE("each action does what it says, over TCP a truncation is a refusal") {
  const auto with = [](const char* action) {
    auto bench = std::make_unique<LimitBench>([action](rec::Settings& settings) {
      few(settings);
      settings.rateLimitAction = action;
    });
    bench->torture(6, "victim.example");
    return bench;
  };
  auto bench = with("servfail");
  CHECK(bench->rcode("x.victim.example") == RCode::ServFail);
  CHECK(bench->counters.get(Metric::RateLimitServfail) == 1);
  bench = with("drop");
  CHECK_FALSE(bench->send(packet({.name = "x.victim.example"}), false, kClient));
  CHECK(bench->counters.get(Metric::RateLimitDropped) == 1);
  bench = with("truncate");
  const auto truncated = bench->from("x.victim.example");
  CHECK(truncated.header.tc);
  CHECK(truncated.header.rcode == RCode::NoError);
  CHECK(truncated.answer.empty());
  CHECK(bench->counters.get(Metric::RateLimitTruncated) == 1);
  bench->resolver.make = [](const rec::Request&) { return denial("victim.example"); };
  for (int i = 0; i < 6; ++i) CHECK(bench->rcode("t" + std::to_string(i) + ".victim.example", true) == RCode::NXDomain);
  CHECK(bench->rcode("x.victim.example", true) == RCode::Refused);
}

TEST_CASE("one in so many limited questions over UDP is sent to TCP, where it is answered") {
  LimitBench bench([](rec::Settings& settings) {
    few(settings);
    settings.rateLimitSlip = 3;
  });
  bench.torture(6, "victim.example");
  int truncated = 0;
  for (int i = 0; i < 9; ++i) truncated += bench.from("x.victim.example").header.tc ? 1 : 0;
  CHECK(truncated == 3);
  CHECK(bench.counters.get(Metric::RateLimitRefused) == 6);
  CHECK(bench.rcode("x.victim.example", true) == RCode::NoError);
}

TEST_CASE("names that existed are resolved while their zone is limited") {
  LimitBench bench(few);
  CHECK(bench.rcode("www.victim.example") == RCode::NoError);
  bench.torture(6, "victim.example");
  bench.cache.wipe(name("www.victim.example"), false);
  CHECK(bench.rcode("www.victim.example") == RCode::NoError);
  CHECK(bench.counters.get(Metric::RateLimitKnownNames) == 1);
}

TEST_CASE("exempt clients and zones are neither counted nor limited") {
  LimitBench bench([](rec::Settings& settings) {
    few(settings);
    REQUIRE(settings.rateLimitExemptClients.add("198.51.100.0/24"));
    settings.rateLimitExemptZones = {name("bl.example")};
  });
  bench.torture(20, "bl.example");
  bench.resolver.make = [](const rec::Request&) { return denial("victim.example"); };
  for (int i = 0; i < 20; ++i) {
    CHECK(bench.rcode("e" + std::to_string(i) + ".victim.example", false, "198.51.100.7:53") == RCode::NXDomain);
    CHECK(bench.rcode("l" + std::to_string(i) + ".victim.example", false, "127.0.0.1:53") == RCode::NXDomain);
  }
  CHECK(bench.limited.count(bench.loop.now()) == 0);
}

TEST_CASE("log-only counts and lists, and answers") {
  LimitBench bench([](rec::Settings& settings) {
    few(settings);
    settings.rateLimiting = "log-only";
  });
  bench.torture(20, "victim.example");
  CHECK(bench.counters.get(Metric::RateLimitLogOnly) == 14);
  CHECK(bench.counters.get(Metric::RateLimitRefused) == 0);
  CHECK(bench.limited.count(bench.loop.now()) == 1);
}

TEST_CASE("questions that wait for servers are limited for each network, and for each of its zones") {
  LimitBench bench([](rec::Settings& settings) {
    settings.waitLimit = 3;
    settings.waitLimitZone = 2;
  });
  bench.resolver.slow.emplace(bench.loop);
  const auto wait = [&bench](const std::string& asked, const std::string& client = kClient) {
    return bench.send(packet({.name = asked}), false, client);
  };
  CHECK_FALSE(wait("a.slow.example"));
  CHECK_FALSE(wait("b.slow.example"));
  REQUIRE(wait("c.slow.example"));
  CHECK(bench.counters.get(Metric::WaitLimitZoneExceeded) == 1);
  CHECK_FALSE(wait("a.other.example"));
  REQUIRE(wait("b.other.example"));
  CHECK(bench.counters.get(Metric::WaitLimitExceeded) == 1);
  CHECK_FALSE(wait("c.slow.example", "192.0.2.2:4000"));
  bench.resolver.slow->open();
  bench.loop.runOnce();
  bench.resolver.slow.reset();
  CHECK(bench.rcode("c.slow.example") == RCode::NoError);
  CHECK(bench.rcode("b.other.example") == RCode::NoError);
}

TEST_CASE("what failed because its zone was crowded, and what came from a cache meanwhile, is not the client's doing") {
  LimitBench bench(few);
  bench.resolver.make = [](const rec::Request& request) {
    rec::Outcome outcome;
    outcome.cacheable = false;
    if (request.question.name.label(0).starts_with("crowded")) {
      outcome.errors.push_back({dns::EdeCode::NotReady, {}});
    } else {
      outcome.kind = rec::AnswerKind::CachedFailure;
    }
    return outcome;
  };
  for (int i = 0; i < 20; ++i) {
    CHECK(bench.rcode("crowded" + std::to_string(i) + ".victim.example") == RCode::ServFail);
    CHECK(bench.rcode("cached" + std::to_string(i) + ".victim.example") == RCode::ServFail);
  }
  CHECK(bench.counters.get(Metric::RateLimitRandomSubdomains) == 0);
}
