// Cache files that are not as they were written: cut off, changed, somebody else's.
#include <catch2/catch.hpp>

#include <cstring>
#include <random>

#include "tests/recursor/cache/helpers.hh"
#include "tests/recursor/cachefile/caches.hh"

using namespace rec;
using test::Caches;
using test::MemoryFile;

namespace {

constexpr int kEntries = 30000; // several blocks

const MemoryFile& wholeFile() {
  static const MemoryFile file = [] {
    base::ManualClock clock;
    Caches caches;
    for (int i = 0; i < kEntries; ++i) {
      caches.records.store(test::record("n" + std::to_string(i) + ".test. 3600 IN A 192.0.2.1"), Rank::AnswerAuth,
                           Security::Indeterminate, clock.wall());
    }
    return test::saved(caches, clock);
  }();
  return file;
}

CacheLoader::Report load(const MemoryFile& file) {
  base::ManualClock clock;
  Caches caches;
  auto report = test::loaded(file, caches, clock);
  REQUIRE(report);
  CHECK(caches.records.entries() == report->counts.loaded);
  return *report;
}

std::string whyNot(const MemoryFile& file) {
  base::ManualClock clock;
  Caches caches;
  const auto report = test::loaded(file, caches, clock);
  CHECK(caches.records.entries() == 0);
  return report ? "" : report.error().message;
}

} // namespace

TEST_CASE("a file that is cut off gives what is whole of it, and is known to be cut off") {
  MemoryFile file = wholeFile();
  file.octets.resize(file.octets.size() * 2 / 3);
  const auto report = load(file);
  CHECK(report.damage.truncated);
  CHECK(report.counts.loaded > kEntries / 3);
  CHECK(report.counts.loaded < kEntries);
  file = wholeFile();
  file.octets.resize(file.octets.size() - 1); // of the last block
  CHECK(load(file).damage.truncated);
  CHECK(load(file).counts.loaded == kEntries);
}

TEST_CASE("an octet that has changed costs the block it is in") {
  MemoryFile file = wholeFile();
  file.octets[file.octets.size() / 2] ^= std::byte{1};
  const auto report = load(file);
  CHECK_FALSE(report.damage.truncated);
  CHECK(report.counts.damaged > 0);
  CHECK(report.counts.damaged < kEntries / 2);
  CHECK(report.counts.loaded + report.counts.damaged == kEntries);
}

TEST_CASE("behind a block whose head is damaged the next one is found") {
  MemoryFile file = wholeFile();
  file.octets[BlockReader::kHeadSize + 9] ^= std::byte{1}; // the count of the first block
  const auto report = load(file);
  CHECK(report.damage.places == 1);
  CHECK_FALSE(report.damage.truncated);
  CHECK(report.counts.loaded > 0);
  CHECK(report.counts.loaded < kEntries);
}

TEST_CASE("octets that were put in between cost nothing but themselves") {
  MemoryFile file = wholeFile();
  file.octets.insert(file.octets.begin() + BlockReader::kHeadSize, 100000, std::byte{0x52});
  const auto report = load(file);
  CHECK(report.damage.places == 1);
  CHECK(report.counts.loaded == kEntries);
}

TEST_CASE("a file that is not ours, of another version, or with a damaged head is refused with the reason") {
  MemoryFile file;
  CHECK(whyNot(file) == "it is no file of caches");
  file.octets.assign(5000, std::byte{'x'});
  CHECK(whyNot(file) == "it is no file of caches");
  file = wholeFile();
  file.octets[8] = std::byte{99};
  CHECK(whyNot(file) == "it was written by another version, or on another kind of machine");
  file = wholeFile();
  file.octets[20] ^= std::byte{1};
  CHECK(whyNot(file) == "its head is damaged");
}

TEST_CASE("whatever is changed in a file, it is read to its end") {
  std::mt19937 random(20261122);
  for (int round = 0; round < 40; ++round) {
    MemoryFile file = wholeFile();
    for (int i = 0; i < 20; ++i) {
      const std::size_t at = BlockReader::kHeadSize + random() % (file.octets.size() - BlockReader::kHeadSize);
      file.octets[at] = static_cast<std::byte>(random());
    }
    const auto report = load(file);
    CHECK(report.counts.loaded <= kEntries);
  }
}
