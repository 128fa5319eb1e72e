// inotify(7).
#include "recursor/policy/directorywatch.hh"

#include <sys/inotify.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>

namespace rec {

base::Result<void> DirectoryWatch::watch(const std::string& directory) {
  base::Fd fd(::inotify_init1(IN_NONBLOCK | IN_CLOEXEC));
  constexpr std::uint32_t kEvents = IN_CLOSE_WRITE | IN_MOVED_TO | IN_MOVED_FROM | IN_DELETE | IN_ONLYDIR;
  if (fd.get() < 0 || ::inotify_add_watch(fd.get(), directory.c_str(), kEvents) < 0) {
    return base::Error{directory + ": " + std::strerror(errno)};
  }
  d_fd = std::move(fd);
  return {};
}

bool DirectoryWatch::happened() {
  alignas(inotify_event) std::array<char, 16384> events;
  bool any = false;
  while (d_fd.get() >= 0 && ::read(d_fd.get(), events.data(), events.size()) > 0) {
    any = true;
  }
  return any;
}

} // namespace rec
