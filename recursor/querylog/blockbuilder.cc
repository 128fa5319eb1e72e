// From raw records to columns, from columns to a block. The order of sections is that of blockformat.hh.
#include "recursor/querylog/blockbuilder.hh"

#include <algorithm>
#include <bit>
#include <cassert>
#include <string>
#include <utility>

#include "lib/base/hash.hh"
#include "lib/dns/fold.hh"

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

// Lower case, into room for a whole name.
std::span<const std::byte> folded(std::span<const std::byte> name, std::byte* room) {
  std::size_t i = 0;
  for (; i + 8 <= name.size(); i += 8) {
    const std::uint64_t word = dns::foldWord(base::load64(name.data() + i));
    std::memcpy(room + i, &word, sizeof word);
  }
  for (; i < name.size(); ++i) room[i] = dns::fold(name[i]);
  return {room, name.size()};
}

// The lowest octets of all numbers, then the next ones.
void putIds(LogOctets& out, std::span<const std::uint16_t> ids, std::uint32_t count) {
  out.clear();
  const std::size_t width = idWidth(count);
  out.resize(width * ids.size());
  for (std::size_t octet = 0; octet < width; ++octet) {
    std::byte* const plane = out.data() + octet * ids.size();
    for (std::size_t i = 0; i < ids.size(); ++i) plane[i] = static_cast<std::byte>(ids[i] >> 8 * octet);
  }
}

void putTexts(LogOctets& out, const Dictionary& texts) {
  out.clear();
  for (std::uint32_t i = 0; i < texts.size(); ++i) {
    putVarint(out, texts[i].size());
    out.insert(out.end(), texts[i].begin(), texts[i].end());
  }
}

