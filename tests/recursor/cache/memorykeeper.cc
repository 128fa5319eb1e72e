// Keeping within max-memory: what caches are given, take back and get again.
#include "recursor/cache/memorykeeper.hh"

#include <catch2/catch.hpp>

namespace {

constexpr std::size_t kMega = std::size_t{1} << 20;

// A process of so much beside its caches, which take all they may.
struct Process {
  std::size_t rest = 100 * kMega, unused = 0, caches = 100 * kMega;
  unsigned released = 0;
  rec::MemoryKeeper keeper{200 * kMega,
                           100 * kMega,
                           {.resident = [this] { return rest + unused + caches; },
                            .release =
                                [this] {
                                  unused = 0;
                                  ++released;
                                },
                            .used = [this] { return caches; },
                            .allowed = [this](std::size_t bytes) { caches = std::min(caches, bytes); }}};
};

} // namespace

TEST_CASE("caches that make the process too large get less until it is within its limit, and more again later") {
  Process process;
  for (int i = 0; i < 10; ++i) {
    process.keeper.check();
  }
  CHECK(process.caches < 95 * kMega);
  CHECK(process.caches > 80 * kMega);
  process.rest = 50 * kMega;
  for (int i = 0; i < 10; ++i) {
    process.keeper.check();
  }
  CHECK(process.keeper.allowed() == 100 * kMega);
}

TEST_CASE("unused memory is given back before caches get less") {
  Process process;
  process.caches = 50 * kMega;
  process.unused = 60 * kMega;
  process.keeper.check();
  CHECK(process.released == 1);
  CHECK(process.keeper.allowed() == 100 * kMega);
  process.keeper.check();
  CHECK(process.released == 1);
}

TEST_CASE("caches get what the rest of the process leaves") {
  CHECK(rec::memoryLimit(123) == 123);
  CHECK(rec::memoryLimit(0) > 64 * kMega);
  const std::size_t one = rec::memoryForCaches(1024 * kMega, 1);
  CHECK(one < 900 * kMega);
  CHECK(one > 800 * kMega);
  CHECK(rec::memoryForCaches(1024 * kMega, 16) < one - 80 * kMega);
  CHECK(rec::memoryForCaches(16 * kMega, 16) >= 4 * kMega);
}
