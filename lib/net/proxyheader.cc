// Reading a PROXY header by offsets: signature, version and command, family, length, addresses, values.
#include "lib/net/proxyheader.hh"

#include <algorithm>
#include <array>

namespace net {
namespace {

using Octets = std::span<const std::byte>;

constexpr std::array<unsigned char, 12> kSignature{0x0D, 0x0A, 0x0D, 0x0A, 0x00, 0x0D,
                                                   0x0A, 0x51, 0x55, 0x49, 0x54, 0x0A};
constexpr std::size_t kHeadSize = 16;                  // up to the addresses
constexpr unsigned kLocal = 0x20, kProxy = 0x21;       // version 2, with the command
constexpr unsigned kInet = 1, kInet6 = 2;              // families
constexpr std::size_t kInetSize = 12, kInet6Size = 36; // two addresses, two ports
constexpr std::size_t kValueHead = 3;                  // type, length

unsigned octet(Octets octets, std::size_t at) { return std::to_integer<unsigned>(octets[at]); }
std::uint16_t pair(Octets octets, std::size_t at) {
  return static_cast<std::uint16_t>(octet(octets, at) << 8 | octet(octets, at + 1));
}

bool beginsLikeHeader(Octets octets) {
  const Octets signature = std::as_bytes(std::span(kSignature));
  const std::size_t size = std::min(octets.size(), signature.size());
  return std::equal(octets.begin(), octets.begin() + static_cast<std::ptrdiff_t>(size), signature.begin());
}

bool areWellFormed(Octets values) {
  while (!values.empty()) {
    if (values.size() < kValueHead || values.size() < kValueHead + pair(values, 1)) {
      return false;
    }
    values = values.subspan(kValueHead + pair(values, 1));
  }
  return true;
}

// Of `content` behind the head; 0 when it has none of these.
std::size_t readAddresses(unsigned family, Octets content, ProxyHeader& header) {
  if (family == kInet && content.size() >= kInetSize) {
    header.source = base::Address::v4(content.subspan<0, 4>(), pair(content, 8));
    header.destination = base::Address::v4(content.subspan<4, 4>(), pair(content, 10));
    return kInetSize;
  }
  if (family == kInet6 && content.size() >= kInet6Size) {
    header.source = base::Address::v6(content.subspan<0, 16>(), pair(content, 32));
    header.destination = base::Address::v6(content.subspan<16, 16>(), pair(content, 34));
    return kInet6Size;
  }
  return 0;
}

// Stream or datagram: DNS over HTTPS comes as a stream and may go on as a datagram, so that it says nothing of ours.
bool isTransport(unsigned protocol) { return protocol == 1 || protocol == 2; }

} // namespace

ProxyReading readProxyHeader(Octets octets, std::size_t longest) {
  using Status = ProxyReading::Status;
  if (!beginsLikeHeader(octets)) {
    return {Status::Invalid};
  }
  if (octets.size() < kHeadSize) {
    return {Status::Partial};
  }
  const unsigned command = octet(octets, 12), transport = octet(octets, 13);
  ProxyReading reading{Status::Complete};
  ProxyHeader& header = reading.header;
  header.size = kHeadSize + pair(octets, 14);
  header.named = command == kProxy;
  if ((!header.named && command != kLocal) || header.size > longest) {
    return {Status::Invalid};
  }
  if (octets.size() < header.size) {
    return {Status::Partial};
  }
  if (!header.named) { // what stands behind is to be ignored
    return reading;
  }
  const Octets content = octets.first(header.size).subspan(kHeadSize);
  const std::size_t addresses = readAddresses(transport >> 4, content, header);
  header.values = content.subspan(addresses);
  const bool good = addresses != 0 && isTransport(transport & 15U) && areWellFormed(header.values);
  return good ? reading : ProxyReading{Status::Invalid};
}

std::vector<ProxyValue> proxyValues(Octets values) {
  std::vector<ProxyValue> all;
  while (values.size() >= kValueHead && values.size() >= kValueHead + pair(values, 1)) {
    const Octets content = values.subspan(kValueHead, pair(values, 1));
    all.push_back({static_cast<std::uint8_t>(octet(values, 0)),
                   std::string(reinterpret_cast<const char*>(content.data()), content.size())});
    values = values.subspan(kValueHead + content.size());
  }
  return all;
}

} // namespace net
