// KeyCounts and DecayingCounts: what is exact, what is forgotten.
#include <catch2/catch.hpp>
#include <thread>
#include <vector>

#include "lib/base/decayingcounts.hh"
#include "lib/base/keycounts.hh"

using namespace std::chrono_literals;

TEST_CASE("a key is in use as often as it was taken and not given back, up to its limit") {
  base::KeyCounts counts;
  CHECK(counts.enter(7, 2));
  CHECK(counts.enter(7, 2));
  CHECK_FALSE(counts.enter(7, 2));
  CHECK(counts.enter(8, 1));
  CHECK(counts.inUse(7) == 2);
  counts.leave(7);
  CHECK(counts.enter(7, 2));
  CHECK_FALSE(counts.enter(9, 0));
  CHECK(counts.inUse(9) == 0);
}

TEST_CASE("threads that take and give back leave nothing behind") {
  base::KeyCounts counts;
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([&counts] {
      for (int round = 0; round < 2000; ++round) {
        if (counts.enter(1, 3)) counts.leave(1);
      }
    });
  }
  for (auto& thread : threads) thread.join();
  CHECK(counts.inUse(1) == 0);
}

TEST_CASE("each second halves what was counted") {
  base::DecayingCounts counts;
  const base::MonoTime start{100s};
  for (int i = 0; i < 8; ++i) static_cast<void>(counts.add(5, start));
  CHECK(counts.count(5, start) == 8);
  CHECK(counts.count(5, start + 1s) == 4);
  CHECK(counts.count(5, start + 3s) == 1);
  CHECK(counts.count(5, start + 60s) == 0);
  CHECK(counts.count(6, start) == 0);
  CHECK(counts.add(5, start + 1s) == 5);
}

TEST_CASE("a steady rate stands at twice itself at most") {
  base::DecayingCounts counts;
  base::MonoTime now{1000s};
  std::uint32_t highest = 0;
  for (int i = 0; i < 2000; ++i, now += 10ms) highest = counts.add(5, now);
  CHECK(highest <= 200);
  CHECK(highest > 150);
}

TEST_CASE("a clock that is a moment behind loses nothing") {
  base::DecayingCounts counts;
  const base::MonoTime ahead{100s}, behind{99s};
  for (int i = 0; i < 8; ++i) static_cast<void>(counts.add(5, ahead));
  CHECK(counts.add(5, behind) == 9);
  CHECK(counts.count(5, ahead) == 9);
}

TEST_CASE("many keys push out the quiet ones, and make none higher") {
  base::DecayingCounts counts;
  const base::MonoTime now{100s};
  for (std::uint64_t key = 1; key < 300'000; ++key) {
    CHECK_FALSE(counts.add(key * 0x9E3779B97F4A7C15ULL | 1, now) > 1);
  }
}
