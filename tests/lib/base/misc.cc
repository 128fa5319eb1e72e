// Unit tests of clock, random and log.
#include <unistd.h>

#include <array>
#include <catch2/catch.hpp>
#include <set>

#include "lib/base/clock.hh"
#include "lib/base/fd.hh"
#include "lib/base/log.hh"
#include "lib/base/random.hh"

namespace {

// What log() wrote to stderr during `work`.
template <typename Work> std::string captured(Work work) {
  std::array<int, 2> ends{};
  REQUIRE(::pipe(ends.data()) == 0);
  const base::Fd reading(ends[0]);
  const base::Fd saved(::dup(STDERR_FILENO));
  ::dup2(ends[1], STDERR_FILENO);
  ::close(ends[1]);
  work();
  ::dup2(saved.get(), STDERR_FILENO);
  std::array<char, 4096> buffer{};
  const ssize_t got = ::read(reading.get(), buffer.data(), buffer.size());
  return {buffer.data(), got > 0 ? static_cast<std::size_t>(got) : 0};
}

} // namespace

TEST_CASE("the manual clock moves only when told to") {
  base::ManualClock clock;
  const auto wall = clock.wall();
  const auto mono = clock.mono();
  CHECK(clock.wall() == wall);
  clock.advance(std::chrono::milliseconds(1500));
  CHECK(clock.wall() == wall + std::chrono::seconds(1));
  CHECK(clock.mono() == mono + std::chrono::milliseconds(1500));
}

TEST_CASE("the system clock agrees with libc") {
  const base::SystemClock clock;
  CHECK(clock.wall().time_since_epoch().count() >= 1600000000);
  const auto before = clock.mono();
  CHECK(clock.mono() >= before);
}

TEST_CASE("random numbers differ and keep their bound") {
  std::set<std::uint32_t> seen;
  for (int i = 0; i < 1000; ++i) {
    seen.insert(base::randomU32());
  }
  CHECK(seen.size() > 995);
  std::array<int, 3> counts{};
  for (int i = 0; i < 9000; ++i) {
    ++counts.at(base::randomBelow(3));
  }
  for (const int count : counts) {
    CHECK(count > 2600);
  }
  CHECK(base::randomBelow(1) == 0);
}

TEST_CASE("random bytes fill buffers of every size") {
  for (const std::size_t size : {0U, 1U, 7U, 1024U, 5000U}) {
    std::vector<std::byte> bytes(size);
    base::randomBytes(bytes);
    const auto zeros = std::count(bytes.begin(), bytes.end(), std::byte{0});
    CHECK(static_cast<std::size_t>(zeros) <= size / 32 + 1);
  }
}

TEST_CASE("a log line has its control characters escaped and ends once") {
  base::configureLog({.level = base::LogLevel::Info, .timestamp = false});
  const std::string line = captured([] { base::log(base::LogLevel::Warning, "evil\nname\x1b[1m"); });
  CHECK(line == "[warning] evil\\x0aname\\x1b[1m\n");
  CHECK(captured([] { base::log(base::LogLevel::Error, "x"); }) == "[error] x\n");
}

TEST_CASE("lines above the log level are dropped") {
  base::configureLog({.level = base::LogLevel::Error, .timestamp = false});
  CHECK_FALSE(base::logEnabled(base::LogLevel::Warning));
  CHECK(captured([] {
          base::log(base::LogLevel::Warning, "no");
          base::log(base::LogLevel::Error, "yes");
        }) == "[error] yes\n");
  base::configureLog({});
  CHECK(captured([] { base::log(base::LogLevel::Error, "x"); }).size() > std::string("[error] x\n").size());
}
