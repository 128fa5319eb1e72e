// Block by block, past those whose index says no.
#include "recursor/querylog/reader.hh"

#include <algorithm>
#include <limits>

#include "recursor/querylog/blockscan.hh"

namespace rec {
namespace {

constexpr std::size_t kIndexesAtOnce = 64;

// Rows in order of time; nearly always they are in it already.
void sortByTime(std::vector<std::uint32_t>& rows, std::span<const std::int64_t> times, bool newestFirst) {
  const auto isBefore = [times](std::uint32_t a, std::uint32_t b) {
    return times[a] != times[b] ? times[a] < times[b] : a < b;
  };
  if (!std::ranges::is_sorted(rows, isBefore)) std::ranges::sort(rows, isBefore);
  if (newestFirst) std::ranges::reverse(rows);
}

// By their numbers, which have few gaps.
std::uint64_t blocksBetween(BlockSource& source, std::uint64_t first, bool newestFirst) {
  const auto other = source.indexes(newestFirst ? 0 : std::numeric_limits<std::uint64_t>::max(), !newestFirst, 1);
  if (!other || other->empty()) return 0;
  const std::uint64_t end = other->front().id;
  return (end > first ? end - first : first - end) + 1;
}

} // namespace

base::Result<std::uint64_t> eachBlock(BlockSource& source, const LogFilter& filter, bool newestFirst,
                                      LogProgress& progress, const BlockCall& call) {
  std::uint64_t from = newestFirst ? std::numeric_limits<std::uint64_t>::max() : 0;
  for (;;) {
    const auto indexes = source.indexes(from, newestFirst, kIndexesAtOnce);
    if (!indexes) return indexes.error();
    if (indexes->empty()) return progress.done;
    if (progress.blocks == 0) progress.blocks = blocksBetween(source, indexes->front().id, newestFirst);
    for (const NumberedIndex& numbered : *indexes) {
      ++progress.done;
      progress.blocks = std::max(progress.blocks, progress.done);
      const bool wanted = filter.mayMatch(numbered.index);
      progress.skipped += wanted ? 0 : 1;
      if (wanted && !call(numbered)) return progress.done;
    }
    const std::uint64_t last = indexes->back().id;
    if (newestFirst && last == 0) return progress.done;
    from = newestFirst ? last - 1 : last + 1;
  }
}

base::Result<LogProgress> LogReader::search(const LogFilter& filter, Order order,
                                            const std::function<bool(const LogRecord&)>& take,
                                            const ProgressCall& progress) {
  LogProgress sofar;
  const auto scan = [&](const NumberedIndex& numbered) {
    if (progress && !progress(sofar)) return false;
    auto stored = d_source.block(numbered.id);
    auto block = stored ? Block::open(std::move(*stored)) : base::Result<Block>(stored.error());
    auto rows = block ? matchingRows(*block, filter, 0) : base::Result<std::vector<std::uint32_t>>(block.error());
    if (!rows || (!rows->empty() && !block->decode(Block::kAll))) {
      ++sofar.damaged;
      return true;
    }
    sofar.records += block->records();
    sortByTime(*rows, block->times(), order.newestFirst);
    for (const std::uint32_t row : *rows) {
      ++sofar.matched;
      if (!take(block->record(row))) return false;
    }
    return true;
  };
  const auto done = eachBlock(d_source, filter, order.newestFirst, sofar, scan);
  if (!done) return done.error();
  return sofar;
}

base::Result<LogFollower> LogFollower::make(BlockSource& source) {
  LogFollower follower(source);
  const auto version = source.version();
  if (!version) return version.error();
  follower.d_version = *version;
  const auto newest = source.indexes(std::numeric_limits<std::uint64_t>::max(), true, 1);
  if (!newest) return newest.error();
  if (!newest->empty()) {
    follower.d_block = newest->front().id;
    follower.d_records = newest->front().index.records;
  }
  return follower;
}

// The block read last may have grown since.
base::Result<void> LogFollower::next(const LogFilter& filter, const std::function<void(const LogRecord&)>& take) {
  const auto version = d_source->version();
  if (!version) return version.error();
  if (*version == d_version) return {};
  d_version = *version;
  for (;;) {
    const auto indexes = d_source->indexes(d_block, false, kIndexesAtOnce);
    if (!indexes) return indexes.error();
    bool isNew = false;
    for (const NumberedIndex& numbered : *indexes) {
      if (numbered.id == d_block && numbered.index.records <= d_records) continue;
      isNew = true;
      if (const auto read = readNew(numbered, filter, take); !read) return read;
    }
    if (!isNew) return {};
  }
}

base::Result<void> LogFollower::readNew(const NumberedIndex& numbered, const LogFilter& filter,
                                        const std::function<void(const LogRecord&)>& take) {
  const std::uint32_t known = numbered.id == d_block ? d_records : 0;
  d_block = numbered.id;
  d_records = numbered.index.records;
  if (!filter.mayMatch(numbered.index)) return {};
  auto stored = d_source->block(numbered.id);
  if (!stored) return {}; // it has gone meanwhile
  auto block = Block::open(std::move(*stored));
  auto rows =
      block ? matchingRows(*block, filter, Block::kAll) : base::Result<std::vector<std::uint32_t>>(block.error());
  if (!rows) return rows.error();
  d_records = block->records();
  for (const std::uint32_t row : *rows) {
    if (row >= known) take(block->record(row));
  }
  return {};
}

} // namespace rec
