// Reading a plain question by offsets. Each step says "nothing" as soon as the packet is out of the ordinary.
#include "recursor/query/rawquestion.hh"

#include <algorithm>
#include <array>
#include <bit>

#include "lib/base/hash.hh"
#include "lib/dns/edns.hh"
#include "lib/dns/message.hh"

namespace rec {
namespace {

constexpr std::size_t kOptSize = 11;    // of an OPT record without options
constexpr std::size_t kMaxOptions = 16; // more are left to the pipeline
constexpr std::uint8_t kRd = 0x01;      // in the third octet of the header
constexpr std::uint8_t kAd = 0x20;      // in the fourth one
constexpr std::uint8_t kCd = 0x10;

using Packet = std::span<const std::byte>;

unsigned octet(Packet packet, std::size_t at) { return std::to_integer<unsigned>(packet[at]); }

unsigned pair(Packet packet, std::size_t at) { return octet(packet, at) << 8 | octet(packet, at + 1); }

// A question of opcode QUERY (of the flags only RD, Z, AD, CD and RCODE may be set), one question, at most one
// additional record. The eight octets from the flags on at once; octet 10 and 11 by themselves.
bool hasPlainCounts(Packet packet) {
  constexpr std::array<std::uint8_t, 8> looked{0xF8, 0, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF};
  constexpr std::array<std::uint8_t, 8> wanted{0, 0, 0, 1, 0, 0, 0, 0};
  const std::uint64_t counts = base::load64(packet.data() + 2) & std::bit_cast<std::uint64_t>(looked);
  return counts == std::bit_cast<std::uint64_t>(wanted) && pair(packet, 10) <= 1;
}

// The size of the uncompressed name at the front, 0 when there is none.
std::size_t nameSize(Packet packet) {
  const std::size_t end = std::min(packet.size(), dns::kMaxNameSize);
  std::size_t at = 0;
  while (at < end) {
    const unsigned label = octet(packet, at);
    if (label == 0) {
      return at + 1;
    }
    if (label > dns::kMaxLabelSize) {
      return 0;
    }
    at += label + 1;
  }
  return 0;
}

// Types 128 to 255 are QTYPEs and meta types (RFC 6895 3.1), 0 and OPT are nothing to ask for.
bool isOrdinaryType(unsigned type) { return type != 0 && type != 41 && (type < 128 || type > 255); }

// A cookie of a good length, padding and what nobody knows are answered as if they were not there, and so is a client
// subnet unless it is used; the others change the answer, or are not for questions.
bool isHarmless(unsigned code, Packet content, bool usesSubnets) {
  const std::size_t size = content.size();
  switch (static_cast<dns::EdnsOption>(code)) {
  case dns::EdnsOption::Cookie: return size == 8 || (size >= 16 && size <= 40);
  case dns::EdnsOption::ClientSubnet: return !usesSubnets && dns::isClientSubnet(content) && octet(content, 3) == 0;
  case dns::EdnsOption::Nsid:
  case dns::EdnsOption::TcpKeepalive:
  case dns::EdnsOption::ExtendedError:
  case dns::EdnsOption::ReportChannel: return false;
  default: return true;
  }
}

bool optionsAreHarmless(Packet options, bool usesSubnets) {
  bool subnetSeen = false; // two of them are FORMERR
  for (std::size_t count = 0; !options.empty(); ++count) {
    if (options.size() < 4 || count == kMaxOptions) {
      return false;
    }
    const unsigned code = pair(options, 0);
    const std::size_t size = pair(options, 2);
    const bool isSubnet = code == static_cast<unsigned>(dns::EdnsOption::ClientSubnet);
    if (options.size() < 4 + size || (isSubnet && subnetSeen) ||
        !isHarmless(code, options.subspan(4, size), usesSubnets)) {
      return false;
    }
    subnetSeen = subnetSeen || isSubnet;
    options = options.subspan(4 + size);
  }
  return true;
}

// `record` is all that stands behind the question.
bool readOpt(Packet record, RawQuestion& question, bool usesSubnets) {
  if (record.size() < kOptSize || octet(record, 0) != 0 || pair(record, 1) != 41 || octet(record, 6) != 0) {
    return false; // not an OPT, or not of version 0
  }
  if (record.size() != kOptSize + pair(record, 9) || !optionsAreHarmless(record.subspan(kOptSize), usesSubnets)) {
    return false;
  }
  question.hasEdns = true;
  question.dnssecOk = (octet(record, 7) & 0x80U) != 0;
  question.udpSize = static_cast<std::uint16_t>(std::max(pair(record, 3), 512U));
  return true;
}

} // namespace

std::optional<dns::Edns> RawQuestion::edns() const {
  std::optional<dns::Edns> edns;
  if (hasEdns) {
    edns.emplace();
    edns->udpSize = udpSize;
    edns->dnssecOk = dnssecOk;
  }
  return edns;
}

std::optional<RawQuestion> parseRawQuestion(std::span<const std::byte> packet, bool usesSubnets) {
  std::optional<RawQuestion> question(std::in_place);
  if (!parseRawQuestion(packet, usesSubnets, *question)) question.reset();
  return question;
}

bool parseRawQuestion(std::span<const std::byte> packet, bool usesSubnets, RawQuestion& question) {
  if (packet.size() < dns::kHeaderSize || !hasPlainCounts(packet)) {
    return false;
  }
  const std::size_t behindName = dns::kHeaderSize + nameSize(packet.subspan(dns::kHeaderSize));
  if (behindName == dns::kHeaderSize || packet.size() < behindName + 4) {
    return false;
  }
  const unsigned type = pair(packet, behindName);
  if (!isOrdinaryType(type) || pair(packet, behindName + 2) != static_cast<unsigned>(dns::RRClass::IN)) {
    return false;
  }
  if (octet(packet, 11) == 1 && !readOpt(packet.subspan(behindName + 4), question, usesSubnets)) {
    return false;
  }
  question.name = packet.subspan(dns::kHeaderSize, behindName - dns::kHeaderSize);
  question.type = static_cast<dns::RRType>(type);
  question.recursionDesired = (octet(packet, 2) & kRd) != 0;
  question.authenticData = (octet(packet, 3) & kAd) != 0;
  question.checkingDisabled = (octet(packet, 3) & kCd) != 0;
  return true;
}

} // namespace rec
