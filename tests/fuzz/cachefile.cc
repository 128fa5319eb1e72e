// Fuzz target: a cache file. The input is one as it stands; and, behind two octets that say of which section and how
// many entries, the inside of a block with right checksums. Whatever comes of it can be printed, found, saved and
// loaded again.
#include <cstdio>

#include "tests/fuzz/fuzz.hh"
#include "tests/recursor/cachefile/caches.hh"

namespace {

using Octets = std::vector<std::byte>;

test::MemoryFile asFile(std::span<const std::byte> octets) {
  test::MemoryFile file;
  file.octets.assign(octets.begin(), octets.end());
  return file;
}

// A file with one block; what the caches of this process would not write, too.
test::MemoryFile withBlock(std::span<const std::byte> input, base::WallTime saved) {
  test::MemoryFile file;
  rec::BlockWriter out(
      [&](std::span<const std::byte> octets) {
        file.octets.insert(file.octets.end(), octets.begin(), octets.end());
        return base::Result<void>();
      },
      UINT64_MAX);
  static_cast<void>(out.begin({saved, {}}));
  out.enter(static_cast<rec::Section>(std::to_integer<unsigned>(input[0]) % 16));
  const auto payload = input.subspan(2);
  out.buffer().assign(payload.begin(), payload.end());
  for (unsigned i = 0; i < std::to_integer<unsigned>(input[1]) + 1U; ++i) {
    static_cast<void>(out.endEntry());
  }
  static_cast<void>(out.flush());
  static_cast<void>(out.end());
  return file;
}

void use(test::Caches& caches, const base::Clock& clock) {
  static std::FILE* const nowhere = std::fopen("/dev/null", "w");
  caches.records.dump(nowhere, clock.wall());
  caches.negatives.dump(nowhere, clock.wall());
  caches.subnets.dump(nowhere, clock.wall());
  caches.delegations.dump(nowhere, clock.wall());
  caches.trusts.dump(nowhere, clock.wall());
  caches.speeds.dumpSpeeds(nowhere, clock.mono());
  caches.speeds.dumpEdns(nowhere, clock.mono());
  caches.speeds.dumpThrottles(nowhere, clock.mono());
  caches.dotServers.dump(nowhere, clock.mono());
}

std::uint64_t loadInto(test::Caches& caches, const test::MemoryFile& file, const base::Clock& clock) {
  const auto report = test::loaded(file, caches, clock);
  return report ? report->counts.loaded : 0;
}

void check(const test::MemoryFile& file, const base::Clock& clock) {
  const rec::RecordCache::Options small{.shards = 1, .maxEntries = 1000, .maxBytes = std::size_t{1} << 20};
  test::Caches first(small), second(small);
  loadInto(first, file, clock);
  use(first, clock);
  const test::MemoryFile again = test::saved(first, clock);
  loadInto(second, again, clock);
  use(second, clock);
  fuzz::require(second.records.entries() == first.records.entries());
  fuzz::require(second.negatives.entries() == first.negatives.entries());
  fuzz::require(second.delegations.entries() == first.delegations.entries());
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const base::ManualClock clock;
  const auto input = fuzz::octets(data, size);
  check(asFile(input), clock);
  if (size > 2) check(withBlock(input, clock.wall()), clock);
  return 0;
}
