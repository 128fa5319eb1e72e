// The time stamp counter's rate: found once, then only compared.
#include "lib/base/ticks.hh"

#include <cmath>

#if defined(__x86_64__)
#include <cpuid.h>
#include <x86intrin.h>
#endif

namespace base {

namespace {

using std::chrono::nanoseconds;

// Long beside the 10 ms that a thread may lose its processor for between reading the one and the other.
constexpr nanoseconds kPeriod = std::chrono::seconds(1);
constexpr double kSlowest = 0.1, kFastest = 10; // nanoseconds a tick that are to be believed
constexpr double kTolerance = 0.05;
constexpr unsigned kMistakes = 3; // one may be chance

#if defined(__x86_64__)
std::uint64_t timeStamp() { return __rdtsc(); }

// "Invariant TSC": the same rate in all states of all processors (AMD64 manual 3, CPUID 8000_0007; Intel SDM 18.17.1).
bool isInvariant() {
  unsigned a = 0, b = 0, c = 0, d = 0;
  return __get_cpuid(0x80000007, &a, &b, &c, &d) != 0 && (d >> 8 & 1U) != 0;
}
#endif

} // namespace

Ticks::Counter Ticks::processorCounter() {
#if defined(__x86_64__)
  return isInvariant() ? &timeStamp : nullptr;
#else
  return nullptr;
#endif
}

Ticks::Ticks(const Clock& clock, Counter counter) : d_clock(clock), d_counter(counter), d_lastMono(clock.mono()) {
  if (d_counter != nullptr) d_lastTicks = d_counter();
}

void Ticks::check(MonoTime mono) {
  const nanoseconds passed = mono - d_lastMono;
  if (d_counter == nullptr || passed < kPeriod) return;
  const std::uint64_t now = d_counter();
  const std::uint64_t ticks = now - d_lastTicks;
  d_lastMono = mono;
  d_lastTicks = now;
  if (!d_trusted) return calibrate(passed, ticks);
  const double error = static_cast<double>(ticks) * d_nanos / static_cast<double>(passed.count()) - 1;
  d_mistakes = std::abs(error) < kTolerance ? 0 : d_mistakes + 1;
  if (d_mistakes == kMistakes) {
    d_trusted = false;
    d_counter = nullptr;
  }
}

// A clock that stands, is stepped by hand or faked gives no rate of a processor.
void Ticks::calibrate(nanoseconds passed, std::uint64_t ticks) {
  d_nanos = static_cast<double>(passed.count()) / static_cast<double>(ticks);
  d_trusted = d_nanos > kSlowest && d_nanos < kFastest;
  if (!d_trusted) d_counter = nullptr;
}

} // namespace base
