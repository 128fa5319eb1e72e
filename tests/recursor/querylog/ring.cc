// The ring between a worker and the writer.
#include "recursor/querylog/ring.hh"

#include <catch2/catch.hpp>
#include <cstring>
#include <thread>
#include <vector>

namespace {

// Records are their size, their number, and octets that follow from it.
bool put(rec::LogRing& ring, std::uint64_t number, std::uint16_t size) {
  std::byte* const at = ring.reserve(size);
  if (at == nullptr) {
    ring.drop();
    return false;
  }
  std::memset(at, static_cast<int>(number & 0xFF), size);
  std::memcpy(at, &size, sizeof size);
  std::memcpy(at + 8, &number, sizeof number);
  return true;
}

std::uint64_t numberOf(const std::byte* at) {
  std::uint64_t number = 0;
  std::memcpy(&number, at + 8, sizeof number);
  return number;
}

bool isWhole(const std::byte* at) {
  std::uint16_t size = 0;
  std::memcpy(&size, at, sizeof size);
  const auto wanted = static_cast<std::byte>(numberOf(at) & 0xFF);
  for (std::size_t i = 16; i < size; ++i) {
    if (at[i] != wanted) return false;
  }
  return true;
}

} // namespace

TEST_CASE("what is published comes out in its order, whole, around the end of the ring") {
  rec::LogRing ring(65536);
  std::uint64_t in = 0, out = 0;
  for (int round = 0; round < 50; ++round) {
    for (int i = 0; i < 40; ++i) {
      REQUIRE(put(ring, in, static_cast<std::uint16_t>(16 + 8 * (in % 90))));
      ++in;
    }
    static_cast<void>(ring.publish());
    ring.look();
    while (const std::byte* at = ring.next()) {
      REQUIRE(numberOf(at) == out++);
      REQUIRE(isWhole(at));
      ring.pop();
    }
    ring.release();
  }
  CHECK(in == out);
  CHECK(ring.used() == 0);
}

TEST_CASE("what has not been published is not seen") {
  rec::LogRing ring(65536);
  REQUIRE(put(ring, 1, 64));
  ring.look();
  CHECK(ring.next() == nullptr);
  static_cast<void>(ring.publish());
  CHECK(ring.next() == nullptr); // not looked yet
  ring.look();
  CHECK(ring.next() != nullptr);
}

TEST_CASE("a full ring takes nothing, counts it, and goes on when there is room") {
  rec::LogRing ring(65536);
  std::uint64_t in = 0;
  while (put(ring, in, 1024)) ++in;
  CHECK(in == 64);
  CHECK(ring.dropped() == 1);
  CHECK_FALSE(put(ring, in, 8));
  CHECK(ring.dropped() == 2);
  static_cast<void>(ring.publish());
  ring.look();
  ring.pop();
  CHECK_FALSE(put(ring, in, 1024)); // not released yet
  ring.release();
  CHECK(put(ring, in, 1024));
}

TEST_CASE("the writer is to be woken once when the ring is half full, and again after it has looked") {
  rec::LogRing ring(65536);
  int wakes = 0;
  for (std::uint64_t i = 0; i < 60; ++i) {
    REQUIRE(put(ring, i, 1024));
    wakes += ring.publish() ? 1 : 0;
    if (i < 30) CHECK(wakes == 0);
  }
  CHECK(wakes == 1);
  ring.look();
  REQUIRE(put(ring, 60, 1024));
  CHECK(ring.publish());
}

TEST_CASE("of a large ring the writer is woken for 256 KB") {
  rec::LogRing ring(std::size_t{4} << 20);
  int wakes = 0;
  for (std::uint64_t i = 0; i < 256; ++i) {
    CHECK(wakes == 0);
    REQUIRE(put(ring, i, 1024));
    wakes += ring.publish() ? 1 : 0;
  }
  CHECK(wakes == 1);
}

TEST_CASE("the lowest three bits of a record's size are its own") {
  rec::LogRing ring(65536);
  for (std::uint64_t i = 0; i < 8; ++i) {
    REQUIRE(put(ring, i, 24));
    std::byte* const at = ring.reserve(8); // its octets are overwritten: it is a size and nothing else
    const auto size = static_cast<std::uint64_t>(8 + i);
    std::memcpy(at, &size, sizeof size);
  }
  static_cast<void>(ring.publish());
  ring.look();
  for (std::uint64_t i = 0; i < 8; ++i) {
    REQUIRE(ring.next() != nullptr);
    CHECK(numberOf(ring.next()) == i);
    ring.pop();
    ring.pop();
  }
  CHECK(ring.next() == nullptr);
}

TEST_CASE("two threads: nothing is lost but what was counted, nothing is torn") {
  rec::LogRing ring(65536);
  constexpr std::uint64_t kCount = 200'000;
  std::uint64_t stored = 0;
  std::atomic<bool> done{false};
  std::thread worker([&] {
    for (std::uint64_t i = 0; i < kCount; ++i) {
      stored += put(ring, i, static_cast<std::uint16_t>(16 + 8 * (i % 30))) ? 1 : 0;
      if (i % 7 == 0) static_cast<void>(ring.publish());
    }
    static_cast<void>(ring.publish());
    done = true;
  });
  std::uint64_t seen = 0, last = 0;
  bool good = true;
  for (bool ends = false; !ends;) {
    ends = done;
    ring.look();
    while (const std::byte* at = ring.next()) {
      good = good && isWhole(at) && (seen == 0 || numberOf(at) > last);
      last = numberOf(at);
      ++seen;
      ring.pop();
      ring.release();
    }
  }
  worker.join();
  CHECK(good);
  CHECK(seen == stored);
  CHECK(seen + ring.dropped() == kCount);
}
