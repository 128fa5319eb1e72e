// WireReader: reads a DNS message octet by octet. Sticky failure: after the first error every read yields zero, so that
// callers read all and check failed() once. Follows compression pointers backwards only, a bounded number of times.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "lib/dns/name.hh"
#include "lib/dns/types.hh"

namespace dns {

class WireReader {
 public:
  explicit WireReader(std::span<const std::byte> message, std::size_t offset = 0) : d_message(message), d_at(offset) {}

  std::uint8_t u8() { return have(1) ? static_cast<std::uint8_t>(octetAt(d_at++)) : std::uint8_t{0}; }
  std::uint16_t u16() {
    if (!have(2)) {
      return 0;
    }
    d_at += 2;
    return static_cast<std::uint16_t>(octetAt(d_at - 2) << 8 | octetAt(d_at - 1));
  }
  std::uint32_t u32() {
    if (!have(4)) {
      return 0;
    }
    d_at += 4;
    return octetAt(d_at - 4) << 24 | octetAt(d_at - 3) << 16 | octetAt(d_at - 2) << 8 | octetAt(d_at - 1);
  }
  // The next two octets without moving on; 0 when there are none.
  [[nodiscard]] std::uint16_t peek16() const {
    return remaining() < 2 ? std::uint16_t{0}
                           : static_cast<std::uint16_t>(std::to_integer<unsigned>(d_message[d_at]) << 8 |
                                                        std::to_integer<unsigned>(d_message[d_at + 1]));
  }
  std::span<const std::byte> bytes(std::size_t count);
  Name name(); // decompressed, case kept; bounded pointer work per message
  // The same in wire form into `out`, without making a Name; returns its size, 0 on failure.
  std::size_t nameWire(std::span<std::byte, kMaxNameSize> out, bool pointersAllowed = true);
  void skip(std::size_t count) {
    if (have(count)) {
      d_at += count;
    }
  }
  void fail() { d_failed = true; }
  // Appends the decompressed rdata of `size` octets at the cursor to `out`; the names in it as the type's layout says.
  // Fails when the rdata does not fill its layout exactly.
  void rdata(RRType type, std::size_t size, std::vector<std::byte>& out);

  [[nodiscard]] bool failed() const { return d_failed; }
  // The failure was a read past the end of the message, not a malformed one.
  [[nodiscard]] bool ranOut() const { return d_ranOut; }
  [[nodiscard]] bool atEnd() const { return d_at >= d_message.size(); }
  [[nodiscard]] std::size_t offset() const { return d_at; }
  [[nodiscard]] std::size_t remaining() const { return d_at < d_message.size() ? d_message.size() - d_at : 0; }

 private:
  [[nodiscard]] bool have(std::size_t count) {
    if (!d_failed && count > remaining()) {
      d_failed = true;
      d_ranOut = true;
    }
    return !d_failed;
  }
  [[nodiscard]] unsigned octetAt(std::size_t at) const { return std::to_integer<unsigned>(d_message[at]); }
  void field(char kind, RRType type, std::size_t end, std::vector<std::byte>& out);
  void octets(std::size_t count, std::size_t end, std::vector<std::byte>& out);

  std::span<const std::byte> d_message;
  std::size_t d_at;
  std::size_t d_pointersLeft = 16384; // for the whole message: bounds the work of hostile compression
  bool d_failed = false;
  bool d_ranOut = false;
};

// Whether this is uncompressed rdata that fills the layout of its type exactly.
[[nodiscard]] bool rdataWellFormed(RRType type, std::span<const std::byte> rdata);

} // namespace dns