// Each once: what is wanted of a filter's size.
void removeDuplicates(std::vector<std::uint64_t>& hashes) {
  const std::size_t mask = std::bit_ceil(2 * hashes.size() + 1) - 1;
  std::vector<std::uint64_t> slots(mask + 1);
  const auto isKnown = [&](std::uint64_t hash) {
    std::size_t at = hash & mask;
    while (slots[at] != 0 && slots[at] != hash) at = (at + 1) & mask;
    return std::exchange(slots[at], hash) == hash;
  };
  std::erase_if(hashes, isKnown);
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

// A hit of the packet cache says nothing of policies: the answer that was put there does. Null: nothing to say.
const PolicyMemory::Said* BlockBuilder::recall(const RawRecord& record, const Extras& extras, std::uint64_t name) {
  const RawHead& head = record.head();
  const std::uint64_t question = base::mix(name ^ head.type, base::hashSeeds().b);
  if (head.kind != static_cast<std::uint8_t>(LogKind::PacketCache)) {
    d_memory.note(question, {head.ede, asString(extras.policy), asString(extras.rule)});
    return nullptr;
  }
  return d_memory.find(question);
}

void BlockBuilder::add(const RawRecord& record, std::uint16_t worker) {
  assert(!isFull());
  const RawHead& head = record.head();
  std::byte room[dns::kMaxNameSize + 1];
  const auto name = folded(record.name(), room);
  const std::uint64_t hash = Dictionary::hashOf(name);
  Extras extras = head.marks == 0 ? Extras() : extrasOf(record);
  const PolicyMemory::Said* said = recall(record, extras, hash);
  if ((head.marks & kRawUnlogged) != 0) {
    return;
  }
  BlockShape shape{head.type, head.rrclass, head.rcode,     head.ede,      head.flags,
                   worker,    head.kind,    head.transport, head.security, head.marks};
  if (said != nullptr) {
    shape.ede = said->ede;
    shape.marks =
        static_cast<std::uint8_t>(shape.marks | (said->policy.empty() && said->rule.empty() ? 0 : kRawPolicy));
    extras.policy = asOctets(said->policy);
    extras.rule = asOctets(said->rule);
  }
  addTimes(head);
  d_nameIds.push_back(static_cast<std::uint16_t>(d_names.add(name, hash)));
  d_clientIds.push_back(static_cast<std::uint16_t>(clientId(record.client())));
  d_shapeIds.push_back(static_cast<std::uint16_t>(shapeId(shape)));
  if (shape.marks != 0) addExtras(shape, extras);
  ++d_records;
}

void BlockBuilder::addTimes(const RawHead& head) {
  if (d_records == 0) {
    d_baseTime = d_lastTime = head.time;
    d_index.first = d_index.last = head.time;
  }
  putSigned(d_times, head.time - d_lastTime);
  d_lastTime = head.time;
  putVarint(d_latencies, head.latency);
  d_index.first = std::min(d_index.first, head.time);
  d_index.last = std::max(d_index.last, head.time);
  d_index.slowest = std::max(d_index.slowest, head.latency);
}

std::uint32_t BlockBuilder::clientId(std::span<const std::byte> client) {
  if (!d_clientIds.empty()) { // often the same again
    const auto before = d_clients[d_clientIds.back()];
    if (std::ranges::equal(before, client)) return d_clientIds.back();
  }
  return d_clients.add(client, Dictionary::hashOf(client));
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

BlockIndex BlockBuilder::makeIndex() const {
  BlockIndex index = d_index;
  index.records = d_records;
  std::vector<std::uint64_t> hashes;
  hashes.reserve(4 * d_names.size());
  for (std::uint32_t i = 0; i < d_names.size(); ++i) appendSuffixHashes(d_names[i], hashes);
  removeDuplicates(hashes);
  index.names = HashFilter::of(hashes);
  hashes.clear();
  for (std::uint32_t i = 0; i < d_clients.size(); ++i) {
    const auto client = d_clients[i];
    const std::span<const std::uint8_t> lengths =
        client.size() == 4 ? std::span<const std::uint8_t>(kClientBits4) : std::span<const std::uint8_t>(kClientBits6);
    for (const std::uint8_t bits : lengths) hashes.push_back(networkHash(client, bits));
  }
  removeDuplicates(hashes);
  index.clients = HashFilter::of(hashes);
  return index;
}

void BlockBuilder::appendSection(LogOctets& block, LogSection section, std::span<const std::byte> octets) {
  if (octets.empty()) {
    return;
  }
  const auto size = static_cast<std::uint32_t>(octets.size());
  const auto packed = static_cast<std::uint32_t>(d_compressor.append(block, octets));
  std::byte* const at = block.data() + sizeof(BlockHead) + static_cast<std::size_t>(section) * 2 * sizeof size;
  std::memcpy(at, &size, sizeof size);
  std::memcpy(at + sizeof size, &packed, sizeof packed);
}

EncodedBlock BlockBuilder::encode() {
  EncodedBlock encoded;
  LogOctets& block = encoded.block;
  block.resize(sizeof(BlockHead) + kSections * 2 * sizeof(std::uint32_t));
  const auto ids = [&](LogSection section, std::span<const std::uint16_t> numbers, const Dictionary& dictionary) {
    putIds(d_scratch, numbers, dictionary.size());
    appendSection(block, section, d_scratch);
  };
  const auto texts = [&](LogSection section, const Dictionary& dictionary) {
    putTexts(d_scratch, dictionary);
    appendSection(block, section, d_scratch);
  };
  appendSection(block, LogSection::Times, d_times);
  appendSection(block, LogSection::Latencies, d_latencies);
  appendSection(block, LogSection::NameTexts, d_names.octets());
  ids(LogSection::NameIds, d_nameIds, d_names);
  texts(LogSection::ClientTexts, d_clients);
  ids(LogSection::ClientIds, d_clientIds, d_clients);
  appendSection(block, LogSection::Shapes, d_shapes.octets());
  ids(LogSection::ShapeIds, d_shapeIds, d_shapes);
  appendSection(block, LogSection::Upstream, d_upstream);
  texts(LogSection::Strings, d_strings);
  appendSection(block, LogSection::Policies, d_policies);
  appendSection(block, LogSection::Tags, d_tags);
  appendSection(block, LogSection::Answers, d_answers);
  BlockHead head{.records = d_records,
                 .baseTime = d_baseTime,
                 .names = d_names.size(),
                 .clients = d_clients.size(),
                 .shapes = d_shapes.size(),
                 .strings = d_strings.size()};
  std::memcpy(block.data(), &head, sizeof head);
  head.checksum = checksum(std::span(block).subspan(kCheckedFrom));
  std::memcpy(block.data(), &head, sizeof head);
  encoded.index = makeIndex();
  encoded.index.bytes = static_cast<std::uint32_t>(block.size());
  return encoded;
}

void BlockBuilder::clear() {
  d_records = 0;
  for (Dictionary* dictionary : {&d_names, &d_clients, &d_shapes, &d_strings}) dictionary->clear();
  for (auto* ids : {&d_nameIds, &d_clientIds, &d_shapeIds}) ids->clear();
  for (LogOctets* column : {&d_times, &d_latencies, &d_upstream, &d_policies, &d_tags, &d_answers}) column->clear();
  d_index = BlockIndex();
}

} // namespace rec
