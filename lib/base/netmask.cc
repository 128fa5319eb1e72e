// Netmask and NetmaskGroup: parsing, and the longest-prefix test used for every client packet.
#include "lib/base/netmask.hh"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstring>

namespace base {
namespace {

std::uint64_t keep(unsigned bits) { return bits == 0 ? 0 : bits >= 64 ? ~0ULL : ~0ULL << (64 - bits); }

std::string_view trimmed(std::string_view text) {
  const std::size_t from = text.find_first_not_of(" \t");
  if (from == std::string_view::npos) {
    return {};
  }
  return text.substr(from, text.find_last_not_of(" \t") - from + 1);
}

Address maskedAddress(const Address& address, unsigned bits) {
  std::array<std::byte, 16> octets{};
  const auto from = address.octets();
  for (unsigned i = 0; i < from.size(); ++i) {
    const unsigned left = bits > i * 8 ? std::min(bits - i * 8, 8U) : 0;
    octets[i] = from[i] & static_cast<std::byte>(0xFF00U >> left);
  }
  return address.isV6() ? Address::v6(octets, 0) : Address::v4(std::span(octets).first<4>(), 0);
}

} // namespace

Result<Netmask> Netmask::parse(std::string_view text) {
  const std::size_t slash = text.find('/');
  auto address = Address::parse(text.substr(0, slash));
  if (!address) {
    return address.error();
  }
  if (address->port() != 0) {
    return Error{"a netmask has no port: '" + std::string(text) + "'"};
  }
  const unsigned most = address->isV6() ? 128 : 32;
  unsigned bits = most;
  if (slash != std::string_view::npos) {
    const std::string_view digits = text.substr(slash + 1);
    const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), bits);
    if (error != std::errc{} || end != digits.data() + digits.size() || bits > most) {
      return Error{"'" + std::string(digits) + "' is not a prefix length in '" + std::string(text) + "'"};
    }
  }
  return of(*address, bits);
}

Netmask Netmask::of(const Address& address, unsigned bits) {
  bits = std::min(bits, address.isV6() ? 128U : address.isV4() ? 32U : 0U);
  return Netmask{address.valid() ? maskedAddress(address, bits) : Address(), static_cast<std::uint8_t>(bits)};
}

bool Netmask::contains(const Address& address) const {
  return address.family() == network.family() && maskedAddress(address, bits) == network;
}

std::string Netmask::text() const { return network.text() + "/" + std::to_string(bits); }

NetmaskGroup::Prefix NetmaskGroup::wordsOf(const Address& address) {
  if (address.isV4()) {
    const auto& v4 = reinterpret_cast<const sockaddr_in*>(address.raw())->sin_addr;
    return {static_cast<std::uint64_t>(__builtin_bswap32(v4.s_addr)) << 32, 0};
  }
  std::uint64_t words[2] = {0, 0};
  std::memcpy(words, address.octets().data(), address.octets().size());
  return {__builtin_bswap64(words[0]), __builtin_bswap64(words[1])};
}

Result<void> NetmaskGroup::add(std::string_view given) {
  const std::string_view text = trimmed(given);
  const bool include = !text.starts_with('!');
  auto mask = Netmask::parse(include ? text : trimmed(text.substr(1)));
  if (!mask) {
    return mask.error();
  }
  const Entry entry{wordsOf(mask->network), include};
  std::vector<Entry>& entries = level(mask->network.isV6(), mask->bits);
  const auto at = std::lower_bound(entries.begin(), entries.end(), entry.prefix,
                                   [](const Entry& e, const Prefix& p) { return e.prefix < p; });
  if (at != entries.end() && at->prefix == entry.prefix) {
    at->include = include; // the later word counts
  } else {
    entries.insert(at, entry);
  }
  d_text += d_text.empty() ? "" : ", ";
  d_text += include ? "" : "!";
  d_text += mask->text();
  return {};
}

std::vector<NetmaskGroup::Entry>& NetmaskGroup::level(bool v6, std::uint8_t bits) {
  auto& levels = v6 ? d_v6 : d_v4;
  auto at = std::find_if(levels.begin(), levels.end(), [bits](const Level& l) { return l.bits <= bits; });
  if (at == levels.end() || at->bits != bits) {
    at = levels.insert(at, Level{bits, {keep(bits), keep(bits > 64 ? bits - 64U : 0)}, {}});
  }
  return at->entries;
}

const NetmaskGroup::Entry* NetmaskGroup::find(const Level& level, const Prefix& prefix) {
  const auto& entries = level.entries;
  const auto at = std::lower_bound(entries.begin(), entries.end(), prefix,
                                   [](const Entry& e, const Prefix& p) { return e.prefix < p; });
  return at != entries.end() && at->prefix == prefix ? &*at : nullptr;
}

// The few entries of a usual list are run through; a long list is searched.
bool NetmaskGroup::contains(const Address& address) const {
  constexpr std::size_t few = 8;
  if (!address.valid()) {
    return false;
  }
  const Prefix words = wordsOf(address);
  for (const Level& level : address.isV6() ? d_v6 : d_v4) {
    const Prefix prefix = words & level.mask;
    if (level.entries.size() > few) {
      if (const Entry* entry = find(level, prefix)) return entry->include;
      continue;
    }
    for (const Entry& entry : level.entries) {
      if (entry.prefix == prefix) return entry.include;
    }
  }
  return false;
}

} // namespace base
