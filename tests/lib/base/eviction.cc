// Which entries stay: the strategies over traces in miniature, and their parts.
#include "lib/base/eviction.hh"

#include <catch2/catch.hpp>

#include "tests/bench/replay.hh"

namespace {

using base::EvictionStrategy;
constexpr EvictionStrategy kAll[] = {EvictionStrategy::S3Fifo, EvictionStrategy::Lru, EvictionStrategy::Lfu,
                                     EvictionStrategy::HitRate};
constexpr traces::Shape kSmall{.names = 5000, .questions = 60'000};
constexpr std::size_t kSize = 300;

double best(const traces::Trace& trace) {
  double most = 0;
  for (const EvictionStrategy strategy : kAll) {
    most = std::max(most, traces::hitRatio(trace, strategy, kSize));
  }
  return most;
}

} // namespace

TEST_CASE("the default strategy is the best on every trace, whether newcomers may be refused or not") {
  for (const traces::Trace& trace : {zipf(kSmall), scans(kSmall), shifting(kSmall), flood(kSmall)}) {
    const double most = best(trace);
    CHECK(traces::hitRatio(trace, EvictionStrategy::S3Fifo, kSize) > most - 0.5);
    CHECK(traces::hitRatio(trace, EvictionStrategy::S3Fifo, kSize, true) > most - 0.5);
  }
}

TEST_CASE("scans cost the least recently used more than three in a hundred hits that the default has") {
  const traces::Trace trace = scans(kSmall);
  CHECK(traces::hitRatio(trace, EvictionStrategy::S3Fifo, kSize) >
        traces::hitRatio(trace, EvictionStrategy::Lru, kSize) + 3);
}

TEST_CASE("those that count uses beat the least recently used on steady popularity") {
  const traces::Trace trace = zipf(kSmall);
  const double lru = traces::hitRatio(trace, EvictionStrategy::Lru, kSize);
  CHECK(traces::hitRatio(trace, EvictionStrategy::Lfu, kSize) > lru + 1);
  CHECK(traces::hitRatio(trace, EvictionStrategy::HitRate, kSize) > lru);
}

TEST_CASE("what is in use gives a strategy more to keep than what is not") {
  for (const EvictionStrategy strategy : {EvictionStrategy::Lru, EvictionStrategy::Lfu, EvictionStrategy::HitRate}) {
    base::Eviction eviction(strategy);
    eviction.resized(16);
    const std::uint32_t idle = eviction.fresh(1);
    std::uint32_t busy = eviction.fresh(2);
    for (int i = 0; i < 40; ++i) {
      eviction.touch(busy);
    }
    eviction.begin(2);
    CHECK(eviction.worth(busy) > eviction.worth(idle));
    CHECK(eviction.admits(77));
  }
}

TEST_CASE("a newcomer that may be refused is let in the second time") {
  base::Eviction eviction;
  eviction.resized(64);
  CHECK_FALSE(eviction.admits(0x1234ABCD));
  CHECK(eviction.admits(0x1234ABCD));
  CHECK_FALSE(eviction.admits(0x1234ABCE));
}

TEST_CASE("a strategy has the name that the setting gives it") {
  CHECK(base::evictionStrategy("lru") == EvictionStrategy::Lru);
  CHECK(base::evictionStrategy("lfu") == EvictionStrategy::Lfu);
  CHECK(base::evictionStrategy("hit_rate") == EvictionStrategy::HitRate);
  CHECK(base::evictionStrategy("s3fifo") == EvictionStrategy::S3Fifo);
}
