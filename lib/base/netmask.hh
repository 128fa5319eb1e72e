// Netmask and NetmaskGroup: address prefixes, and ordered sets of them where "!" excludes and the longest prefix
// decides. NetmaskGroup is immutable once built and may be read by all threads.
#pragma once

#include <compare>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "lib/base/address.hh"

namespace base {

struct Netmask {
  Address network; // host bits cleared, port 0
  std::uint8_t bits = 0;

  // "10.0.0.0/8", "2001:db8::/32", or a single address (full length).
  static Result<Netmask> parse(std::string_view text);
  // The network of so many bits (at most those of its family) that the address is in.
  static Netmask of(const Address& address, unsigned bits);
  [[nodiscard]] bool contains(const Address& address) const;
  [[nodiscard]] bool contains(const Netmask& other) const { return bits <= other.bits && contains(other.network); }
  [[nodiscard]] std::string text() const;
  friend bool operator==(const Netmask&, const Netmask&) = default;
};

class NetmaskGroup {
 public:
  // Adds "10.0.0.0/8" or "!10.1.0.0/16".
  Result<void> add(std::string_view text);
  // True when the longest matching prefix is one that includes. O(prefix lengths), no allocation.
  [[nodiscard]] bool contains(const Address& address) const;
  [[nodiscard]] bool empty() const { return d_v4.empty() && d_v6.empty(); }
  [[nodiscard]] std::string text() const { return d_text; } // comma separated, in the order given

 private:
  // An address, left-aligned; of a network with the host bits cleared.
  struct Prefix {
    std::uint64_t high = 0, low = 0;
    friend bool operator==(const Prefix&, const Prefix&) = default;
    friend auto operator<=>(const Prefix&, const Prefix&) = default;
    friend Prefix operator&(const Prefix& a, const Prefix& b) { return {a.high & b.high, a.low & b.low}; }
  };
  struct Entry {
    Prefix prefix;
    bool include;
  };
  // All prefixes of one length, in order.
  struct Level {
    std::uint8_t bits;
    Prefix mask;
    std::vector<Entry> entries;
  };
  static Prefix wordsOf(const Address& address);
  static const Entry* find(const Level& level, const Prefix& prefix);
  std::vector<Entry>& level(bool v6, std::uint8_t bits);

  std::vector<Level> d_v4, d_v6; // longest prefix first
  std::string d_text;
};

} // namespace base
