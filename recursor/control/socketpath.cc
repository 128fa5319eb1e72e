// A listening unix socket: see socketpath.hh.
#include "recursor/control/socketpath.hh"

#include <grp.h>
#include <pwd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

#include "recursor/config/values.hh"

namespace rec {

using base::Error;
using base::Result;

namespace {

Error problem(const std::string& path, const std::string& what) {
  return Error{"control socket " + path + ": " + what};
}

Result<sockaddr_un> addressOf(const std::string& path) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  if (path.size() >= sizeof address.sun_path) return problem(path, "the path is too long");
  std::ranges::copy(path, address.sun_path);
  return address;
}

Result<uid_t> userId(const std::string& name) {
  if (name.empty()) return static_cast<uid_t>(-1);
  if (const auto number = parseNumber(name, 0, UINT32_MAX - 1)) return static_cast<uid_t>(*number);
  const auto* entry = ::getpwnam(name.c_str());
  if (entry == nullptr) return Error{"socket-owner: there is no user '" + name + "'"};
  return entry->pw_uid;
}

Result<gid_t> groupId(const std::string& name) {
  if (name.empty()) return static_cast<gid_t>(-1);
  if (const auto number = parseNumber(name, 0, UINT32_MAX - 1)) return static_cast<gid_t>(*number);
  const auto* entry = ::getgrnam(name.c_str());
  if (entry == nullptr) return Error{"socket-group: there is no group '" + name + "'"};
  return entry->gr_gid;
}

Result<void> removeStale(const std::string& path) {
  struct stat about{};
  if (::lstat(path.c_str(), &about) != 0) return {};
  if (!S_ISSOCK(about.st_mode)) return problem(path, "exists and is not a socket");
  if (connectTo(path)) return problem(path, "another recursor listens on it");
  ::unlink(path.c_str());
  return {};
}

Result<void> setOwner(const std::string& path, const std::string& owner, const std::string& group) {
  const auto user = userId(owner);
  if (!user) return user.error();
  const auto members = groupId(group);
  if (!members) return members.error();
  if (owner.empty() && group.empty()) return {};
  if (::chown(path.c_str(), *user, *members) != 0) return problem(path, std::string("owner: ") + std::strerror(errno));
  return {};
}

} // namespace

Result<base::Fd> connectTo(const std::string& path) {
  const auto address = addressOf(path);
  if (!address) return address.error();
  base::Fd socket(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
  if (!socket.valid()) return problem(path, std::strerror(errno));
  if (::connect(socket.get(), reinterpret_cast<const sockaddr*>(&*address), sizeof *address) != 0) {
    return problem(path, std::strerror(errno));
  }
  return socket;
}

Result<base::Fd> listenOn(const std::string& path, std::uint32_t mode, const std::string& owner,
                          const std::string& group) {
  constexpr int kBacklog = 32;
  const auto address = addressOf(path);
  if (!address) return address.error();
  const auto removed = removeStale(path);
  if (!removed) return removed.error();
  base::Fd socket(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  if (!socket.valid()) return problem(path, std::strerror(errno));
  ::fchmod(socket.get(), mode); // Linux gives the file the mode of the socket, less the umask
  if (::bind(socket.get(), reinterpret_cast<const sockaddr*>(&*address), sizeof *address) != 0) {
    return problem(path, std::strerror(errno));
  }
  if (::chmod(path.c_str(), mode) != 0) return problem(path, std::string("mode: ") + std::strerror(errno));
  const auto owned = setOwner(path, owner, group);
  if (!owned) return owned.error();
  if (::listen(socket.get(), kBacklog) != 0) return problem(path, std::strerror(errno));
  return socket;
}

} // namespace rec
