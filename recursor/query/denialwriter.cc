// Denials octet by octet: header, question, SOA, OPT, in this order.
#include "recursor/query/denialwriter.hh"

#include <algorithm>

#include "lib/dns/edns.hh"
#include "lib/dns/message.hh"

namespace rec {
namespace {

constexpr std::size_t kSoaSize = 24; // with both names as pointers
constexpr std::size_t kSoaRecord = 12 + kSoaSize;
// All names are that of the question, right behind the header (RFC 1035 4.1.4); the serial is 1.
constexpr std::array<std::byte, kSoaRecord> kSoaTemplate = [] {
  std::array<std::byte, kSoaRecord> record{};
  for (const std::size_t name : {0U, 12U, 14U}) {
    record[name] = std::byte{0xC0};
    record[name + 1] = std::byte{dns::kHeaderSize};
  }
  record[3] = static_cast<std::byte>(dns::RRType::SOA);
  record[5] = static_cast<std::byte>(dns::RRClass::IN);
  record[11] = std::byte{kSoaSize};
  record[19] = std::byte{1};
  return record;
}();
constexpr std::array<std::size_t, 5> kSoaTimes{6, 20, 24, 28, 32}; // TTL; refresh, retry, expire, minimum
constexpr auto kQr = std::byte{0x80}, kRd = std::byte{0x01}, kRa = std::byte{0x80}, kCd = std::byte{0x10};

} // namespace

dns::RCode rcodeOf(PolicyAction denial) {
  switch (denial) {
  case PolicyAction::NXDomain: return dns::RCode::NXDomain;
  case PolicyAction::Refused: return dns::RCode::Refused;
  default: return dns::RCode::NoError;
  }
}

DenialWriter::Denial DenialWriter::write(std::span<const std::byte> packet, const RawQuestion& question,
                                         const NameGlance& glance, bool tcp) {
  writeHead(packet, question, glance);
  d_ttlOffset[0] = static_cast<std::uint16_t>(d_size + 6); // behind name, type and class
  if (glance.hasSoa) {
    writeSoa(glance.ttl);
  }
  if (question.hasEdns && !writeOpt(question, glance)) {
    return {};
  }
  const std::size_t limit =
      tcp ? dns::kMaxMessageSize : std::min<std::size_t>(question.udpSize, d_settings.udpTruncationThreshold);
  if (d_size > limit) {
    return {};
  }
  return {std::span(d_buffer).first(d_size), std::span(d_ttlOffset).first(glance.hasSoa ? 1 : 0)};
}

// The question in the letter case asked; RD and CD as they came (RFC 4035 3.2.2).
void DenialWriter::writeHead(std::span<const std::byte> packet, const RawQuestion& question, const NameGlance& glance) {
  static_assert(dns::kHeaderSize + dns::kMaxNameSize + 4 + kSoaRecord + kMostOpt <= kMostSize);
  d_size = dns::kHeaderSize + question.name.size() + 4;
  std::copy_n(packet.begin(), d_size, d_buffer.begin());
  d_buffer[2] = kQr | (packet[2] & kRd);
  d_buffer[3] = kRa | (packet[3] & kCd) | static_cast<std::byte>(rcodeOf(glance.action));
  std::fill_n(d_buffer.begin() + 6, 6, std::byte{0});
  d_buffer[9] = glance.hasSoa ? std::byte{1} : std::byte{0};
  d_buffer[11] = question.hasEdns ? std::byte{1} : std::byte{0};
}

// RFC 2308 5: as long as clients may keep it, counted down by whoever caches it.
void DenialWriter::writeSoa(std::uint32_t ttl) {
  std::array<std::byte, kSoaRecord> record = kSoaTemplate;
  for (const std::size_t at : kSoaTimes) {
    for (std::size_t i = 0; i < 4; ++i) {
      record[at + i] = static_cast<std::byte>(ttl >> (24 - 8 * i));
    }
  }
  std::copy(record.begin(), record.end(), d_buffer.begin() + static_cast<std::ptrdiff_t>(d_size));
  d_size += record.size();
}

bool DenialWriter::writeOpt(const RawQuestion& question, const NameGlance& glance) {
  dns::Edns edns;
  edns.udpSize = d_settings.udpTruncationThreshold;
  edns.dnssecOk = question.dnssecOk; // RFC 3225 3
  if (d_settings.extendedResolutionErrors && glance.source->error) {
    edns.errors.push_back(*glance.source->error);
  }
  const std::size_t size = dns::writeEdns(edns, std::span(d_buffer).subspan(d_size, kMostOpt));
  d_size += size;
  return size <= kMostOpt;
}

} // namespace rec
