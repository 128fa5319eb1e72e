// Addresses as octets, reverse names as nibbles.
#include "recursor/resolve/dns64.hh"

#include <algorithm>
#include <cassert>
#include <string>

namespace rec {
namespace {

using dns::RRType;
using Ipv6 = std::array<std::byte, 16>;

constexpr std::size_t kReservedOctet = 8;     // bits 64 to 71 (RFC 6052 2.2)
constexpr std::size_t kReverseLabels = 34;    // 32 nibbles, ip6, arpa
constexpr std::uint32_t kTtlWithoutSoa = 600; // RFC 6147 5.1.7
constexpr Ipv6 kMapped{{{}, {}, {}, {}, {}, {}, {}, {}, {}, {}, std::byte{0xFF}, std::byte{0xFF}}}; // RFC 4291 2.5.5.2

// ::ffff:0:0/96 (RFC 6147 5.1.4).
bool isExcluded(std::span<const std::byte> rdata) {
  return rdata.size() == kMapped.size() && std::equal(rdata.begin(), rdata.begin() + 12, kMapped.begin());
}

std::uint32_t ttlLimit(const Outcome& forAaaa) {
  for (const AgedRRset& set : forAaaa.authority) {
    if (set.rrset.type() == RRType::SOA) {
      return set.ttl;
    }
  }
  return kTtlWithoutSoa;
}

dns::RRset translated(const Dns64Prefix& prefix, const dns::RRset& addresses, std::uint32_t ttl) {
  dns::RRsetBuilder builder(addresses.owner(), RRType::AAAA, dns::RRClass::IN, ttl);
  for (const auto rdata : addresses.rdatas()) {
    if (rdata.size() == 4) {
      builder.add(prefix.embed(rdata.first<4>()));
    }
  }
  return builder.build();
}

// The set without excluded addresses, and without the signatures that covered them.
dns::RRset withoutExcluded(const dns::RRset& addresses) {
  dns::RRsetBuilder builder(addresses.owner(), RRType::AAAA, dns::RRClass::IN, addresses.ttl());
  for (const auto rdata : addresses.rdatas()) {
    if (!isExcluded(rdata)) {
      builder.add(rdata);
    }
  }
  return builder.build();
}

std::optional<unsigned> nibble(std::string_view label) {
  constexpr std::string_view kDigits = "0123456789abcdefABCDEF";
  const auto at = label.size() == 1 ? kDigits.find(label[0]) : std::string_view::npos;
  if (at == std::string_view::npos) {
    return std::nullopt;
  }
  return static_cast<unsigned>(at < 16 ? at : at - 6);
}

// The address of a whole reverse name (RFC 3596 2.5): the last nibble comes first.
std::optional<Ipv6> addressOf(const dns::Name& name) {
  static const dns::Name ip6Arpa = *dns::Name::parse("ip6.arpa.");
  if (name.labelCount() != kReverseLabels || !name.isBelow(ip6Arpa)) {
    return std::nullopt;
  }
  Ipv6 address{};
  for (std::size_t i = 0; i < address.size(); ++i) {
    const auto low = nibble(name.label(30 - 2 * i));
    const auto high = nibble(name.label(31 - 2 * i));
    if (!low || !high) {
      return std::nullopt;
    }
    address[i] = static_cast<std::byte>(*high << 4 | *low);
  }
  return address;
}

} // namespace

Dns64Prefix::Dns64Prefix(const base::Netmask& prefix) : d_octets{}, d_size(prefix.bits / 8U) {
  const auto octets = prefix.network.octets();
  assert(octets.size() == d_octets.size() && prefix.bits % 8 == 0 && d_size <= 12);
  std::copy(octets.begin(), octets.end(), d_octets.begin());
}

Ipv6 Dns64Prefix::embed(std::span<const std::byte, 4> ipv4) const {
  Ipv6 address = d_octets;
  std::size_t at = d_size;
  for (const std::byte octet : ipv4) {
    at += at == kReservedOctet ? 1U : 0U;
    address[at++] = octet;
  }
  return address;
}

std::optional<std::array<std::byte, 4>> Dns64Prefix::extract(std::span<const std::byte, 16> ipv6) const {
  std::array<std::byte, 4> ipv4{};
  std::size_t at = d_size;
  for (std::byte& octet : ipv4) {
    at += at == kReservedOctet ? 1U : 0U;
    octet = ipv6[at++];
  }
  // Made again it must be the same: prefix, reserved octet and suffix are as they should be.
  const Ipv6 again = embed(ipv4);
  return std::equal(again.begin(), again.end(), ipv6.begin()) ? std::optional(ipv4) : std::nullopt;
}

void dropExcludedAddresses(Outcome& outcome) {
  const auto hasExcluded = [](const AgedRRset& set) {
    const auto rdatas = set.rrset.rdatas();
    return set.rrset.type() == RRType::AAAA && std::any_of(rdatas.begin(), rdatas.end(), isExcluded);
  };
  std::vector<AgedRRset> kept;
  for (AgedRRset& set : outcome.answer) {
    if (hasExcluded(set)) {
      set.rrset = withoutExcluded(set.rrset);
      outcome.security = std::min(outcome.security, Security::Insecure);
    }
    if (set.rrset.count() > 0) {
      kept.push_back(std::move(set));
    }
  }
  outcome.answer = std::move(kept);
}

bool lacksAddresses(const Outcome& outcome) {
  return outcome.rcode == dns::RCode::NoError &&
         std::none_of(outcome.answer.begin(), outcome.answer.end(),
                      [](const AgedRRset& set) { return set.rrset.type() == RRType::AAAA; });
}

std::optional<Outcome> synthesise(const Dns64Prefix& prefix, const Outcome& forAaaa, const Outcome& forA) {
  Outcome outcome = forA;
  bool found = false;
  for (AgedRRset& set : outcome.answer) {
    if (set.rrset.type() == RRType::A) {
      set.ttl = std::min(set.ttl, ttlLimit(forAaaa));
      set.rrset = translated(prefix, set.rrset, set.ttl);
      found = true;
    }
  }
  if (!found || outcome.rcode != dns::RCode::NoError) {
    return std::nullopt;
  }
  outcome.kind = std::max(forAaaa.kind, forA.kind);
  outcome.security = leastSecure(Security::Insecure, leastSecure(forAaaa.security, forA.security)); // nobody signed it
  outcome.authoritative = false;
  return outcome;
}

std::optional<dns::Name> reverseTarget(const Dns64Prefix& prefix, const dns::Name& name) {
  const auto address = addressOf(name);
  const auto ipv4 = address ? prefix.extract(*address) : std::nullopt;
  if (!ipv4) {
    return std::nullopt;
  }
  std::string text;
  for (auto octet = ipv4->rbegin(); octet != ipv4->rend(); ++octet) {
    text += std::to_string(std::to_integer<unsigned>(*octet)) + ".";
  }
  auto target = dns::Name::parse(text + "in-addr.arpa.");
  return target ? std::optional(*target) : std::nullopt;
}

} // namespace rec
