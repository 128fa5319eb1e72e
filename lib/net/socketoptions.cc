// Socket options of listeners and the text of what went wrong with them.
#include "lib/net/socketoptions.hh"

#include <sys/socket.h>

#include <cerrno>
#include <string>
#include <system_error>

namespace net {

bool setOption(int fd, int level, int name, int value) {
  return ::setsockopt(fd, level, name, &value, sizeof value) == 0;
}

bool setListenerOptions(int fd, const base::Address& address, const BindOptions& options) {
  if (options.reusePort && !setOption(fd, SOL_SOCKET, SO_REUSEPORT, 1)) return false;
  if (options.nonLocal && !setOption(fd, IPPROTO_IP, IP_FREEBIND, 1)) return false;
  return !address.isV6() || setOption(fd, IPPROTO_IPV6, IPV6_V6ONLY, 1);
}

void growBuffer(int fd, int force, int usual, int octets) {
  if (octets > 0 && !setOption(fd, SOL_SOCKET, force, octets)) { // beyond rmem_max, wmem_max it needs CAP_NET_ADMIN
    setOption(fd, SOL_SOCKET, usual, octets);
  }
}

base::Error socketError(std::string_view what, const base::Address& address) {
  const std::string reason = std::generic_category().message(errno);
  return {std::string(what) + " " + address.textWithPort() + ": " + reason};
}

} // namespace net
