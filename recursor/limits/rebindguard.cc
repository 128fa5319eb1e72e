// Looking for private addresses in records.
#include "recursor/limits/rebindguard.hh"

#include <algorithm>
#include <array>

#include "lib/dns/rdata.hh"

namespace rec {
namespace {

using dns::RRType;
using Octets = std::span<const std::byte>;

constexpr std::size_t kReservedOctet = 8;        // of an IPv6 address that has an IPv4 one inside (RFC 6052 2.2)
constexpr unsigned kIpv4Hint = 4, kIpv6Hint = 6; // RFC 9460 14.3.2

struct Form {
  std::string_view network;
  std::size_t at;
};
// IPv4-mapped and IPv4-compatible (RFC 4291 2.5.5), 6to4 (RFC 3056), NAT64 (RFC 6052 2.1, RFC 8215).
constexpr std::array<Form, 5> kForms{
    {{"::ffff:0:0/96", 12}, {"::/96", 12}, {"2002::/16", 2}, {"64:ff9b::/96", 12}, {"64:ff9b:1::/48", 12}}};

unsigned word(Octets at) { return std::to_integer<unsigned>(at[0]) << 8 | std::to_integer<unsigned>(at[1]); }

// The octets behind `at`, passing over the reserved one where the IPv4 address lies around it.
std::array<std::byte, 4> embedded(std::span<const std::byte, 16> octets, std::size_t at) {
  std::array<std::byte, 4> ipv4{};
  for (std::byte& octet : ipv4) {
    at += at == kReservedOctet ? 1U : 0U;
    octet = octets[at++];
  }
  return ipv4;
}

bool hasAddresses(RRType type) {
  return type == RRType::A || type == RRType::AAAA || type == RRType::SVCB || type == RRType::HTTPS;
}

// What comes behind the target of an SVCB record; nothing when it is cut short.
std::optional<Octets> parametersOf(Octets rdata) {
  std::size_t at = 2; // the priority
  while (at < rdata.size() && rdata[at] != std::byte{0}) {
    at += 1 + std::to_integer<std::size_t>(rdata[at]);
  }
  return at < rdata.size() ? std::optional(rdata.subspan(at + 1)) : std::nullopt;
}

} // namespace

RebindGuard::RebindGuard(const Settings& settings)
    : d_private(settings.privateAddress), d_domains(settings.privateDomain) {
  const std::string& action = settings.stopDnsRebind;
  d_action = action == "remove" ? Action::Remove : action == "refuse" ? Action::Refuse : Action::None;
  for (const Form& form : kForms) {
    d_embeddings.push_back({base::Netmask::parse(form.network).value(), form.at});
  }
  if (settings.dns64Prefix) {
    d_embeddings.push_back({*settings.dns64Prefix, settings.dns64Prefix->bits / 8U});
  }
}

bool RebindGuard::isPrivate(const base::Address& address) const {
  return d_private.contains(address) || (address.isV6() && isPrivateV6(address.octets().first<16>()));
}

bool RebindGuard::isPrivateV6(std::span<const std::byte, 16> octets) const {
  const base::Address address = base::Address::v6(octets, 0);
  return std::ranges::any_of(d_embeddings, [&](const Embedding& form) {
    return form.network.contains(address) && d_private.contains(base::Address::v4(embedded(octets, form.at), 0));
  });
}

std::optional<base::Address> RebindGuard::privateIn(RRType type, Octets rdata) const {
  base::Address address;
  if (type == RRType::A && rdata.size() == 4) {
    address = base::Address::v4(rdata.first<4>(), 0);
  } else if (type == RRType::AAAA && rdata.size() == 16) {
    address = base::Address::v6(rdata.first<16>(), 0);
  } else if (type == RRType::SVCB || type == RRType::HTTPS) {
    return privateHint(rdata);
  }
  return address.valid() && isPrivate(address) ? std::optional(address) : std::nullopt;
}

std::optional<base::Address> RebindGuard::privateHint(Octets rdata) const {
  auto rest = parametersOf(rdata);
  while (rest && rest->size() >= 4) {
    const unsigned key = word(*rest);
    const std::size_t size = std::min<std::size_t>(word(rest->subspan(2)), rest->size() - 4);
    Octets value = rest->subspan(4, size);
    rest = rest->subspan(4 + size);
    const std::size_t each = key == kIpv4Hint ? 4 : 16;
    for (; (key == kIpv4Hint || key == kIpv6Hint) && value.size() >= each; value = value.subspan(each)) {
      if (auto found = privateIn(key == kIpv4Hint ? RRType::A : RRType::AAAA, value.first(each))) return found;
    }
  }
  return std::nullopt;
}

std::optional<base::Address> RebindGuard::privateIn(const dns::RRset& set) const {
  for (const auto rdata : set.rdatas()) {
    if (auto found = privateIn(set.type(), rdata)) return found;
  }
  return std::nullopt;
}

bool RebindGuard::mayHave(const dns::Name& owner, const IsExempt& isExempt) const {
  const auto isAbove = [&owner](const dns::Name& domain) { return owner.isWithin(domain); };
  return std::ranges::any_of(d_domains, isAbove) || isExempt(owner);
}

std::optional<RebindGuard::Finding> RebindGuard::look(const std::vector<AgedRRset>& sets,
                                                      const IsExempt& isExempt) const {
  std::optional<Finding> finding;
  for (const AgedRRset& set : sets) {
    if (d_action == Action::None || !hasAddresses(set.rrset.type())) continue;
    const auto found = privateIn(set.rrset);
    if (!found || mayHave(set.rrset.owner(), isExempt)) continue;
    if (!finding) finding = Finding{set.rrset.owner(), *found, set.ttl};
    finding->ttl = std::min(finding->ttl, set.ttl);
  }
  return finding;
}

std::vector<AgedRRset> RebindGuard::without(const std::vector<AgedRRset>& sets, const IsExempt& isExempt) const {
  std::vector<AgedRRset> left;
  for (const AgedRRset& set : sets) {
    const dns::RRset& old = set.rrset;
    if (!hasAddresses(old.type()) || !privateIn(old) || mayHave(old.owner(), isExempt)) {
      left.push_back(set);
      continue;
    }
    dns::RRsetBuilder builder(old.owner(), old.type(), old.rrclass(), old.ttl());
    for (const auto rdata : old.rdatas()) {
      if (!privateIn(old.type(), rdata)) builder.add(rdata);
    }
    if (builder.count() > 0) left.push_back({builder.build(), set.ttl, set.originalTtl});
  }
  return left;
}

} // namespace rec
