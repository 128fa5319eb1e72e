// EDNS(0): the OPT record of a message (RFC 6891) and its options, read and written. A new option is a row in edns.cc.
// The number of options parsed is bounded.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "lib/base/result.hh"
#include "lib/dns/clientsubnet.hh"
#include "lib/dns/name.hh"

namespace dns {

enum class EdnsOption : std::uint16_t {
  Nsid = 3,
  ClientSubnet = 8,
  Expire = 9,
  Cookie = 10,
  TcpKeepalive = 11,
  Padding = 12,
  Chain = 13,
  KeyTag = 14,
  ExtendedError = 15,
  ReportChannel = 18
};

// RFC 8914 5.2.
enum class EdeCode : std::uint16_t {
  Other = 0,
  UnsupportedDnskeyAlgorithm = 1,
  UnsupportedDsDigest = 2,
  StaleAnswer = 3,
  ForgedAnswer = 4,
  DnssecIndeterminate = 5,
  DnssecBogus = 6,
  SignatureExpired = 7,
  SignatureNotYetValid = 8,
  DnskeyMissing = 9,
  RrsigsMissing = 10,
  NoZoneKeyBit = 11,
  NsecMissing = 12,
  CachedError = 13,
  NotReady = 14,
  Blocked = 15,
  Censored = 16,
  Filtered = 17,
  Prohibited = 18,
  StaleNxdomain = 19,
  NotAuthoritative = 20,
  NotSupported = 21,
  NoReachableAuthority = 22,
  NetworkError = 23,
  InvalidData = 24,
  SignatureExpiredBeforeValid = 25,
  TooEarly = 26,
  UnsupportedNsec3Iterations = 27,
  UnableToConform = 28,
  Synthesized = 29
};

struct ExtendedError {
  EdeCode code = EdeCode::Other;
  std::string text; // UTF-8 EXTRA-TEXT, at most a few hundred octets
};

struct Cookie {
  std::array<std::byte, 8> client{};
  std::array<std::byte, 32> server{}; // RFC 7873 4: absent or 8 to 32 octets
  std::uint8_t serverSize = 0;
};

struct Edns {
  std::uint16_t udpSize = 512; // as sent; users clamp it to at least 512 (RFC 6891 6.2.3)
  std::uint8_t version = 0;
  std::uint8_t extendedRcode = 0; // upper eight bits
  bool dnssecOk = false;
  std::optional<Cookie> cookie;
  bool cookieMalformed = false; // a COOKIE option of a forbidden length was there (FORMERR, RFC 7873 5.2.2)
  bool nsidRequested = false;
  bool keepaliveRequested = false;               // the option was there (RFC 7828)
  std::optional<std::uint16_t> keepaliveTimeout; // its value in answers, in units of 100 ms
  std::optional<std::uint16_t> paddingSize;
  std::optional<ClientSubnet> clientSubnet; // RFC 7871
  // There was one that is not well formed, or more than one (FORMERR, RFC 7871 6); then `clientSubnet` counts for
  // nothing.
  bool clientSubnetMalformed = false;
  std::vector<std::byte> nsid;    // in answers
  std::vector<std::byte> keyTags; // edns-key-tag, raw option content (RFC 8145 4.1); empty when absent
  std::vector<ExtendedError> errors;
  std::optional<Name> reportChannel; // RFC 9567 agent domain
};

// `rrclass`, `ttl` of the OPT record; `options`: its rdata. More than 100 options, or a broken one, is an error.
base::Result<Edns> parseEdns(std::uint16_t rrclass, std::uint32_t ttl, std::span<const std::byte> options);
// The whole OPT record in wire form.
[[nodiscard]] std::vector<std::byte> writeEdns(const Edns& edns);
// The same into `out` without allocating; returns the size the record has, which is more than `out` holds when it did
// not fit (then `out` is not whole).
[[nodiscard]] std::size_t writeEdns(const Edns& edns, std::span<std::byte> out);

} // namespace dns
