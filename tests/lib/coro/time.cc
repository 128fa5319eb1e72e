// The time that a loop tells: as it passes, or held for a piece of work.
#include <catch2/catch.hpp>
#include <vector>

#include "lib/coro/loop.hh"

using namespace std::chrono_literals;

TEST_CASE("a loop tells the time as it passes") {
  base::ManualClock clock;
  const coro::Loop loop(clock);
  const base::MonoTime before = loop.now();
  clock.advance(1s);
  CHECK(loop.now() == before + 1s);
}

TEST_CASE("a loop that holds the time reads the clock once for each piece of work") {
  base::ManualClock clock;
  coro::Loop loop(clock);
  loop.holdTime();
  const base::MonoTime before = loop.now();
  const base::WallTime wall = loop.wall();
  clock.advance(2s);
  CHECK(loop.now() == before);
  CHECK(loop.wall() == wall);
  CHECK(loop.clock().mono() == before + 2s);
  loop.beginWork();
  CHECK(loop.now() == before + 2s);
  CHECK(loop.wall() == wall + 2s);
}

TEST_CASE("what is posted to a loop that holds the time is a piece of work each") {
  base::ManualClock clock;
  coro::Loop loop(clock);
  loop.holdTime();
  std::vector<base::MonoTime> seen;
  for (int i = 0; i < 2; ++i) {
    loop.post([&] {
      seen.push_back(loop.now());
      clock.advance(1s);
      seen.push_back(loop.now());
    });
  }
  clock.advance(1s);
  const base::MonoTime begun = clock.mono();
  loop.runOnce();
  CHECK(seen == std::vector{begun, begun, begun + 1s, begun + 1s});
}
