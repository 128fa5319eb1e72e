// Blocks counted in parallel, each thread for itself; the sums at the end.
#include "recursor/querylog/summary.hh"

#include <algorithm>
#include <array>
#include <atomic>
#include <limits>
#include <thread>

#include "recursor/querylog/blockscan.hh"
#include "recursor/querylog/toptable.hh"

namespace rec {
namespace {

constexpr std::array<std::string_view, 9> kKeys{"names", "clients",  "suffixes", "types", "rcodes",
                                                "kinds", "policies", "blocked",  "slow"};
constexpr unsigned kMostThreads = 4;
constexpr std::size_t kMostRows = 10'000;
constexpr std::int64_t kSecond = 1'000'000;

using Rows = std::vector<std::uint32_t>;

// ---- blocks in parallel

// The blocks that may have something, with the latest known of all.
base::Result<std::vector<NumberedIndex>> wantedBlocks(BlockSource& source, const LogFilter& filter,
                                                      LogProgress& progress) {
  std::vector<NumberedIndex> wanted;
  const auto done = eachBlock(source, filter, false, progress, [&wanted](const NumberedIndex& numbered) {
    wanted.push_back(numbered);
    wanted.back().index.names = wanted.back().index.clients = HashFilter();
    return true;
  });
  if (!done) return done.error();
  progress.blocks = progress.done;
  progress.done = progress.skipped;
  return wanted;
}

// `work(block, rows, share)` for the rows of each block that match; `progress` is called on this thread.
template <typename Share, typename Work>
void eachWanted(BlockSource& source, const LogFilter& filter, std::span<const NumberedIndex> wanted, unsigned columns,
                std::vector<Share>& shares, LogProgress& total, const ProgressCall& progress, Work work) {
  std::atomic<std::size_t> next{0};
  std::atomic<std::uint64_t> records{0}, matched{0}, damaged{0}, done{0};
  std::atomic<bool> ends{false};
  const auto current = [&] {
    LogProgress sofar = total;
    sofar.done += done;
    sofar.records = records;
    sofar.matched = matched;
    sofar.damaged = damaged;
    return sofar;
  };
  const auto run = [&](std::size_t self) {
    for (std::size_t i = next++; i < wanted.size() && !ends; i = next++) {
      auto stored = source.block(wanted[i].id);
      auto block = stored ? Block::open(std::move(*stored)) : base::Result<Block>(stored.error());
      const auto rows = block ? matchingRows(*block, filter, columns) : base::Result<Rows>(block.error());
      if (rows && (rows->empty() || block->decode(columns))) {
        if (!rows->empty()) work(*block, *rows, shares[self]);
        records += block->records();
        matched += rows->size();
      } else {
        ++damaged;
      }
      ++done;
      if (self == 0 && progress && !progress(current())) ends = true;
    }
  };
  std::vector<std::thread> threads;
  for (std::size_t i = 1; i < shares.size(); ++i) threads.emplace_back(run, i);
  run(0);
  for (std::thread& thread : threads) thread.join();
  total = current();
}

unsigned threadsFor(unsigned asked, std::size_t blocks) {
  const unsigned most = asked != 0 ? asked : std::clamp(std::thread::hardware_concurrency(), 1U, kMostThreads);
  return static_cast<unsigned>(std::clamp<std::size_t>(blocks / 4, 1, most));
}

// ---- keys

std::string_view asText(std::span<const std::byte> octets) {
  return {reinterpret_cast<const char*>(octets.data()), octets.size()};
}

// The last `labels` labels of a name in wire form.
std::span<const std::byte> suffixOf(std::span<const std::byte> wire, unsigned labels) {
  unsigned count = 0;
  for (std::size_t at = 0; wire[at] != std::byte{0}; at += std::to_integer<std::size_t>(wire[at]) + 1) ++count;
  for (; count > labels; --count) wire = wire.subspan(std::to_integer<std::size_t>(wire[0]) + 1);
  return wire;
}

// Counts by number first, so that each key of a block is looked up once.
template <typename KeyOf>
void countIds(TopTable& table, const Rows& rows, std::span<const std::uint16_t> ids, std::size_t keys, KeyOf keyOf) {
  std::vector<std::uint32_t> counts(keys);
  for (const std::uint32_t row : rows) ++counts[ids[row]];
  for (std::size_t i = 0; i < keys; ++i) {
    if (counts[i] != 0) table.add(keyOf(i), counts[i]);
  }
}

void countSlow(TopTable& table, const Block& block, const Rows& rows) {
  std::vector<std::uint32_t> slowest(block.names().size());
  for (const std::uint32_t row : rows) {
    std::uint32_t& most = slowest[block.nameIds()[row]];
    most = std::max(most, block.latencies()[row]);
  }
  for (const std::uint32_t row : rows) {
    std::uint32_t& most = slowest[block.nameIds()[row]];
    if (most != 0) table.add(asText(block.names()[block.nameIds()[row]]), most);
    most = 0;
  }
}

Rows withPolicy(const Block& block, const Rows& rows) {
  Rows decided;
  std::ranges::copy_if(rows, std::back_inserter(decided),
                       [&block](std::uint32_t row) { return !block.policy(row).empty(); });
  return decided;
}

void countNames(TopTable& table, const Block& block, const Rows& rows) {
  countIds(table, rows, block.nameIds(), block.names().size(), [&](std::size_t i) { return asText(block.names()[i]); });
}

void countBlock(TopTable& table, const Block& block, const Rows& rows, const TopOptions& options) {
  const auto ofShape = [&](auto textOf) {
    countIds(table, rows, block.shapeIds(), block.shapes().size(),
             [&](std::size_t i) { return std::string(textOf(block.shapes()[i])); });
  };
  switch (options.key) {
  case LogKey::Names: return countNames(table, block, rows);
  case LogKey::Blocked: return countNames(table, block, withPolicy(block, rows));
  case LogKey::Slow: return countSlow(table, block, rows);
  case LogKey::Clients:
    return countIds(table, rows, block.clientIds(), block.clients().size(),
                    [&](std::size_t i) { return asText(block.clients()[i].octets()); });
  case LogKey::Suffixes:
    return countIds(table, rows, block.nameIds(), block.names().size(),
                    [&](std::size_t i) { return asText(suffixOf(block.names()[i], options.suffixLabels)); });
  case LogKey::Types: return ofShape([](const BlockShape& s) { return dns::text(static_cast<dns::RRType>(s.type)); });
  case LogKey::RCodes: return ofShape([](const BlockShape& s) { return dns::text(static_cast<dns::RCode>(s.rcode)); });
  case LogKey::Kinds: return ofShape([](const BlockShape& s) { return text(static_cast<LogKind>(s.kind)); });
  case LogKey::Policies:
    for (const std::uint32_t row : rows) {
      if (!block.policy(row).empty()) table.add(block.policy(row), 1);
    }
  }
}

unsigned columnsFor(LogKey key) {
  switch (key) {
  case LogKey::Names:
  case LogKey::Suffixes: return Block::kNames;
  case LogKey::Clients: return Block::kClients;
  case LogKey::Slow: return Block::kNames | Block::kLatencies;
  case LogKey::Blocked: return Block::kNames | Block::kShapes | Block::kExtras;
  case LogKey::Policies: return Block::kShapes | Block::kExtras;
  case LogKey::Types:
  case LogKey::RCodes:
  case LogKey::Kinds: break;
  }
  return Block::kShapes;
}

// What was counted by octets, in words.
std::string keyText(LogKey key, const std::string& octets) {
  const auto bytes = std::as_bytes(std::span(octets));
  switch (key) {
  case LogKey::Names:
  case LogKey::Suffixes:
  case LogKey::Blocked:
  case LogKey::Slow: return dns::Name::fromWire(bytes).text();
  case LogKey::Clients:
    if (bytes.size() == 4) return base::Address::v4(bytes.first<4>(), 0).text();
    return bytes.size() == 16 ? base::Address::v6(bytes.first<16>(), 0).text() : "-";
  default: return octets;
  }
}

// ---- histogram

// A step that people like, with about `rows` in the range.
std::int64_t niceStep(std::int64_t range, std::int64_t rows) {
  constexpr std::array<std::int64_t, 17> kSteps{1,   2,   5,    10,   15,   30,    60,    120,  300,
                                                600, 900, 1800, 3600, 7200, 21600, 43200, 86400};
  for (const std::int64_t seconds : kSteps) {
    if (range / (seconds * kSecond) <= rows) return seconds * kSecond;
  }
  return (range / (rows * 86400 * kSecond) + 1) * 86400 * kSecond;
}

std::int64_t floorTo(std::int64_t time, std::int64_t step) { return time - ((time % step) + step) % step; }

// The range that rows can be in.
std::pair<std::int64_t, std::int64_t> rangeOf(std::span<const NumberedIndex> wanted, const LogFilter& filter) {
  std::int64_t first = std::numeric_limits<std::int64_t>::max(), last = 0;
  for (const NumberedIndex& numbered : wanted) {
    first = std::min(first, numbered.index.first);
    last = std::max(last, numbered.index.last);
  }
  if (filter.since) first = std::max(first, *filter.since);
  if (filter.until) last = std::min(last, *filter.until - 1);
  return {first, std::max(first, last)};
}

void addRow(HistogramRow& sum, const Block& block, std::uint32_t row) {
  const BlockShape& shape = block.shapes()[block.shapeIds()[row]];
  const auto kind = static_cast<LogKind>(shape.kind);
  ++sum.queries;
  sum.nxdomain += shape.rcode == static_cast<unsigned>(dns::RCode::NXDomain) ? 1 : 0;
  sum.servfail += shape.rcode == static_cast<unsigned>(dns::RCode::ServFail) ? 1 : 0;
  sum.hits += kind == LogKind::PacketCache || kind == LogKind::RecordCache ? 1 : 0;
  sum.blocked += block.policy(row).empty() ? 0 : 1;
  sum.latencySum += block.latencies()[row];
  sum.latencyMost = std::max(sum.latencyMost, block.latencies()[row]);
}

void addRows(std::vector<HistogramRow>& to, const std::vector<HistogramRow>& from) {
  for (std::size_t i = 0; i < to.size(); ++i) {
    to[i].queries += from[i].queries;
    to[i].nxdomain += from[i].nxdomain;
    to[i].servfail += from[i].servfail;
    to[i].blocked += from[i].blocked;
    to[i].hits += from[i].hits;
    to[i].latencySum += from[i].latencySum;
    to[i].latencyMost = std::max(to[i].latencyMost, from[i].latencyMost);
  }
}

// Empty rows at both ends tell nothing.
void trim(std::vector<HistogramRow>& rows) {
  const auto isEmpty = [](const HistogramRow& row) { return row.queries == 0; };
  while (!rows.empty() && isEmpty(rows.back())) rows.pop_back();
  const auto begin = std::ranges::find_if_not(rows, isEmpty);
  rows.erase(rows.begin(), begin);
}

} // namespace

std::optional<LogKey> parseLogKey(std::string_view word) {
  const auto* const found = std::ranges::find(kKeys, word);
  return found == kKeys.end() ? std::nullopt : std::optional(static_cast<LogKey>(found - kKeys.begin()));
}

std::string logKeyWords() {
  std::string words;
  for (const std::string_view word : kKeys) words += (words.empty() ? "" : ", ") + std::string(word);
  return words;
}

base::Result<LogTopList> topOf(BlockSource& source, const LogFilter& filter, const TopOptions& options,
                               const ProgressCall& progress) {
  LogTopList list;
  LogFilter narrowed = filter;
  const bool isDecided = options.key == LogKey::Blocked || options.key == LogKey::Policies;
  if (isDecided && narrowed.policies.empty()) narrowed.policies = {"*"};
  const auto wanted = wantedBlocks(source, narrowed, list.progress);
  if (!wanted) return wanted.error();
  const auto mode = options.key == LogKey::Slow ? TopTable::Mode::Most : TopTable::Mode::Sum;
  std::vector<TopTable> tables(threadsFor(options.threads, wanted->size()), TopTable(mode));
  eachWanted(
      source, narrowed, *wanted, columnsFor(options.key), tables, list.progress, progress,
      [&options](const Block& block, const Rows& rows, TopTable& table) { countBlock(table, block, rows, options); });
  for (std::size_t i = 1; i < tables.size(); ++i) tables[0].merge(tables[i]);
  list.total = list.progress.matched;
  for (const auto& [key, count] : tables[0].top(options.rows)) {
    list.rows.push_back({keyText(options.key, key), count.value, count.atMostTooMany});
  }
  return list;
}

base::Result<Histogram> histogramOf(BlockSource& source, const LogFilter& filter, std::int64_t step,
                                    const ProgressCall& progress) {
  Histogram histogram;
  const auto wanted = wantedBlocks(source, filter, histogram.progress);
  if (!wanted) return wanted.error();
  const auto [first, last] = rangeOf(*wanted, filter);
  constexpr std::int64_t kRows = 60;
  histogram.step = step > 0 ? step : niceStep(wanted->empty() ? 0 : last - first, kRows);
  if (wanted->empty()) return histogram;
  const std::int64_t end = floorTo(last, histogram.step);
  const std::int64_t begin =
      std::max(floorTo(first, histogram.step), end - static_cast<std::int64_t>(kMostRows - 1) * histogram.step);
  std::vector<HistogramRow> empty(static_cast<std::size_t>((end - begin) / histogram.step + 1));
  for (std::size_t i = 0; i < empty.size(); ++i) {
    empty[i].begin = begin + static_cast<std::int64_t>(i) * histogram.step;
  }
  std::vector shares(threadsFor(0, wanted->size()), empty);
  constexpr unsigned kColumns = Block::kTimes | Block::kLatencies | Block::kShapes | Block::kExtras;
  eachWanted(source, filter, *wanted, kColumns, shares, histogram.progress, progress,
             [&](const Block& block, const Rows& rows, std::vector<HistogramRow>& share) {
               for (const std::uint32_t row : rows) {
                 const std::int64_t at = (block.times()[row] - begin) / histogram.step;
                 if (block.times()[row] >= begin && at < std::ssize(share)) {
                   addRow(share[static_cast<std::size_t>(at)], block, row);
                 }
               }
             });
  for (std::size_t i = 1; i < shares.size(); ++i) addRows(shares[0], shares[i]);
  histogram.rows = std::move(shares[0]);
  trim(histogram.rows);
  return histogram;
}

} // namespace rec
