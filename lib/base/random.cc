// Random numbers from getrandom(2), buffered per thread; spent bytes are wiped. Also the seeds of hash tables.
#include "lib/base/random.hh"

#include <sys/random.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdlib>

#include "lib/base/hash.hh"

namespace base {
namespace {

void fromKernel(std::span<std::byte> out) {
  while (!out.empty()) {
    const ssize_t got = getrandom(out.data(), out.size(), 0);
    if (got > 0) {
      out = out.subspan(static_cast<std::size_t>(got));
    } else if (errno != EINTR) {
      std::abort(); // without unpredictable ids a resolver must not run
    }
  }
}

struct Pool {
  std::array<std::byte, 1024> bytes;
  std::size_t used;
  bool filled; // zero-initialised: the first call fills
};

thread_local Pool t_pool; // constant initialisation, so that access needs no guard

template <typename Number> Number randomNumber() {
  Number value = 0;
  randomBytes(std::as_writable_bytes(std::span(&value, 1)));
  return value;
}

} // namespace

void randomBytes(std::span<std::byte> out) {
  Pool& pool = t_pool;
  if (out.size() > pool.bytes.size()) {
    fromKernel(out);
    return;
  }
  if (!pool.filled || pool.bytes.size() - pool.used < out.size()) {
    fromKernel(pool.bytes);
    pool.used = 0;
    pool.filled = true;
  }
  const auto from = std::span(pool.bytes).subspan(pool.used, out.size());
  std::copy(from.begin(), from.end(), out.begin());
  std::fill(from.begin(), from.end(), std::byte{0});
  pool.used += out.size();
}

std::uint64_t randomU64() { return randomNumber<std::uint64_t>(); }
std::uint32_t randomU32() { return randomNumber<std::uint32_t>(); }

std::uint16_t randomU16() { return static_cast<std::uint16_t>(randomU32()); }

std::uint32_t randomBelow(std::uint32_t bound) {
  // Multiply and shift; results from the short first interval are thrown away, which removes the bias.
  const std::uint32_t unfair = (0U - bound) % bound;
  for (;;) {
    const std::uint64_t product = static_cast<std::uint64_t>(randomU32()) * bound;
    if (static_cast<std::uint32_t>(product) >= unfair) {
      return static_cast<std::uint32_t>(product >> 32);
    }
  }
}

HashSeeds makeHashSeeds() {
  HashSeeds made{};
  randomBytes(std::as_writable_bytes(std::span(&made, 1)));
  made.a |= 1;
  made.b |= 1;
  made.c |= 1;
  return made;
}

} // namespace base
