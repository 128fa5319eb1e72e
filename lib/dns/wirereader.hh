// WireReader: reads a DNS message octet by octet. Sticky failure: after the first error every read yields zero, so that
// callers read all and check failed() once. Follows compression pointers backwards only, a bounded number of times.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "lib/dns/name.hh"
#include "lib/dns/types.hh"

namespace dns {

class WireReader {
 public:
  explicit WireReader(std::span<const std::byte> message, std::size_t offset = 0) : d_message(message), d_at(offset) {}

  std::uint8_t u8();
  std::uint16_t u16();
  std::uint32_t u32();
  std::span<const std::byte> bytes(std::size_t count);
  Name name(); // decompressed, case kept; bounded pointer work per message
  void skip(std::size_t count);
  void fail() { d_failed = true; }
  // Appends the decompressed rdata of `size` octets at the cursor to `out`; the names in it as the type's layout says.
  template <typename Sink> void rdata(RRType type, std::size_t size, Sink& out);

  [[nodiscard]] bool failed() const { return d_failed; }
  [[nodiscard]] bool atEnd() const { return d_at >= d_message.size(); }
  [[nodiscard]] std::size_t offset() const { return d_at; }
  [[nodiscard]] std::size_t remaining() const { return d_message.size() - d_at; }

 private:
  std::span<const std::byte> d_message;
  std::size_t d_at;
  std::size_t d_pointersLeft = 4096; // for the whole message: bounds the work of hostile compression
  bool d_failed = false;
};

} // namespace dns
