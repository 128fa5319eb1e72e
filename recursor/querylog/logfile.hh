// LogFile: the query log in a folder for who only reads it, in another process than the writer's or when there is none.
// Behind openLog(); and what reading has in common with LogStore.
//
// Locking: a mutex; the file is opened again when it has grown beyond what was mapped.
#pragma once

#include <mutex>

#include "recursor/querylog/lmdbfile.hh"
#include "recursor/querylog/reader.hh"

namespace rec {

[[nodiscard]] base::Result<std::vector<NumberedIndex>> readIndexesOf(LmdbFile& file, std::uint64_t from, bool backwards,
                                                                     std::size_t most);
[[nodiscard]] base::Result<std::vector<std::byte>> readBlockOf(LmdbFile& file, std::uint64_t id);

class LogFile final : public BlockSource {
 public:
  explicit LogFile(std::string folder) : d_folder(std::move(folder)) {}
  base::Result<void> open();

  base::Result<std::vector<NumberedIndex>> indexes(std::uint64_t from, bool backwards, std::size_t most) override;
  base::Result<std::vector<std::byte>> block(std::uint64_t id) override;
  base::Result<std::uint64_t> version() override;

 private:
  template <typename T, typename Read> base::Result<T> reading(Read read);
  [[nodiscard]] std::uint64_t inode() const; // of the file that is there now
  std::string d_folder;
  std::mutex d_mutex;
  std::unique_ptr<LmdbFile> d_file;
  std::uint64_t d_inode = 0; // of d_file
};

} // namespace rec
