// From raw records to columns.
#include "recursor/querylog/blockbuilder.hh"

#include <algorithm>
#include <cassert>
#include <cstddef>
#include <cstring>
#include <string>
#include <utility>

#include "lib/base/hash.hh"

namespace rec {
namespace {

std::span<const std::byte> takeString(std::span<const std::byte>& rest) {
  if (rest.empty()) return {};
  const std::size_t size = std::min<std::size_t>(std::to_integer<std::size_t>(rest[0]), rest.size() - 1);
  const auto text = rest.subspan(1, size);
  rest = rest.subspan(1 + size);
  return text;
}

std::string asString(std::span<const std::byte> octets) {
  return {reinterpret_cast<const char*>(octets.data()), octets.size()};
}
std::span<const std::byte> asOctets(const std::string& text) { return std::as_bytes(std::span(text)); }

std::uint64_t questionOf(std::uint64_t name, std::uint16_t type) { return base::mix(name ^ type, base::hashSeeds().b); }

// Of the octets as they are, for speed: the same name in another case is looked up once more. Never 0.
std::uint64_t keyOf(std::span<const std::byte> name, std::uint64_t what) {
  return base::mix(Dictionary::hashOf(name) ^ what, base::hashSeeds().c) | 1;
}

} // namespace

BlockBuilder::Extras BlockBuilder::extrasOf(const RawRecord& record) {
  Extras extras;
  const unsigned marks = record.head().marks;
  auto rest = record.extra();
  if ((marks & kRawUpstream) != 0) {
    std::memcpy(&extras.queries, rest.data(), sizeof extras.queries);
    std::memcpy(&extras.bytes, rest.data() + sizeof extras.queries, sizeof extras.bytes);
    rest = rest.subspan(sizeof extras.queries + sizeof extras.bytes);
  }
  if ((marks & kRawPolicy) != 0) {
    extras.policy = takeString(rest);
    extras.rule = takeString(rest);
  }
  if ((marks & kRawTags) != 0) extras.tags = takeString(rest);
  if ((marks & kRawAnswers) != 0) extras.answers = takeString(rest);
  return extras;
}

// A hit of the packet cache says nothing of policies: the answer that was put there does.
void BlockBuilder::remember(const RawHead& head, const Extras& extras, std::uint64_t question) {
  d_memory.note(question, {head.ede, asString(extras.policy), asString(extras.rule)});
}

void BlockBuilder::recall(const PolicyMemory::Said& said, BlockShape& shape, Extras& extras) {
  shape.ede = said.ede;
  shape.marks = static_cast<std::uint8_t>(shape.marks | (said.policy.empty() && said.rule.empty() ? 0 : kRawPolicy));
  extras.policy = asOctets(said.policy);
  extras.rule = asOctets(said.rule);
}

// Often the same again.
inline std::uint32_t BlockBuilder::clientId(std::span<const std::byte> client) {
  if (d_records != 0) {
    const std::uint16_t last = d_clientIds[d_records - 1];
    const auto before = d_clients[last];
    const bool isSame = before.size() == client.size() &&
                        (client.size() == 4 ? base::load32(before.data()) == base::load32(client.data())
                                            : std::ranges::equal(before, client));
    if (isSame) return last;
  }
  return d_clients.add(client, Dictionary::hashOf(client));
}

[[gnu::always_inline]] inline void BlockBuilder::addRow(std::int64_t time, std::uint32_t latency, std::uint32_t name,
                                                        std::span<const std::byte> client, std::uint32_t shape) {
  if (d_records == 0) d_baseTime = d_lastTime = d_index.first = d_index.last = time;
  const std::int64_t passed = time - d_lastTime;
  d_times.putSigned(passed);
  if (passed != 0) {
    d_lastTime = time;
    d_index.first = std::min(d_index.first, time);
    d_index.last = std::max(d_index.last, time);
  }
  d_latencies.put(latency);
  d_index.slowest = std::max(d_index.slowest, latency);
  d_nameIds[d_records] = static_cast<std::uint16_t>(name);
  d_clientIds[d_records] = static_cast<std::uint16_t>(clientId(client));
  d_shapeIds[d_records] = static_cast<std::uint16_t>(shape);
  ++d_records;
}

void BlockBuilder::take(const std::byte* at, const RawMoment& moment, std::uint16_t worker) {
  formOf(at) == RawForm::Hit ? addHit(at, moment, worker) : add(RawRecord(at), worker);
}

void BlockBuilder::add(const RawRecord& record, std::uint16_t worker) {
  assert(!isFull());
  const RawHead& head = record.head();
  const std::uint64_t hash = Dictionary::hashOfName(record.name());
  const std::uint64_t question = questionOf(hash, head.type);
  Extras extras = head.marks == 0 ? Extras() : extrasOf(record);
  BlockShape shape{head.type, head.rrclass, head.rcode,     head.ede,      head.flags,
                   worker,    head.kind,    head.transport, head.security, head.marks};
  if (head.kind != static_cast<std::uint8_t>(LogKind::PacketCache)) {
    remember(head, extras, question);
  } else if (const PolicyMemory::Said* said = d_memory.find(question)) {
    recall(*said, shape, extras);
  }
  if ((head.marks & kRawUnlogged) != 0) {
    return;
  }
  const std::uint32_t name = d_names.addName(record.name(), hash);
  addRow(head.time, head.latency, name, record.client(), shapeId(shape));
  if (shape.marks != 0) addExtras(shape, extras);
}

BlockShape BlockBuilder::shapeOf(const RawHit& hit, std::uint16_t worker) {
  BlockShape shape;
  shape.type = hit.type;
  shape.rrclass = static_cast<std::uint16_t>(dns::RRClass::IN);
  shape.rcode = hit.code & 15U;
  shape.ede = kNoEde;
  shape.flags = hit.flags;
  shape.worker = worker;
  shape.kind = static_cast<std::uint8_t>(LogKind::PacketCache);
  shape.transport = static_cast<std::uint8_t>((hit.code & kHitTcp) != 0 ? LogTransport::Tcp : LogTransport::Udp);
  const bool isSecure = (hit.flags & kLogAnswerAd) != 0;
  shape.security = static_cast<std::uint8_t>(isSecure ? LogSecurity::Secure : LogSecurity::Unknown);
  return shape;
}

// One of which somebody has decided is the exception.
void BlockBuilder::addHit(const std::byte* at, const RawMoment& moment, std::uint16_t worker) {
  assert(!isFull());
  RawHit hit;
  std::memcpy(&hit, at, sizeof hit);
  const std::span<const std::byte> name(at + sizeof hit, hit.nameSize);
  const std::span<const std::byte> client(name.data() + name.size(), hit.clientSize);
  if (!d_memory.empty()) {
    const std::uint64_t hash = Dictionary::hashOfName(name);
    if (const PolicyMemory::Said* said = d_memory.find(questionOf(hash, hit.type))) {
      BlockShape shape = shapeOf(hit, worker);
      Extras extras;
      recall(*said, shape, extras);
      addRow(moment.time, moment.latency, d_names.addName(name, hash), client, shapeId(shape));
      return addExtras(shape, extras);
    }
  }
  const std::uint64_t what = static_cast<std::uint64_t>(base::load32(at + offsetof(RawHit, type))) << 16 | worker;
  const std::uint64_t key = keyOf(name, what);
  Known& known = d_known[(key >> 1) % kKnown];
  if (known.key != key || !d_names.isName(known.name, name)) [[unlikely]] {
    known.name = static_cast<std::uint16_t>(d_names.addName(name, Dictionary::hashOfName(name)));
    known.shape = static_cast<std::uint16_t>(shapeId(shapeOf(hit, worker)));
    known.key = key;
  }
  addRow(moment.time, moment.latency, known.name, client, known.shape);
}

std::uint32_t BlockBuilder::shapeId(const BlockShape& shape) {
  if (d_shapes.size() != 0 && shape == d_shape) {
    return d_shapeId;
  }
  d_shape = shape;
  const auto octets = std::as_bytes(std::span(&shape, 1));
  d_shapeId = d_shapes.add(octets, Dictionary::hashOf(octets));
  d_index.rcodes |= std::uint64_t{1} << std::min<unsigned>(shape.rcode, 63);
  d_index.types |= std::uint64_t{1} << (shape.type % 64);
  d_index.kinds = static_cast<std::uint16_t>(d_index.kinds | 1U << shape.kind);
  d_index.hasPolicies = d_index.hasPolicies || (shape.marks & kRawPolicy) != 0;
  return d_shapeId;
}

std::uint32_t BlockBuilder::stringId(std::span<const std::byte> text) {
  return d_strings.add(text, Dictionary::hashOf(text));
}

void BlockBuilder::addExtras(const BlockShape& shape, const Extras& extras) {
  if ((shape.marks & kRawUpstream) != 0) {
    putVarint(d_upstream, extras.queries);
    putVarint(d_upstream, extras.bytes);
  }
  if ((shape.marks & kRawPolicy) != 0) {
    putVarint(d_policies, stringId(extras.policy));
    putVarint(d_policies, stringId(extras.rule));
  }
  if ((shape.marks & kRawTags) != 0) putVarint(d_tags, stringId(extras.tags));
  if ((shape.marks & kRawAnswers) != 0) putVarint(d_answers, stringId(extras.answers));
}

void BlockBuilder::clear() {
  d_records = 0;
  for (Dictionary* dictionary : {&d_names, &d_clients, &d_shapes, &d_strings}) dictionary->clear();
  for (NumberColumn* column : {&d_times, &d_latencies}) column->clear();
  for (LogOctets* column : {&d_upstream, &d_policies, &d_tags, &d_answers}) column->clear();
  std::ranges::fill(d_known, Known());
  d_index = BlockIndex();
}

} // namespace rec
