// Fuzz target: stored blocks of the query log and their indexes, whatever has become of them. The checksum is made
// right, so that what stands behind it is reached.
#include <cstring>

#include "recursor/querylog/blockindex.hh"
#include "recursor/querylog/blockscan.hh"

#include "tests/fuzz/fuzz.hh"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto octets = fuzz::octets(data, size);
  if (const auto index = rec::BlockIndex::decode(octets)) {
    static_cast<void>(rec::LogFilter().mayMatch(*index));
    fuzz::require(rec::BlockIndex::decode(index->encode()).ok());
  }
  rec::LogOctets stored(octets.begin(), octets.end());
  if (stored.size() > rec::kCheckedFrom) {
    const std::uint64_t sum = rec::checksum(std::span(stored).subspan(rec::kCheckedFrom));
    std::memcpy(stored.data() + 8, &sum, sizeof sum);
  }
  auto block = rec::Block::open(stored);
  if (!block) {
    return 0;
  }
  static const auto kFilter = rec::LogFilter::parse("suffix=example rcode=NXDOMAIN policy=* since=1", 0);
  const auto rows = rec::matchingRows(*block, *kFilter, 0);
  if (!block->decode(rec::Block::kAll)) {
    return 0;
  }
  for (std::uint32_t row = 0; row < block->records(); ++row) {
    const rec::LogRecord record = block->record(row);
    fuzz::require(!kFilter->matches(record) || rows.ok());
  }
  return 0;
}
