// A table of yes and no for each dictionary, then one pass over the records.
#include "recursor/querylog/blockscan.hh"

#include <algorithm>

#include "recursor/querylog/rawrecord.hh"

namespace rec {
namespace {

using Marks = std::vector<std::uint8_t>; // by number: whether it matches; empty: all do

bool hasNames(const LogFilter& filter) { return !filter.names.empty() || !filter.suffixes.empty(); }

bool hasShapes(const LogFilter& filter) {
  return !filter.types.empty() || !filter.rcodes.empty() || !filter.kinds.empty() || !filter.transports.empty() ||
         !filter.securities.empty() || filter.ede.has_value();
}

bool endsWith(std::span<const std::byte> name, std::span<const std::byte> suffix) {
  return name.size() >= suffix.size() && std::ranges::equal(name.last(suffix.size()), suffix);
}

// Only octets that end alike are worth a look at the labels.
bool matchesWire(const LogFilter& filter, std::span<const std::byte> wire) {
  const auto mayBe = [wire](const std::vector<dns::Name>& names) {
    return names.empty() ||
           std::ranges::any_of(names, [wire](const dns::Name& name) { return endsWith(wire, name.wire()); });
  };
  return mayBe(filter.names) && mayBe(filter.suffixes) && filter.matchesName(dns::Name::fromWire(wire));
}

bool matchesShape(const LogFilter& filter, const BlockShape& shape) {
  const auto isAmong = [](const auto& list, auto value) {
    return list.empty() || std::ranges::find(list, value) != list.end();
  };
  return isAmong(filter.types, static_cast<dns::RRType>(shape.type)) &&
         isAmong(filter.rcodes, static_cast<dns::RCode>(shape.rcode)) &&
         isAmong(filter.kinds, static_cast<LogKind>(shape.kind)) &&
         isAmong(filter.transports, static_cast<LogTransport>(shape.transport)) &&
         isAmong(filter.securities, static_cast<LogSecurity>(shape.security)) &&
         (!filter.ede || (shape.ede != kNoEde && shape.ede == *filter.ede));
}

template <typename List, typename Test> Marks marksOf(bool wanted, const List& list, Test test) {
  Marks marks;
  if (wanted) {
    marks.reserve(list.size());
    for (const auto& item : list) marks.push_back(test(item) ? 1 : 0);
  }
  return marks;
}

// Those rows go whose number is not marked.
void keepMarked(std::vector<std::uint32_t>& rows, const Marks& marks, std::span<const std::uint16_t> ids) {
  if (!marks.empty()) {
    std::erase_if(rows, [&](std::uint32_t row) { return marks[ids[row]] == 0; });
  }
}

} // namespace

unsigned columnsOf(const LogFilter& filter) {
  unsigned columns = 0;
  if (filter.since || filter.until) columns |= Block::kTimes;
  if (filter.slowerThan) columns |= Block::kLatencies;
  if (hasNames(filter)) columns |= Block::kNames;
  if (!filter.clients.empty()) columns |= Block::kClients;
  if (hasShapes(filter)) columns |= Block::kShapes;
  if (!filter.policies.empty() || !filter.tags.empty()) columns |= Block::kShapes | Block::kExtras;
  return columns;
}

base::Result<std::vector<std::uint32_t>> matchingRows(Block& block, const LogFilter& filter, unsigned columns) {
  std::vector<std::uint32_t> rows;
  if (auto decoded = block.decode(columnsOf(filter)); !decoded) return decoded.error();
  const Marks names = marksOf(hasNames(filter), block.names(), [&](auto wire) { return matchesWire(filter, wire); });
  const auto hasNone = [](const Marks& marks) { return !marks.empty() && std::ranges::count(marks, 1) == 0; };
  if (hasNone(names)) return rows;
  const Marks clients = marksOf(!filter.clients.empty(), block.clients(),
                                [&](const base::Address& client) { return filter.matchesClient(client); });
  const Marks shapes =
      marksOf(hasShapes(filter), block.shapes(), [&](const BlockShape& shape) { return matchesShape(filter, shape); });
  if (hasNone(clients) || hasNone(shapes)) return rows;
  if (auto decoded = block.decode(columns); !decoded) return decoded.error();
  rows.resize(block.records());
  for (std::uint32_t i = 0; i < rows.size(); ++i) rows[i] = i;
  keepMarked(rows, names, block.nameIds());
  keepMarked(rows, clients, block.clientIds());
  keepMarked(rows, shapes, block.shapeIds());
  std::erase_if(rows, [&](std::uint32_t row) {
    return (filter.since && block.times()[row] < *filter.since) ||
           (filter.until && block.times()[row] >= *filter.until) ||
           (filter.slowerThan && block.latencies()[row] <= *filter.slowerThan) ||
           (!filter.policies.empty() && !filter.matchesPolicy(block.policy(row))) ||
           (!filter.tags.empty() && !filter.matchesTags(block.tags(row)));
  });
  return rows;
}

} // namespace rec
