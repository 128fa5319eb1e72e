// Netmask and NetmaskGroup: address prefixes, and ordered sets of them where "!" excludes and the longest prefix
// decides. NetmaskGroup is immutable once built and may be read by all threads.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "lib/base/address.hh"

namespace base {

struct Netmask {
  Address network; // host bits cleared, port 0
  std::uint8_t bits = 0;

  // "10.0.0.0/8", "2001:db8::/32", or a single address (full length).
  static Result<Netmask> parse(std::string_view text);
  [[nodiscard]] bool contains(const Address& address) const;
  [[nodiscard]] std::string text() const;
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
  using Prefix = std::pair<std::uint64_t, std::uint64_t>; // the address, left-aligned, host bits cleared
  struct Entry {
    Prefix prefix;
    bool include;
  };
  // All prefixes of one length, in order.
  struct Level {
    std::uint8_t bits;
    std::vector<Entry> entries;
  };
  static Prefix prefixOf(const Address& address, unsigned bits);
  std::vector<Entry>& level(bool v6, std::uint8_t bits);

  std::vector<Level> d_v4, d_v6; // longest prefix first
  std::string d_text;
};

} // namespace base
