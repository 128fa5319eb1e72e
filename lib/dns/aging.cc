// One walk over the records.
#include "lib/dns/aging.hh"

#include <algorithm>
#include <array>

#include "lib/dns/types.hh"
#include "lib/dns/wirereader.hh"

namespace dns {
namespace {

constexpr std::size_t kCountsAt = 4; // in the header: of questions, answers, authority, additional

void put32(std::span<std::byte> into, std::uint32_t value) {
  for (std::size_t i = 4; i-- > 0; value >>= 8) {
    into[i] = static_cast<std::byte>(value & 0xFF);
  }
}

} // namespace

void ageTtls(std::span<std::byte> packet, std::uint32_t seconds) {
  WireReader reader(packet, kCountsAt);
  const std::uint16_t questions = reader.u16();
  std::size_t records = 0;
  for (int section = 0; section < 3; ++section) {
    records += reader.u16();
  }
  std::array<std::byte, kMaxNameSize> scratch;
  for (std::uint16_t i = 0; i < questions && !reader.failed(); ++i) {
    static_cast<void>(reader.nameWire(scratch));
    reader.skip(4);
  }
  while (records-- > 0) {
    static_cast<void>(reader.nameWire(scratch));
    const auto type = static_cast<RRType>(reader.u16());
    reader.skip(2);
    const std::size_t at = reader.offset();
    const std::uint32_t ttl = reader.u32();
    if (reader.failed()) {
      return;
    }
    if (type != RRType::OPT) { // whose TTL is none (RFC 6891 6.1.3)
      put32(packet.subspan(at, 4), ttl - std::min(ttl, seconds));
    }
    const std::size_t size = reader.u16();
    reader.skip(size);
  }
}

} // namespace dns
