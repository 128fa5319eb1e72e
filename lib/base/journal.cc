// One socket for the process, opened with the first entry and kept: sendto(2) needs no connection, so that a journal
// that is started anew is found again.
#include "lib/base/journal.hh"

#include <sys/socket.h>
#include <sys/un.h>

#include <algorithm>
#include <cstring>

#include "lib/base/fd.hh"

namespace base {

namespace {

constexpr const char* kJournal = "/run/systemd/journal/socket";

} // namespace

bool sendToJournal(std::string_view entry) { return sendToJournal(entry, kJournal); }

bool sendToJournal(std::string_view entry, const char* path) {
  static const Fd socket(::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  const std::size_t size = std::min(std::strlen(path), sizeof address.sun_path - 1);
  std::memcpy(address.sun_path, path, size);
  const auto* raw = reinterpret_cast<const sockaddr*>(&address);
  const ssize_t sent = ::sendto(socket.get(), entry.data(), entry.size(), MSG_NOSIGNAL, raw, sizeof address);
  return sent == static_cast<ssize_t>(entry.size());
}

} // namespace base
