// Files written atomically: see statefile.hh.
#include "recursor/trust/statefile.hh"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>

#include "lib/base/fd.hh"

namespace rec {
namespace {

using base::Error;
using base::Result;

constexpr std::size_t kMostRead = 16 << 20; // more is not our file

Error failure(const std::string& what, const std::string& path) {
  return Error{"cannot " + what + " " + path + ": " + std::strerror(errno)};
}

std::string folderOf(const std::string& path) {
  const auto slash = path.rfind('/');
  if (slash == std::string::npos) return ".";
  return slash == 0 ? "/" : path.substr(0, slash);
}

bool writeAll(int fd, std::string_view content) {
  while (!content.empty()) {
    const auto written = ::write(fd, content.data(), content.size());
    if (written < 0 && errno == EINTR) continue;
    if (written <= 0) return false;
    content.remove_prefix(static_cast<std::size_t>(written));
  }
  return true;
}

Result<void> writeTemporary(const std::string& path, std::string_view content) {
  const base::Fd file(::open(path.c_str(), O_CREAT | O_TRUNC | O_WRONLY | O_CLOEXEC | O_NOFOLLOW, 0644));
  if (!file.valid()) return failure("open", path);
  if (!writeAll(file.get(), content) || ::fsync(file.get()) != 0) return failure("write", path);
  return {};
}

} // namespace

Result<void> writeWhole(const std::string& path, std::string_view content) {
  const std::string temporary = path + ".new";
  const auto written = writeTemporary(temporary, content);
  if (!written) return written;
  if (::rename(temporary.c_str(), path.c_str()) != 0) return failure("replace", path);
  const base::Fd folder(::open(folderOf(path).c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!folder.valid() || ::fsync(folder.get()) != 0) return failure("sync the folder of", path);
  return {};
}

Result<std::optional<std::string>> readWhole(const std::string& path) {
  const base::Fd file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (!file.valid() && errno == ENOENT) return std::optional<std::string>();
  if (!file.valid()) return failure("open", path);
  std::string content;
  char buffer[65536];
  for (;;) {
    const auto size = ::read(file.get(), buffer, sizeof buffer);
    if (size < 0 && errno == EINTR) continue;
    if (size < 0) return failure("read", path);
    if (size == 0) break;
    content.append(buffer, static_cast<std::size_t>(size));
    if (content.size() > kMostRead) return Error{path + " is too large"};
  }
  return std::optional<std::string>(std::move(content));
}

Result<void> setAside(const std::string& path) {
  if (::rename(path.c_str(), (path + ".damaged").c_str()) != 0) return failure("rename", path);
  return {};
}

bool folderExists(const std::string& path) {
  struct stat about{};
  return ::stat(folderOf(path).c_str(), &about) == 0 && S_ISDIR(about.st_mode);
}

} // namespace rec
