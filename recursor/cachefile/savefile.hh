// SaveFile and LoadFile: the cache file on disk. It is written under another name and takes the place of the old one
// when all of it is on the disk, so that there is always a whole one; it is read with pread(), so that a file that
// somebody cuts meanwhile is an error, not a signal. Blocks: never on a worker's thread.
#pragma once

#include <string>

#include "lib/base/fd.hh"
#include "recursor/cachefile/blocks.hh"

namespace rec {

class SaveFile {
 public:
  static base::Result<SaveFile> create(const std::string& path);
  SaveFile(SaveFile&& other) noexcept = default;
  SaveFile& operator=(SaveFile&&) = delete;
  ~SaveFile(); // removes what was written, unless commit() was reached
  base::Result<void> write(std::span<const std::byte> octets);
  base::Result<void> commit();

 private:
  SaveFile(std::string path, base::Fd file) : d_path(std::move(path)), d_file(std::move(file)) {}
  [[nodiscard]] std::string temporary() const { return d_path + ".new"; }
  std::string d_path;
  base::Fd d_file; // until it is whole
};

class LoadFile final : public OctetSource {
 public:
  // Nothing when there is none. An error, too, when others may have written it: what is in it would be believed.
  static base::Result<std::optional<LoadFile>> open(const std::string& path);
  [[nodiscard]] std::uint64_t size() const override { return d_size; }
  [[nodiscard]] bool read(std::uint64_t at, std::span<std::byte> out) const override;

 private:
  LoadFile(base::Fd file, std::uint64_t size) : d_file(std::move(file)), d_size(size) {}
  base::Fd d_file;
  std::uint64_t d_size;
};

[[nodiscard]] bool hasFolder(const std::string& path); // the one in which `path` lies
// Why files cannot be made in the folder of `path`; nothing when they can.
[[nodiscard]] std::optional<std::string> whyNotWritable(const std::string& path);

} // namespace rec
