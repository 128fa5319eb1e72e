// Decoding. Every size and number that is stored is checked before it is used.
#include "recursor/querylog/block.hh"

#include <algorithm>

#include "recursor/querylog/rawrecord.hh"

namespace rec {
namespace {

constexpr std::size_t kTableSize = kSections * 2 * sizeof(std::uint32_t);
constexpr std::uint32_t kMostRecords = 65536;
constexpr std::size_t kMostShapeOctets = std::size_t{kMostRecords} * sizeof(BlockShape);

base::Address addressOf(std::span<const std::byte> octets) {
  if (octets.size() == 4) return base::Address::v4(octets.first<4>(), 0);
  return octets.size() == 16 ? base::Address::v6(octets.first<16>(), 0) : base::Address();
}

// The size of the name at the front; 0: there is none.
std::size_t nameSize(std::span<const std::byte> octets) {
  std::size_t at = 0;
  while (at < octets.size() && at < dns::kMaxNameSize) {
    const auto label = std::to_integer<std::size_t>(octets[at]);
    if (label == 0) return at + 1;
    if (label > dns::kMaxLabelSize) return 0;
    at += label + 1;
  }
  return 0;
}

bool isSane(const BlockShape& shape) {
  return shape.kind < kLogKinds && shape.transport < kLogTransports && shape.security < kLogSecurities &&
         shape.marks < kRawUnlogged;
}

} // namespace

base::Result<Block> Block::open(LogOctets stored) {
  BlockHead head;
  if (stored.size() < sizeof head + kTableSize) {
    return base::Error{"a block that is too short"};
  }
  std::memcpy(&head, stored.data(), sizeof head);
  if (head.magic != kBlockMagic) {
    return base::Error{"not a block of this version"};
  }
  if (head.checksum != checksum(std::span(stored).subspan(kCheckedFrom))) {
    return base::Error{"a block with a wrong checksum"};
  }
  const bool sane = head.records <= kMostRecords && head.names <= head.records && head.clients <= head.records &&
                    head.shapes <= head.records && head.strings <= 4 * head.records;
  Block block(std::move(stored), head);
  if (!sane || !block.readTable()) {
    return base::Error{"a block with impossible sizes"};
  }
  return block;
}

bool Block::readTable() {
  std::size_t at = sizeof(BlockHead) + kTableSize;
  PackingReader table(std::span<const std::byte>(d_stored).subspan(sizeof(BlockHead), kTableSize));
  for (Place& place : d_places) {
    place.size = table.plain<std::uint32_t>();
    place.packed = table.plain<std::uint32_t>();
    place.at = at;
    if (place.size > kMostSection || place.packed > place.size || place.packed > d_stored.size() - at) return false;
    at += place.packed;
  }
  return at == d_stored.size();
}

std::optional<LogOctets> Block::section(LogSection which) const {
  const Place& place = d_places[static_cast<std::size_t>(which)];
  return decompressed(std::span<const std::byte>(d_stored).subspan(place.at, place.packed), place.size);
}

base::Result<void> Block::decode(unsigned columns) {
  const unsigned wanted = columns & ~d_decoded;
  const bool good = ((wanted & kTimes) == 0 || readTimes()) && ((wanted & kLatencies) == 0 || readLatencies()) &&
                    ((wanted & kNames) == 0 || readNames()) && ((wanted & kClients) == 0 || readClients()) &&
                    ((wanted & kShapes) == 0 || readShapes()) && ((wanted & kExtras) == 0 || readExtras());
  if (!good) {
    return base::Error{"a damaged block"};
  }
  d_decoded |= columns;
  return {};
}

bool Block::readIds(LogSection which, std::uint32_t count, std::vector<std::uint16_t>& ids) const {
  const auto octets = section(which);
  const std::size_t rows = d_head.records, width = idWidth(count);
  if (!octets || octets->size() != width * rows || (count == 0 && rows != 0)) {
    return false;
  }
  ids.assign(rows, 0);
  unsigned most = 0;
  for (std::size_t i = 0; i < rows && width > 0; ++i) {
    unsigned id = std::to_integer<unsigned>((*octets)[i]);
    if (width > 1) id |= std::to_integer<unsigned>((*octets)[rows + i]) << 8;
    most = std::max(most, id);
    ids[i] = static_cast<std::uint16_t>(id);
  }
  return rows == 0 || most < count;
}

bool Block::readTimes() {
  const auto octets = section(LogSection::Times);
  if (!octets) return false;
  PackingReader reader(*octets);
  d_times.resize(d_head.records);
  auto time = static_cast<std::uint64_t>(d_head.baseTime); // wraps around instead of overflowing
  for (std::int64_t& value : d_times) {
    time += static_cast<std::uint64_t>(reader.signedNumber());
    value = static_cast<std::int64_t>(time);
  }
  return reader.done();
}

bool Block::readLatencies() {
  const auto octets = section(LogSection::Latencies);
  if (!octets) return false;
  PackingReader reader(*octets);
  d_latencies.resize(d_head.records);
  for (std::uint32_t& value : d_latencies) value = static_cast<std::uint32_t>(reader.varint());
  return reader.done();
}

bool Block::readNames() {
  auto octets = section(LogSection::NameTexts);
  if (!octets || !readIds(LogSection::NameIds, d_head.names, d_nameIds)) return false;
  d_nameTexts = std::move(*octets);
  std::span<const std::byte> rest(d_nameTexts);
  d_names.clear();
  d_names.reserve(d_head.names);
  for (std::uint32_t i = 0; i < d_head.names; ++i) {
    const std::size_t size = nameSize(rest);
    if (size == 0) return false;
    d_names.push_back(rest.first(size));
    rest = rest.subspan(size);
  }
  return rest.empty();
}

bool Block::readClients() {
  const auto octets = section(LogSection::ClientTexts);
  if (!octets || !readIds(LogSection::ClientIds, d_head.clients, d_clientIds)) return false;
  PackingReader reader(*octets);
  d_clients.clear();
  d_clients.reserve(d_head.clients);
  for (std::uint32_t i = 0; i < d_head.clients; ++i) {
    const auto size = static_cast<std::size_t>(reader.varint());
    d_clients.push_back(addressOf(reader.take(size)));
  }
  return reader.done();
}

bool Block::readShapes() {
  const auto octets = section(LogSection::Shapes);
  if (!octets || octets->size() > kMostShapeOctets || octets->size() != d_head.shapes * sizeof(BlockShape) ||
      !readIds(LogSection::ShapeIds, d_head.shapes, d_shapeIds)) {
    return false;
  }
  d_shapes.resize(d_head.shapes);
  if (!d_shapes.empty()) std::memcpy(d_shapes.data(), octets->data(), octets->size());
  return std::ranges::all_of(d_shapes, isSane);
}

bool Block::readStrings() {
  auto octets = section(LogSection::Strings);
  if (!octets) return false;
  d_stringTexts = std::move(*octets);
  PackingReader reader(d_stringTexts);
  d_strings.clear();
  for (std::uint32_t i = 0; i < d_head.strings && reader.ok(); ++i) {
    const auto size = static_cast<std::size_t>(reader.varint());
    const auto text = reader.take(size);
    d_strings.emplace_back(reinterpret_cast<const char*>(text.data()), text.size());
  }
  return reader.done();
}

bool Block::readSparse(LogSection which, unsigned mark, std::size_t each, bool areStrings, Ids& ids) const {
  const auto octets = section(which);
  if (!octets) return false;
  ids.clear();
  if (octets->empty()) return true;
  PackingReader reader(*octets);
  ids.assign(each * d_head.records, kNone);
  for (std::size_t row = 0; row < d_head.records && reader.ok(); ++row) {
    if ((d_shapes[d_shapeIds[row]].marks & mark) == 0) continue;
    for (std::size_t i = 0; i < each; ++i) {
      const std::uint64_t value = reader.varint();
      if (areStrings && value >= d_strings.size()) return false;
      ids[each * row + i] = static_cast<std::uint32_t>(std::min<std::uint64_t>(value, kNone));
    }
  }
  return reader.done();
}

bool Block::readExtras() {
  if (((d_decoded & kShapes) == 0 && !readShapes()) || !readStrings()) return false;
  return readSparse(LogSection::Upstream, kRawUpstream, 2, false, d_upstream) &&
         readSparse(LogSection::Policies, kRawPolicy, 2, true, d_policies) &&
         readSparse(LogSection::Tags, kRawTags, 1, true, d_tags) &&
         readSparse(LogSection::Answers, kRawAnswers, 1, true, d_answers);
}

std::string_view Block::string(const Ids& ids, std::size_t at) const {
  return at < ids.size() && ids[at] != kNone ? d_strings[ids[at]] : std::string_view();
}

LogRecord Block::record(std::size_t row) const {
  const BlockShape& shape = d_shapes[d_shapeIds[row]];
  LogRecord record;
  record.time = d_times[row];
  record.client = d_clients[d_clientIds[row]];
  record.name = dns::Name::fromWire(d_names[d_nameIds[row]]);
  record.type = static_cast<dns::RRType>(shape.type);
  record.rrclass = static_cast<dns::RRClass>(shape.rrclass);
  record.rcode = static_cast<dns::RCode>(shape.rcode);
  record.kind = static_cast<LogKind>(shape.kind);
  record.transport = static_cast<LogTransport>(shape.transport);
  record.security = static_cast<LogSecurity>(shape.security);
  record.flags = shape.flags;
  record.worker = shape.worker;
  if (shape.ede != kNoEde) record.ede = shape.ede;
  record.latency = d_latencies[row];
  if ((shape.marks & kRawUpstream) != 0 && 2 * row + 1 < d_upstream.size()) {
    record.upstreamQueries = d_upstream[2 * row];
    record.upstreamBytes = d_upstream[2 * row + 1];
  }
  record.policy = policy(row);
  record.rule = rule(row);
  record.tags = tags(row);
  const std::string_view answers = string(d_answers, row);
  PackingReader reader(std::as_bytes(std::span(answers)));
  while (reader.ok() && !reader.rest().empty()) {
    const auto size = std::to_integer<std::size_t>(reader.take(1)[0]);
    const base::Address address = addressOf(reader.take(size));
    if (address.valid()) record.answers.push_back(address);
  }
  return record;
}

} // namespace rec
