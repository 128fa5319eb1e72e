// The records of a transfer in their order: see rpztransfer.hh. First a SOA, which says what it leads to. Then
// - the same SOA at once or after all other records: the whole zone;
// - the SOA of what we have: differences, each "old SOA, what goes, new SOA, what comes"; the newest SOA ends them;
// - nothing, when what we have is the newest.
#include "recursor/policy/rpztransfer.hh"

#include "lib/dns/fold.hh"
#include "lib/dns/wirereader.hh"

namespace rec {
namespace {

using base::Error;
using base::Result;

constexpr std::uint32_t kMaxTtl = 0x7FFFFFFF; // RFC 2181 8

} // namespace

RpzTransfer::RpzTransfer(const dns::Name& zone, std::optional<std::uint32_t> own, std::uint16_t id,
                         RpzTransferSink& sink)
    : d_zone(zone), d_own(own), d_id(id), d_sink(sink) {}

std::vector<std::byte> RpzTransfer::question() const {
  std::vector<std::byte> buffer(dns::kHeaderSize + 2 * dns::kMaxNameSize + 64);
  dns::WireWriter writer(buffer);
  dns::Header header;
  header.id = d_id;
  writer.header(header);
  writer.question({d_zone, d_own ? dns::RRType::IXFR : dns::RRType::AXFR, dns::RRClass::IN});
  if (d_own) {
    dns::SoaData soa;
    soa.serial = *d_own;
    writer.rrset(dns::Section::Authority, dns::makeSoaRRset(d_zone, 0, soa), 0, false);
  }
  buffer.resize(writer.size());
  return buffer;
}

Result<void> RpzTransfer::checkHead(const dns::Header& header, std::size_t records) {
  if (!header.qr || header.opcode != dns::Opcode::Query || header.id != d_id) {
    return Error{"a message that is no answer to the question"};
  }
  if (header.rcode != dns::RCode::NoError) {
    d_refused = header.rcode;
    return Error{"answers " + dns::text(header.rcode)};
  }
  if (header.tc) return Error{"a truncated message"};
  if (records == 0) return Error{"a message without records"};
  return {};
}

Result<void> RpzTransfer::take(Octets message) {
  const auto header = dns::parseHeader(message);
  if (!header) return Error{"a message too short for its header"};
  dns::WireReader reader(message, 4);
  const unsigned questions = reader.u16();
  const unsigned records = reader.u16();
  reader.skip(4);
  if (const auto good = checkHead(*header, records); !good) return good;
  std::array<std::byte, dns::kMaxNameSize> owner;
  for (unsigned i = 0; i < questions; ++i) {
    static_cast<void>(reader.nameWire(owner));
    reader.skip(4);
  }
  for (unsigned i = 0; i < records; ++i) {
    Record next{};
    next.owner = {owner.data(), reader.nameWire(owner)};
    next.type = static_cast<dns::RRType>(reader.u16());
    const auto rrclass = static_cast<dns::RRClass>(reader.u16());
    next.ttl = reader.u32();
    next.ttl = next.ttl > kMaxTtl ? 0 : next.ttl;
    d_rdata.clear();
    reader.rdata(next.type, reader.u16(), d_rdata);
    if (reader.failed()) return Error{"a message that cannot be read"};
    if (rrclass != dns::RRClass::IN) return Error{"a record of another class"};
    next.rdata = d_rdata;
    const auto zone = d_zone.wire();
    if (next.type == dns::RRType::SOA && next.owner.size() == zone.size() &&
        dns::equalFolded(next.owner.data(), zone.data(), zone.size())) {
      const auto soa = dns::readSoa(d_rdata);
      if (!soa) return Error{"a SOA that cannot be read"};
      next.serial = soa->serial;
    }
    if (const auto done = record(next); !done) return done;
  }
  const bool alone = d_state == State::Second && d_own && !serialIsNewer(d_newest, *d_own);
  if (alone) { // RFC 1995 2: one SOA says that ours is the newest
    d_upToDate = true;
    d_state = State::Done;
  }
  return {};
}

Result<void> RpzTransfer::record(const Record& record) {
  switch (d_state) {
  case State::First:
    if (!record.serial) return Error{"the first record is not the SOA of the zone"};
    d_newest = *record.serial;
    keepSoa(record);
    d_state = State::Second;
    return {};
  case State::Second: return second(record);
  case State::Whole:
    if (!record.serial) {
      d_sink.add(record.owner, record.type, record.ttl, record.rdata);
      return {};
    }
    if (*record.serial != d_newest) return Error{"the zone changed while it was transferred"};
    finish();
    return {};
  case State::Removing:
  case State::Adding: return difference(record);
  case State::Done: break;
  }
  return Error{"records behind the end"};
}

Result<void> RpzTransfer::second(const Record& record) {
  const bool differs = d_own && record.serial && *record.serial == *d_own && *record.serial != d_newest;
  d_whole = !differs;
  if (d_own && !serialIsNewer(d_newest, *d_own)) return Error{"its serial is not newer than ours"};
  if (!d_whole) {
    d_sink.begin(false);
    d_at = *d_own;
    d_state = State::Removing;
    return {};
  }
  d_sink.begin(true);
  d_state = State::Whole;
  return this->record(record);
}

// A SOA changes the state, all others are differences.
Result<void> RpzTransfer::difference(const Record& record) {
  if (!record.serial) {
    if (d_state == State::Adding) {
      d_sink.add(record.owner, record.type, record.ttl, record.rdata);
      return {};
    }
    if (d_sink.remove(record.owner, record.type, record.rdata)) return {};
    return Error{"it removes a record that there is not: " + dns::Name::fromWire(record.owner).text() + " " +
                 dns::text(record.type)};
  }
  if (d_state == State::Removing) {
    if (!serialIsNewer(*record.serial, d_at)) return Error{"differences that lead to an older serial"};
    d_at = *record.serial;
    d_state = State::Adding;
    return {};
  }
  if (*record.serial != d_at) return Error{"differences that do not follow each other"};
  if (d_at == d_newest) {
    finish();
  } else {
    d_state = State::Removing;
  }
  return {};
}

void RpzTransfer::keepSoa(const Record& record) {
  d_soa.assign(record.rdata.begin(), record.rdata.end());
  d_soaTtl = record.ttl;
}

void RpzTransfer::finish() {
  d_sink.add(d_zone.wire(), dns::RRType::SOA, d_soaTtl, d_soa);
  d_state = State::Done;
}

} // namespace rec
