// Netmask and NetmaskGroup: address prefixes, and ordered sets of them where "!" excludes and the longest prefix
// decides. NetmaskGroup is immutable once built and may be read by all threads.
#pragma once

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
  [[nodiscard]] bool contains(const Address& address) const;
  [[nodiscard]] std::string text() const;
};

class NetmaskGroup {
 public:
  // Adds "10.0.0.0/8" or "!10.1.0.0/16".
  Result<void> add(std::string_view text);
  // True when the longest matching prefix is one that includes. O(prefix lengths), no allocation.
  [[nodiscard]] bool contains(const Address& address) const;
  [[nodiscard]] bool empty() const { return d_entries.empty(); }
  [[nodiscard]] std::string text() const; // comma separated, as given

 private:
  struct Entry {
    Netmask mask;
    bool include;
  };
  std::vector<Entry> d_entries; // longest prefix first
};

} // namespace base
