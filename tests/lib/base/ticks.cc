// Ticks against a clock that is moved by hand and a counter that is, too.
#include "lib/base/ticks.hh"

#include <catch2/catch.hpp>

using namespace std::chrono_literals;

namespace {

std::uint64_t s_ticks = 0;

struct Bench {
  base::ManualClock clock;
  base::Ticks ticks{clock, [] { return s_ticks; }};
  // Both go on, the counter at so many ticks a nanosecond.
  void pass(std::chrono::nanoseconds time, double rate) {
    clock.advance(time);
    s_ticks += static_cast<std::uint64_t>(static_cast<double>(time.count()) * rate);
    ticks.check(clock.mono());
  }
  std::chrono::nanoseconds measured(std::chrono::nanoseconds time, double rate) {
    const std::uint64_t begin = ticks.now();
    clock.advance(time);
    s_ticks += static_cast<std::uint64_t>(static_cast<double>(time.count()) * rate);
    return ticks.between(begin, ticks.now());
  }
};

} // namespace

TEST_CASE("ticks are the clock's until the counter is calibrated, then the counter's") {
  Bench bench;
  CHECK_FALSE(bench.ticks.usesCounter());
  CHECK(bench.measured(1ms, 8) == 1ms);
  bench.pass(999ms, 8); // the millisecond above counts, too
  CHECK(bench.ticks.usesCounter());
  const std::uint64_t begin = bench.ticks.now();
  s_ticks += 8000;
  CHECK(bench.ticks.between(begin, bench.ticks.now()) == 1us);
}

TEST_CASE("a counter that goes astray is not used any more") {
  Bench bench;
  bench.pass(1s, 2);
  bench.pass(1s, 2);
  bench.pass(1s, 3); // once may be chance
  bench.pass(1s, 2);
  CHECK(bench.ticks.usesCounter());
  for (int i = 0; i < 3; ++i) {
    bench.pass(1s, 3);
  }
  CHECK_FALSE(bench.ticks.usesCounter());
  CHECK(bench.measured(5us, 3) == 5us);
  bench.pass(1s, 2);
  CHECK_FALSE(bench.ticks.usesCounter());
}

TEST_CASE("a clock that is moved by hand calibrates nothing") {
  Bench bench;
  bench.pass(100s, 0.00001);
  CHECK_FALSE(bench.ticks.usesCounter());
  CHECK(bench.measured(5us, 3) == 5us);
}

TEST_CASE("this processor's counter, where it has one, goes on") {
  if (const auto counter = base::Ticks::processorCounter()) {
    const std::uint64_t begin = counter();
    CHECK(counter() > begin);
  }
}
