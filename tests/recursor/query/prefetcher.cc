// The prefetcher by itself: which answers it plans to renew, and the pace at which it does.
#include "recursor/query/prefetcher.hh"

#include "tests/lib/coro/settle.hh"
#include "tests/recursor/query/bench.hh"

using namespace querytest;
using namespace std::chrono_literals;
using rec::Metric;

namespace {

// A prefetcher whose renewals run until the test ends them.
struct Pace final : rec::Prefetcher::Runner {
  explicit Pace(const std::function<void(rec::Settings&)>& change = {}) {
    settings = rec::defaultSettings();
    settings.threads = 1;
    if (change) {
      change(settings);
    }
    prefetcher.emplace(rec::Prefetcher::Parts{settings, counters, loop, 0});
    prefetcher->attach(*this);
  }
  Start renew(const rec::QueryPtr& query) override {
    asked.push_back(query);
    return notNeeded ? Start::NotNeeded : Start::Running;
  }
  [[nodiscard]] bool isBusy() const override { return busy; }

  void due(int count) {
    for (int i = 0; i < count; ++i) {
      const dns::Name owner = name("n" + std::to_string(i) + ".example");
      prefetcher->due({owner.wire(), dns::RRType::A, dns::RRClass::IN, rec::PacketKey::RecursionDesired});
    }
  }
  // Until something came of the next timer, or it has fired and nothing came of it: they are 20 ms apart at most.
  void turn() {
    const std::uint64_t postponed = counters.get(Metric::PrefetchPostponed);
    const std::size_t before = asked.size();
    const corotest::Fence fence(loop, 50ms);
    while (asked.size() == before && counters.get(Metric::PrefetchPostponed) == postponed && !fence.passed()) {
      loop.runOnce();
    }
  }

  base::ManualClock clock;
  coro::Loop loop{clock};
  rec::Settings settings;
  rec::Counters counters;
  std::optional<rec::Prefetcher> prefetcher;
  std::vector<rec::QueryPtr> asked;
  bool notNeeded = false, busy = false;
};

} // namespace

TEST_CASE("an answer is due in the last part of its life, when asked for at the rate wanted") {
  const Pace pace([](rec::Settings& settings) { settings.prefetchMinHitsPerMinute = 2; });
  CHECK(pace.prefetcher->plan(300, 300, 300).before == 30);
  CHECK(pace.prefetcher->plan(300, 300, 300).hits == 9);
  CHECK(pace.prefetcher->plan(60, 60, 60).hits == 3); // prefetch-min-hits
  CHECK(pace.prefetcher->plan(2, 2, 2).before == 1);
  CHECK(pace.prefetcher->plan(1, 1, 1).before == 0);
  CHECK(pace.prefetcher->plan(86400, 86400, 86400).before == 8640);
}

TEST_CASE("an answer that leaves the packet cache before its records are due is not planned for") {
  const Pace pace;
  CHECK(pace.prefetcher->plan(60, 3600, 3600).before == 0);
  CHECK(pace.prefetcher->plan(60, 400, 3600).before == 20);
  CHECK(pace.prefetcher->plan(60, 100, 3600).before == 60); // overdue
}

TEST_CASE("each worker wants its share of the hits, and nothing is planned when prefetching is off") {
  const Pace shared([](rec::Settings& settings) {
    settings.threads = 4;
    settings.prefetchMinHits = 6;
  });
  CHECK(shared.prefetcher->plan(60, 60, 60).hits == 2);
  const Pace off([](rec::Settings& settings) { settings.refreshOnTtlPerc = 0; });
  CHECK(off.prefetcher->plan(60, 60, 60).before == 0);
  const Pace none([](rec::Settings& settings) { settings.prefetchMaxConcurrent = 0; });
  CHECK(none.prefetcher->plan(60, 60, 60).before == 0);
}

TEST_CASE("a renewal asks as the client did") {
  Pace pace;
  const dns::Name owner = name("www.example.com");
  using Key = rec::PacketKey;
  pace.prefetcher->due({owner.wire(), dns::RRType::MX, dns::RRClass::IN,
                        Key::RecursionDesired | Key::HasEdns | Key::DnssecOk | Key::OverTcp});
  pace.turn();
  REQUIRE(pace.asked.size() == 1);
  const rec::Query& query = *pace.asked.front();
  CHECK(query.question == dns::Question{owner, dns::RRType::MX, dns::RRClass::IN});
  CHECK(query.dnssecOk());
  CHECK(query.header.rd);
  CHECK_FALSE(query.header.cd);
  CHECK(query.client.tcp);
}

TEST_CASE("no more renewals run at once than allowed") {
  Pace pace([](rec::Settings& settings) { settings.prefetchMaxConcurrent = 2; });
  pace.due(5);
  pace.turn();
  CHECK(pace.asked.size() == 2);
  pace.prefetcher->ended(true);
  pace.turn();
  CHECK(pace.asked.size() == 3);
  pace.prefetcher->ended(false);
  pace.prefetcher->ended(true);
  pace.turn();
  CHECK(pace.asked.size() == 5);
  CHECK(pace.counters.get(Metric::AlmostExpiredPushed) == 5);
  CHECK(pace.counters.get(Metric::AlmostExpiredRun) == 5);
  CHECK(pace.counters.get(Metric::AlmostExpiredExceptions) == 1);
}

TEST_CASE("no more renewals start in a second than allowed, those that cost nothing aside") {
  Pace pace([](rec::Settings& settings) { settings.prefetchMaxPerSecond = 10; });
  pace.due(20);
  pace.turn();
  CHECK(pace.asked.size() == 2); // a tenth of a second's worth, and the one now
  pace.clock.advance(40ms);
  pace.turn();
  CHECK(pace.asked.size() == 2);
  Pace free([](rec::Settings& settings) { settings.prefetchMaxPerSecond = 10; });
  free.notNeeded = true;
  free.due(20);
  free.turn();
  CHECK(free.asked.size() == 20);
  CHECK(free.counters.get(Metric::AlmostExpiredRun) == 0);
}

TEST_CASE("a loaded worker renews nothing until it has time again") {
  Pace pace;
  pace.busy = true;
  pace.due(1);
  pace.turn();
  CHECK(pace.asked.empty());
  CHECK(pace.counters.get(Metric::PrefetchPostponed) == 1);
  pace.busy = false;
  pace.clock.advance(1s); // its timer is late
  pace.turn();
  CHECK(pace.asked.empty());
  pace.turn();
  CHECK(pace.asked.size() == 1);
}

TEST_CASE("what cannot be noted is dropped and counted") {
  Pace pace;
  pace.due(1000);
  CHECK(pace.counters.get(Metric::PrefetchDropped) == 1000 - 256);
}
