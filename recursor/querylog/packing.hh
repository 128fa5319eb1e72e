// Packing: numbers of variable length, compressed sections, and the checksum of what is stored. Used by blocks and
// their indexes; packing.cc is the only file that knows zstd. Reading fails sticky: read all, then ask ok().
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <memory>
#include <optional>
#include <span>
#include <vector>

struct ZSTD_CCtx_s;

namespace rec {

using LogOctets = std::vector<std::byte>;

// Seven bits an octet, the lowest first.
void putVarint(LogOctets& out, std::uint64_t value);
// Small ones of either sign stay small.
void putSigned(LogOctets& out, std::int64_t value);
// As they lie in memory: the log is read on machines of the same byte order.
template <typename T> void putPlain(LogOctets& out, T value) {
  const auto* at = reinterpret_cast<const std::byte*>(&value);
  out.insert(out.end(), at, at + sizeof value);
}

class PackingReader {
 public:
  explicit PackingReader(std::span<const std::byte> octets) : d_rest(octets) {}
  [[nodiscard]] std::uint64_t varint();
  [[nodiscard]] std::int64_t signedNumber();
  template <typename T> [[nodiscard]] T plain() {
    T value{};
    const auto octets = take(sizeof value);
    if (octets.size() == sizeof value) std::memcpy(&value, octets.data(), sizeof value);
    return value;
  }
  [[nodiscard]] std::span<const std::byte> take(std::size_t count); // empty when there are not so many
  [[nodiscard]] std::span<const std::byte> rest() const { return d_rest; }
  [[nodiscard]] bool ok() const { return d_ok; }
  [[nodiscard]] bool done() const { return d_ok && d_rest.empty(); }

 private:
  std::span<const std::byte> d_rest;
  bool d_ok = true;
};

// Compresses section after section with the same tables.
class Compressor {
 public:
  Compressor();
  ~Compressor();
  Compressor(const Compressor&) = delete;
  Compressor& operator=(const Compressor&) = delete;
  // Appends to `out`: compressed, or as it is when that is no longer. Returns how many octets.
  std::size_t append(LogOctets& out, std::span<const std::byte> section);

 private:
  ZSTD_CCtx_s* d_context;
};

// What append() made of a section of `size` octets; nothing when it is damaged.
[[nodiscard]] std::optional<LogOctets> decompressed(std::span<const std::byte> packed, std::size_t size);

// The same in every process. Not for what strangers choose.
[[nodiscard]] std::uint64_t checksum(std::span<const std::byte> octets);

} // namespace rec
