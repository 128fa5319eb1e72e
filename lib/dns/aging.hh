// Aging: the TTLs of a whole message made smaller where they stand, for an answer that somebody has kept for a while.
// Used for DNS over HTTPS.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

namespace dns {

// Every TTL in `packet` but OPT's loses so many seconds, down to 0. As far as the packet can be read: what follows is
// left as it is.
void ageTtls(std::span<std::byte> packet, std::uint32_t seconds);

} // namespace dns
