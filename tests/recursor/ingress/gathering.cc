// When a worker sleeps so that packets gather, and for how long.
#include "recursor/ingress/gathering.hh"

#include <catch2/catch.hpp>

using namespace std::chrono_literals;
using rec::Gathering;

namespace {

// Packets at an even rate, read every `step`; the last pause.
std::chrono::nanoseconds steady(Gathering& gathering, std::chrono::nanoseconds step, std::size_t packets,
                                int times = 100) {
  std::chrono::nanoseconds pause{};
  for (int i = 0; i < times; ++i) {
    pause = gathering.pauseAfter(packets, step);
  }
  return pause;
}

} // namespace

TEST_CASE("few packets are answered as they come") {
  Gathering gathering(100us);
  CHECK(steady(gathering, 1s, 1) == 0ns);
  CHECK(steady(gathering, 1ms, 1) == 0ns);
  CHECK(steady(gathering, 50us, 1) == 0ns); // 20,000 a second
}

TEST_CASE("many packets are let gather, for the time it takes until a batch is there") {
  Gathering gathering(100us);
  CHECK(steady(gathering, 20us, 1) == 100us); // 50,000 a second
  CHECK(steady(gathering, 100us, 5) == 100us);
  const auto pause = steady(gathering, 10us, 5, 2000); // 500,000 a second
  CHECK(pause > 45us);
  CHECK(pause < 50us);
}

TEST_CASE("one burst after silence is no rate") {
  Gathering gathering(100us);
  CHECK(steady(gathering, 1s, 1000, 1) == 0ns);
}

TEST_CASE("when clients fall silent, the next packet does not wait") {
  Gathering gathering(100us);
  REQUIRE(steady(gathering, 20us, 1) > 0ns);
  CHECK(gathering.pauseAfter(1, 10ms) == 0ns);
}

TEST_CASE("nobody sleeps when gathering is off") {
  Gathering gathering(0us);
  CHECK(steady(gathering, 1us, 5) == 0ns);
}
