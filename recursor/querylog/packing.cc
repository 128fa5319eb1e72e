// Numbers, zstd, checksum.
#include "recursor/querylog/packing.hh"

#include <zstd.h>

#include <bit>
#include <new>

#include "lib/base/hash.hh"

namespace rec {
namespace {

constexpr int kLevel = 1;             // what higher ones save is not worth what they cost
constexpr std::size_t kLeastGain = 8; // octets

constexpr std::uint64_t kMixA = 0x9E3779B97F4A7C15ULL, kMixB = 0xD6E8FEB86659FD93ULL;

} // namespace

void putVarint(LogOctets& out, std::uint64_t value) {
  while (value >= 0x80) {
    out.push_back(static_cast<std::byte>(value | 0x80));
    value >>= 7;
  }
  out.push_back(static_cast<std::byte>(value));
}

void putSigned(LogOctets& out, std::int64_t value) {
  putVarint(out, static_cast<std::uint64_t>(value) << 1 ^ static_cast<std::uint64_t>(value >> 63));
}

std::uint64_t PackingReader::varint() {
  std::uint64_t value = 0;
  for (unsigned shift = 0; shift < 64 && !d_rest.empty(); shift += 7) {
    const auto octet = std::to_integer<std::uint64_t>(d_rest.front());
    d_rest = d_rest.subspan(1);
    value |= (octet & 0x7F) << shift;
    if (octet < 0x80) return value;
  }
  d_ok = false;
  return 0;
}

std::int64_t PackingReader::signedNumber() {
  const std::uint64_t value = varint();
  return static_cast<std::int64_t>(value >> 1 ^ (0 - (value & 1)));
}

std::span<const std::byte> PackingReader::take(std::size_t count) {
  if (!d_ok || d_rest.size() < count) {
    d_ok = false;
    return {};
  }
  const auto taken = d_rest.first(count);
  d_rest = d_rest.subspan(count);
  return taken;
}

Compressor::Compressor() : d_context(ZSTD_createCCtx()) {
  if (d_context == nullptr) throw std::bad_alloc();
}

Compressor::~Compressor() { ZSTD_freeCCtx(d_context); }

std::size_t Compressor::append(LogOctets& out, std::span<const std::byte> section) {
  const std::size_t begin = out.size();
  const std::size_t most = ZSTD_compressBound(section.size());
  out.resize(begin + most);
  const std::size_t packed =
      ZSTD_compressCCtx(d_context, out.data() + begin, most, section.data(), section.size(), kLevel);
  if (ZSTD_isError(packed) == 0 && packed + kLeastGain <= section.size()) {
    out.resize(begin + packed);
    return packed;
  }
  out.resize(begin);
  out.insert(out.end(), section.begin(), section.end());
  return section.size();
}

std::optional<LogOctets> decompressed(std::span<const std::byte> packed, std::size_t size) {
  if (packed.size() == size) {
    return LogOctets(packed.begin(), packed.end());
  }
  LogOctets section(size);
  const std::size_t got = ZSTD_decompress(section.data(), section.size(), packed.data(), packed.size());
  if (ZSTD_isError(got) != 0 || got != size) {
    return std::nullopt;
  }
  return section;
}

std::uint64_t checksum(std::span<const std::byte> octets) {
  std::uint64_t state = octets.size() * kMixB + 1;
  std::size_t i = 0;
  for (; i + 8 <= octets.size(); i += 8) {
    state = base::mix(state ^ base::load64(octets.data() + i), kMixA) + std::rotl(state, 23);
  }
  std::uint64_t last = 0;
  for (; i < octets.size(); ++i) last = last << 8 | std::to_integer<std::uint64_t>(octets[i]);
  return base::mix(base::mix(state ^ last, kMixA), kMixB);
}

} // namespace rec
