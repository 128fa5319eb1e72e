// RecordGroups: reading records into scratch memory, and grouping: a scan while the groups are few, a hash table (keyed
// with the process's seeds) beyond.
#include "lib/dns/recordgroups.hh"

#include <algorithm>
#include <bit>

#include "lib/dns/fold.hh"

namespace dns {
namespace {

constexpr std::size_t kKeptScratch = 1U << 18; // more is given back after a big message

} // namespace

std::uint16_t readU16(std::span<const std::byte> octets) {
  return octets.size() < 2 ? std::uint16_t{0} : static_cast<std::uint16_t>(WireReader(octets).u16());
}

void RecordGroups::clear() {
  if (d_bytes.capacity() > kKeptScratch) {
    *this = RecordGroups();
  }
  d_bytes.clear();
  d_records.clear();
  d_groups.clear();
  d_index.clear();
  d_lastPointer = 0;
}

RecordGroups::Record RecordGroups::readOwner(WireReader& reader) {
  const std::uint16_t front = reader.peek16();
  if (front >= 0xC000 && front == d_lastPointer) {
    reader.skip(2);
    return d_lastOwner;
  }
  Record record;
  std::array<std::byte, kMaxNameSize> wire;
  const std::size_t size = reader.nameWire(wire);
  if (size == 0) {
    return record;
  }
  record.ownerAt = static_cast<std::uint32_t>(d_bytes.size());
  record.ownerSize = static_cast<std::uint16_t>(size);
  record.ownerHash = hashFolded(wire.data(), size);
  d_bytes.insert(d_bytes.end(), wire.begin(), wire.begin() + static_cast<std::ptrdiff_t>(size));
  if (front >= 0xC000) {
    d_lastPointer = front;
    d_lastOwner = record;
  }
  return record;
}

void RecordGroups::readRdata(WireReader& reader, RRType layout, std::size_t size, Record& record) {
  record.rdataAt = static_cast<std::uint32_t>(d_bytes.size());
  reader.rdata(layout, size, d_bytes);
  const std::size_t got = d_bytes.size() - record.rdataAt;
  if (got > 0xFFFF) {
    reader.fail();
  }
  record.rdataSize = static_cast<std::uint16_t>(got);
}

void RecordGroups::build(std::vector<RRset>& out) {
  for (std::uint32_t i = 0; i < d_records.size(); ++i) {
    if (d_records[i].type != RRType::RRSIG) {
      const std::uint32_t group = find(d_records[i], d_records[i].type);
      group == kNone ? open(i) : append(group, i);
    }
  }
  for (std::uint32_t i = 0; i < d_records.size(); ++i) {
    if (d_records[i].type == RRType::RRSIG) {
      attachSignature(i);
    }
  }
  out.reserve(out.size() + d_groups.size());
  for (const Group& group : d_groups) {
    out.push_back(makeSet(group));
  }
}

bool RecordGroups::matches(const Group& group, const Record& record, RRType type) const {
  const Record& first = d_records[group.first];
  return group.ownerHash == record.ownerHash && group.type == type && group.rrclass == record.rrclass &&
         first.ownerSize == record.ownerSize &&
         equalFolded(d_bytes.data() + first.ownerAt, d_bytes.data() + record.ownerAt, record.ownerSize);
}

std::size_t RecordGroups::slot(std::uint64_t ownerHash, RRType type) const {
  return base::mix(ownerHash, static_cast<std::uint64_t>(type) | 0x10000U) & (d_index.size() - 1);
}

std::uint32_t RecordGroups::find(const Record& record, RRType type) const {
  if (d_index.empty()) {
    for (std::uint32_t i = 0; i < d_groups.size(); ++i) {
      if (matches(d_groups[i], record, type)) {
        return i;
      }
    }
    return kNone;
  }
  for (std::size_t at = slot(record.ownerHash, type); d_index[at] != 0; at = (at + 1) & (d_index.size() - 1)) {
    if (matches(d_groups[d_index[at] - 1], record, type)) {
      return d_index[at] - 1;
    }
  }
  return kNone;
}

void RecordGroups::open(std::uint32_t record) {
  const Record& from = d_records[record];
  d_groups.push_back(
      {.ownerHash = from.ownerHash, .first = record, .last = record, .type = from.type, .rrclass = from.rrclass});
  if (!d_index.empty()) {
    enter(static_cast<std::uint32_t>(d_groups.size() - 1));
  } else if (d_groups.size() > kScanned) {
    d_index.assign(std::bit_ceil(d_records.size() * 2), 0); // there are never more groups than records
    for (std::uint32_t i = 0; i < d_groups.size(); ++i) {
      enter(i);
    }
  }
}

void RecordGroups::enter(std::uint32_t group) {
  std::size_t at = slot(d_groups[group].ownerHash, d_groups[group].type);
  while (d_index[at] != 0) {
    at = (at + 1) & (d_index.size() - 1);
  }
  d_index[at] = group + 1;
}

void RecordGroups::append(std::uint32_t group, std::uint32_t record) {
  d_records[d_groups[group].last].next = record;
  d_groups[group].last = record;
}

void RecordGroups::attachSignature(std::uint32_t record) {
  const Record& signature = d_records[record];
  const std::uint32_t covered = find(signature, static_cast<RRType>(readU16(rdata(signature))));
  if (covered != kNone && d_groups[covered].type != RRType::RRSIG) {
    appendSignature(d_groups[covered], record);
    return;
  }
  const std::uint32_t group = find(signature, RRType::RRSIG);
  group == kNone ? open(record) : append(group, record);
}

void RecordGroups::appendSignature(Group& group, std::uint32_t record) {
  if (group.firstSignature == kNone) {
    group.firstSignature = record;
  } else {
    d_records[group.lastSignature].next = record;
  }
  group.lastSignature = record;
}

RRset RecordGroups::makeSet(const Group& group) {
  d_rdatas.clear();
  d_signatures.clear();
  const Record& first = d_records[group.first];
  std::uint32_t ttl = first.ttl;
  for (std::uint32_t i = group.first; i != kNone; i = d_records[i].next) {
    d_rdatas.add(rdata(d_records[i]));
    ttl = std::min(ttl, d_records[i].ttl); // RFC 2181 5.2
  }
  for (std::uint32_t i = group.firstSignature; i != kNone; i = d_records[i].next) {
    d_signatures.add(rdata(d_records[i]));
    ttl = std::min(ttl, d_records[i].ttl); // RFC 4034 3: the same TTL as the set
  }
  return RRset::fromParts({.owner = {d_bytes.data() + first.ownerAt, first.ownerSize},
                           .type = group.type,
                           .rrclass = group.rrclass,
                           .ttl = ttl,
                           .count = d_rdatas.count(),
                           .signatureCount = d_signatures.count(),
                           .rdatas = d_rdatas.bytes(),
                           .signatures = d_signatures.bytes()});
}

} // namespace dns
