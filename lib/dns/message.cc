// parseMessage(), on the miss path of every resolution:
// 1. readHeader, readQuestion.
// 2. Per section: each record is read into flat scratch memory (owner and rdata decompressed): readRecord.
// 3. The records are grouped by owner, type and class (Grouper), RRSIGs with what they cover.
// 4. One block of memory is made per group: makeSet.
// The scratch memory belongs to the thread and is used again, so that a message costs one allocation per RRset.
#include "lib/dns/message.hh"

#include <algorithm>

#include "lib/dns/recordgroups.hh"
#include "lib/dns/wirereader.hh"

namespace dns {
namespace {

constexpr std::uint32_t kMaxTtl = 0x7FFFFFFF;

struct Counts {
  std::uint16_t question = 0, answer = 0, authority = 0, additional = 0;
};

struct Parser {
  WireReader reader;
  Message message;
  RecordGroups& groups;
  std::string error;
};

// Records of these types are about the message, not in it.
bool isEnvelope(Section section, RRType type, std::span<const std::byte> rdata) {
  if (section != Section::Additional) {
    return false;
  }
  return type == RRType::TSIG || (type == RRType::SIG && readU16(rdata) == 0); // SIG(0), RFC 2931 3
}

// Addresses are defined for class IN only (RFC 1035 3.4); elsewhere these types are opaque.
RRType layoutType(RRType type, std::uint16_t rrclass) {
  const bool addressLike = type == RRType::A || type == RRType::AAAA || type == RRType::WKS;
  return addressLike && rrclass != static_cast<std::uint16_t>(RRClass::IN) ? RRType{0} : type;
}

void readOpt(Parser& parser, Section section, const RecordGroups::Record& record, std::uint32_t ttl,
             std::span<const std::byte> options) {
  if (section != Section::Additional || record.ownerSize != 1 || parser.message.edns) {
    parser.error = "OPT record out of place";
    return;
  }
  auto edns = parseEdns(static_cast<std::uint16_t>(record.rrclass), ttl, options);
  if (!edns) {
    parser.error = edns.error().message;
    return;
  }
  parser.message.edns = std::move(*edns);
  const unsigned rcode = static_cast<unsigned>(parser.message.header.rcode) |
                         static_cast<unsigned>(parser.message.edns->extendedRcode) << 4;
  parser.message.header.rcode = static_cast<RCode>(rcode);
}

void readRecord(Parser& parser, Section section) {
  WireReader& reader = parser.reader;
  RecordGroups& groups = parser.groups;
  RecordGroups::Record record = groups.readOwner(reader);
  record.type = static_cast<RRType>(reader.u16());
  const std::uint16_t rrclass = reader.u16();
  record.rrclass = static_cast<RRClass>(rrclass);
  const std::uint32_t ttl = reader.u32();
  record.ttl = ttl > kMaxTtl ? 0 : ttl; // RFC 2181 8
  const std::size_t size = reader.u16();
  if (record.type == RRType::OPT) {
    const auto options = reader.bytes(size);
    if (!reader.failed()) {
      readOpt(parser, section, record, ttl, options);
    }
    return;
  }
  groups.readRdata(reader, layoutType(record.type, rrclass), size, record);
  if (!reader.failed() && !isEnvelope(section, record.type, groups.rdata(record))) {
    groups.add(record);
  }
}

// False when the message ended or broke.
bool readSection(Parser& parser, Section section, std::size_t count, std::vector<RRset>& out) {
  parser.groups.clear();
  for (std::size_t i = 0; i < count && !parser.reader.failed() && parser.error.empty(); ++i) {
    readRecord(parser, section);
  }
  parser.groups.build(out);
  return !parser.reader.failed() && parser.error.empty();
}

// `at`: twelve octets.
Header readHeader(const std::byte* at) {
  const unsigned first = std::to_integer<unsigned>(at[2]), second = std::to_integer<unsigned>(at[3]);
  Header header;
  header.id = static_cast<std::uint16_t>(std::to_integer<unsigned>(at[0]) << 8 | std::to_integer<unsigned>(at[1]));
  header.qr = (first & 0x80U) != 0;
  header.opcode = static_cast<Opcode>(first >> 3 & 15U);
  header.aa = (first & 4U) != 0;
  header.tc = (first & 2U) != 0;
  header.rd = (first & 1U) != 0;
  header.ra = (second & 0x80U) != 0;
  header.ad = (second & 0x20U) != 0;
  header.cd = (second & 0x10U) != 0;
  header.rcode = static_cast<RCode>(second & 15U);
  return header;
}

Counts readCounts(WireReader& reader) {
  Counts counts;
  counts.question = reader.u16();
  counts.answer = reader.u16();
  counts.authority = reader.u16();
  counts.additional = reader.u16();
  return counts;
}

bool readQuestion(Parser& parser, std::size_t count) {
  if (count == 0) {
    return true;
  }
  if (count > 1) { // RFC 9619
    parser.error = "more than one question";
    return false;
  }
  Question& question = parser.message.question.emplace();
  question.name = parser.reader.name();
  question.type = static_cast<RRType>(parser.reader.u16());
  question.rrclass = static_cast<RRClass>(parser.reader.u16());
  if (parser.reader.failed()) {
    parser.error = "malformed question";
  }
  return parser.error.empty();
}

void readSections(Parser& parser, const Counts& counts) {
  Message& message = parser.message;
  const bool whole = readSection(parser, Section::Answer, counts.answer, message.answer) &&
                     readSection(parser, Section::Authority, counts.authority, message.authority) &&
                     readSection(parser, Section::Additional, counts.additional, message.additional);
  const bool cutOff = parser.reader.ranOut() && message.header.tc;
  if (!whole && parser.error.empty() && !cutOff) {
    parser.error = parser.reader.ranOut() ? "message cut off" : "malformed record";
  }
}

} // namespace

std::optional<Header> parseHeader(std::span<const std::byte> packet) {
  if (packet.size() < kHeaderSize) {
    return std::nullopt;
  }
  return readHeader(packet.data());
}

base::Result<Message> parseMessage(std::span<const std::byte> packet) {
  if (packet.size() < kHeaderSize) {
    return base::Error{"message shorter than its header"};
  }
  thread_local RecordGroups t_groups;
  Parser parser{WireReader(packet, 4), {}, t_groups, {}};
  parser.message.header = readHeader(packet.data());
  const Counts counts = readCounts(parser.reader);
  if (readQuestion(parser, counts.question)) {
    readSections(parser, counts);
  }
  if (!parser.error.empty()) {
    return base::Error{std::move(parser.error)};
  }
  return std::move(parser.message);
}

std::size_t writeQuery(std::span<std::byte> buffer, const Header& header, const Question& question,
                       const std::optional<Edns>& edns) {
  const auto name = question.name.wire();
  std::size_t size = kHeaderSize + name.size() + 4;
  if (size > buffer.size()) {
    return 0;
  }
  std::fill_n(buffer.begin(), kHeaderSize, std::byte{0});
  writeFlags(buffer, header);
  buffer[5] = std::byte{1};                        // QDCOUNT
  buffer[11] = edns ? std::byte{1} : std::byte{0}; // ARCOUNT
  std::byte* at = std::copy(name.begin(), name.end(), buffer.data() + kHeaderSize);
  for (const auto number : {static_cast<unsigned>(question.type), static_cast<unsigned>(question.rrclass)}) {
    *at++ = static_cast<std::byte>(number >> 8);
    *at++ = static_cast<std::byte>(number);
  }
  if (edns) {
    size += writeEdns(*edns, buffer.subspan(size));
  }
  return size <= buffer.size() ? size : 0;
}

} // namespace dns
