// Denials octet by octet: header, question, SOA, OPT, in this order.
#include "recursor/query/denialwriter.hh"

#include <algorithm>

#include "lib/dns/edns.hh"
#include "lib/dns/message.hh"

namespace rec {
namespace {

constexpr std::size_t kToQuestion = 0xC00C; // RFC 1035 4.1.4: the name right behind the header
constexpr std::size_t kSoaSize = 24;        // with both names as pointers
constexpr std::size_t kSoaRecord = 12 + kSoaSize;
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
  put16(kToQuestion);
  put16(static_cast<std::size_t>(dns::RRType::SOA));
  put16(static_cast<std::size_t>(dns::RRClass::IN));
  put32(ttl);
  put16(kSoaSize);
  put16(kToQuestion);
  put16(kToQuestion);
  put32(1);
  for (int time = 0; time < 4; ++time) { // refresh, retry, expire, minimum
    put32(ttl);
  }
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

void DenialWriter::put16(std::size_t number) {
  d_buffer[d_size++] = static_cast<std::byte>(number >> 8);
  d_buffer[d_size++] = static_cast<std::byte>(number);
}

void DenialWriter::put32(std::uint32_t number) {
  put16(number >> 16);
  put16(number & 0xFFFF);
}

} // namespace rec
