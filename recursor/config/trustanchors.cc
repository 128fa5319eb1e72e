// Trust anchors: their text, the built-in ones, and those of a file. See luaconfig.hh.
#include <algorithm>
#include <array>
#include <stdexcept>

#include "lib/dns/presentation.hh"
#include "lib/dns/zonefile.hh"
#include "lib/dnssec/keyset.hh"
#include "recursor/config/luaconfig.hh"

namespace rec {

using base::Error;
using base::Result;

namespace {

constexpr std::size_t kDsHeader = 4;
constexpr std::size_t kDnskeyHeader = 4;
constexpr std::array kRootAnchors{"20326 8 2 E06D44B80B8F1D39A95C0B0D7C65D08458E880409BBC683457104237C7F8EC8D",
                                  "38696 8 2 683D2D0ACB8C9B712A1948B27F741219298D0A450D612C483AF444A4C0FB2B16"};

using Bytes = std::span<const std::byte>;

unsigned octet(Bytes bytes, std::size_t at) { return std::to_integer<unsigned>(bytes[at]); }

// From the rdata of a DS; nothing when it is too short or the digest has the wrong length for its type.
Result<TrustAnchor> fromDs(Bytes rdata) {
  if (rdata.size() <= kDsHeader) return Error{"the DS has no digest"};
  TrustAnchor anchor;
  anchor.keyTag = static_cast<std::uint16_t>(octet(rdata, 0) << 8 | octet(rdata, 1));
  anchor.algorithm = static_cast<std::uint8_t>(octet(rdata, 2));
  anchor.digestType = static_cast<std::uint8_t>(octet(rdata, 3));
  anchor.digest.assign(rdata.begin() + kDsHeader, rdata.end());
  constexpr std::array<std::size_t, 5> kDigestSizes{0, 20, 32, 32, 48}; // by digest type; others are not checked
  if (anchor.digestType > 0 && anchor.digestType < kDigestSizes.size() &&
      anchor.digest.size() != kDigestSizes[anchor.digestType]) {
    return Error{"the digest has the wrong length for its type"};
  }
  return anchor;
}

Result<TrustAnchor> fromDnskey(const dns::Name& owner, Bytes rdata) {
  if (rdata.size() <= kDnskeyHeader) return Error{"the DNSKEY has no key"};
  return fromDs(dnssec::makeDs(owner, rdata, dnssec::DigestType::Sha256));
}

} // namespace

Result<TrustAnchor> TrustAnchor::parse(std::string_view text) {
  const auto rdata = dns::parseRdata(dns::RRType::DS, text);
  if (!rdata) return Error{"'" + std::string(text) + "' is not a DS record: " + rdata.error().message};
  return fromDs(*rdata);
}

std::string TrustAnchor::text() const {
  constexpr std::string_view kDigits = "0123456789abcdef";
  auto line = std::to_string(keyTag) + " " + std::to_string(algorithm) + " " + std::to_string(digestType) + " ";
  for (const auto byte : digest) {
    const auto value = std::to_integer<unsigned>(byte);
    line += kDigits[value >> 4];
    line += kDigits[value & 15];
  }
  return line;
}

std::vector<std::byte> TrustAnchor::rdata() const {
  std::vector<std::byte> bytes(kDsHeader + digest.size());
  bytes[0] = std::byte(keyTag >> 8);
  bytes[1] = std::byte(keyTag & 0xff);
  bytes[2] = std::byte(algorithm);
  bytes[3] = std::byte(digestType);
  std::ranges::copy(digest, bytes.begin() + kDsHeader);
  return bytes;
}

LuaConfig builtInLuaConfig() {
  LuaConfig config;
  for (const auto* text : kRootAnchors) {
    auto anchor = TrustAnchor::parse(text);
    if (!anchor) throw std::logic_error("built-in trust anchor: " + anchor.error().message);
    config.trustAnchors[dns::Name()].push_back(std::move(*anchor));
  }
  return config;
}

Result<std::map<dns::Name, std::vector<TrustAnchor>>> readAnchorFile(const std::string& path) {
  const auto sets = dns::readZoneFile(path, dns::Name());
  if (!sets) return sets.error();
  std::map<dns::Name, std::vector<TrustAnchor>> anchors;
  for (const auto& set : *sets) {
    const bool isKey = set.type() == dns::RRType::DNSKEY;
    if (!isKey && set.type() != dns::RRType::DS) continue;
    for (const auto rdata : set.rdatas()) {
      auto anchor = isKey ? fromDnskey(set.owner(), rdata) : fromDs(rdata);
      if (!anchor) return Error{path + ": " + set.owner().text() + ": " + anchor.error().message};
      anchors[set.owner()].push_back(std::move(*anchor));
    }
  }
  if (anchors.empty()) return Error{path + ": has neither DS nor DNSKEY records"};
  return anchors;
}

} // namespace rec
