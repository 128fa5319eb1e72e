// Socket options shared by the UDP and TCP listeners of lib/net. Not for use outside of it.
#pragma once

#include <string_view>

#include "lib/net/udpsocket.hh"

namespace net {

bool setOption(int fd, int level, int name, int value);
// SO_REUSEPORT, IP_FREEBIND, IPV6_V6ONLY as asked; false (errno) when one that matters fails.
[[nodiscard]] bool setListenerOptions(int fd, const base::Address& address, const BindOptions& options);
// `force` goes beyond the machine's limit, where allowed.
void growBuffer(int fd, int force, int usual, int octets);
// "<what> 127.0.0.1:53: Address already in use", from errno.
[[nodiscard]] base::Error socketError(std::string_view what, const base::Address& address);

} // namespace net
