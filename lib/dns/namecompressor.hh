// NameCompressor: which part of a name stands in the message already, so that a pointer to it will do (RFC 1035 4.1.4).
// Part of WireWriter, which writes what plan() says. Allocates nothing and reads only what was written behind the
// header. Its table is bounded, so that hostile answers cannot make writing expensive.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>

#include "lib/dns/fold.hh"
#include "lib/dns/name.hh"

namespace dns {

// Where each label of a name in wire form begins, and the hash of the name from there on.
struct NameSuffixes {
  explicit NameSuffixes(const std::byte* wire);
  std::array<std::uint8_t, 128> starts;
  std::array<std::uint64_t, 128> hashes;
  std::size_t count = 0;
};

class NameCompressor {
 public:
  static constexpr std::size_t kMaxTarget = 0x3FFF; // a pointer has 14 bits (RFC 1035 4.1.4)

  // How to write a name: `octets` octets of it, which are `labels` labels, then a pointer to `target`, or the root for
  // 0.
  struct Plan {
    NameSuffixes suffixes;
    std::size_t labels = 0;
    std::size_t octets = 0;
    std::size_t target = 0;
  };

  // The name asked, when there is one, stands at `askedAt` of the message.
  NameCompressor(const std::byte* message, std::size_t askedAt) : d_message(message), d_askedAt(askedAt) {}

  // The name asked has been written.
  void setAsked(std::size_t octets) { d_askedSize = octets; }
  [[nodiscard]] bool isAsked(std::span<const std::byte> wire, bool exactCase) const {
    const std::byte* asked = d_message + d_askedAt;
    return wire.size() == d_askedSize && wire.size() > 1 &&
           (exactCase ? std::memcmp(wire.data(), asked, wire.size()) == 0
                      : equalFolded(wire.data(), asked, wire.size()));
  }
  // `exactCase`: only suffixes that are the same octet for octet are pointed to.
  [[nodiscard]] Plan plan(std::span<const std::byte> wire, bool exactCase);
  // A name has been written at `offset` as planned, to its end: find() never meets half a name.
  void remember(const Plan& plan, std::size_t offset);
  // What was written at `offset` and behind it is taken back.
  void forget(std::size_t offset);

 private:
  static constexpr std::size_t kSlots = 128;     // of the table, a power of two
  static constexpr std::size_t kMaxTargets = 96; // entries in it, so that probing stays short
  static constexpr std::size_t kMaxProbes = 16;

  struct Target {
    std::uint16_t offset; // of the name in the message; 0 is a free slot
    std::uint16_t tag;    // more bits of the hash, so that few slots are compared in full
  };

  void begin();
  [[nodiscard]] std::size_t find(std::uint64_t hash, const std::byte* suffix, bool exactCase) const;
  [[nodiscard]] bool matches(std::size_t offset, const std::byte* suffix, bool exactCase) const;
  void add(std::uint64_t hash, std::size_t offset);

  const std::byte* d_message;
  std::size_t d_askedAt;
  std::size_t d_askedSize = 0; // 0: there is none
  bool d_isBegun = false;      // d_targets is in use
  std::size_t d_targetCount = 0;
  std::array<Target, kSlots> d_targets; // open addressing by suffix hash
};

} // namespace dns
