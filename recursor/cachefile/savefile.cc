// The system calls: see savefile.hh.
#include "recursor/cachefile/savefile.hh"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>

namespace rec {
namespace {

base::Error failure(const std::string& what, const std::string& path) {
  return base::Error{"cannot " + what + " " + path + ": " + std::strerror(errno)};
}

std::string folderOf(const std::string& path) {
  const auto slash = path.rfind('/');
  if (slash == std::string::npos) return ".";
  return slash == 0 ? "/" : path.substr(0, slash);
}

} // namespace

base::Result<SaveFile> SaveFile::create(const std::string& path) {
  const std::string temporary = path + ".new";
  base::Fd file(::open(temporary.c_str(), O_CREAT | O_TRUNC | O_WRONLY | O_CLOEXEC | O_NOFOLLOW, 0600));
  if (!file.valid()) return failure("open", temporary);
  return SaveFile(path, std::move(file));
}

SaveFile::~SaveFile() {
  if (d_file.valid()) {
    ::unlink(temporary().c_str());
  }
}

base::Result<void> SaveFile::write(std::span<const std::byte> octets) {
  while (!octets.empty()) {
    const auto written = ::write(d_file.get(), octets.data(), octets.size());
    if (written < 0 && errno == EINTR) continue;
    if (written <= 0) return failure("write", temporary());
    octets = octets.subspan(static_cast<std::size_t>(written));
  }
  return {};
}

base::Result<void> SaveFile::commit() {
  if (::fsync(d_file.get()) != 0) return failure("write", temporary());
  if (::rename(temporary().c_str(), d_path.c_str()) != 0) return failure("replace", d_path);
  d_file.reset();
  const base::Fd folder(::open(folderOf(d_path).c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!folder.valid() || ::fsync(folder.get()) != 0) return failure("sync the folder of", d_path);
  return {};
}

base::Result<std::optional<LoadFile>> LoadFile::open(const std::string& path) {
  base::Fd file(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
  if (!file.valid() && errno == ENOENT) return std::optional<LoadFile>();
  struct stat about{};
  if (!file.valid() || ::fstat(file.get(), &about) != 0) return failure("open", path);
  if (!S_ISREG(about.st_mode)) return base::Error{path + " is no regular file"};
  const bool ours = about.st_uid == ::geteuid() || about.st_uid == 0;
  if (!ours || (about.st_mode & (S_IWGRP | S_IWOTH)) != 0) {
    return base::Error{path +
                       " could have been written by others: it must belong to this user or to root, and nobody " +
                       "else may write to it"};
  }
  ::posix_fadvise(file.get(), 0, 0, POSIX_FADV_SEQUENTIAL);
  return std::optional(LoadFile(std::move(file), static_cast<std::uint64_t>(about.st_size)));
}

bool LoadFile::read(std::uint64_t at, std::span<std::byte> out) const {
  while (!out.empty()) {
    const auto got = ::pread(d_file.get(), out.data(), out.size(), static_cast<off_t>(at));
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) return false;
    out = out.subspan(static_cast<std::size_t>(got));
    at += static_cast<std::uint64_t>(got);
  }
  return true;
}

bool hasFolder(const std::string& path) { return ::access(folderOf(path).c_str(), F_OK) == 0; }

std::optional<std::string> whyNotWritable(const std::string& path) {
  const std::string folder = folderOf(path);
  if (::access(folder.c_str(), W_OK | X_OK) == 0) return std::nullopt;
  return folder + ": " + std::strerror(errno);
}

} // namespace rec
