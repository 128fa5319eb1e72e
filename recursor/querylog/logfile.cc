// Reading; each call is a transaction of its own, so that none holds the writer's pages for long.
#include "recursor/querylog/logfile.hh"

#include <sys/stat.h>

namespace rec {

base::Result<std::vector<NumberedIndex>> readIndexesOf(LmdbFile& file, std::uint64_t from, bool backwards,
                                                       std::size_t most) {
  std::vector<LmdbFile::Item> items;
  const auto status = file.read(LmdbFile::Table::Indexes, from, backwards, most, items);
  if (status != LmdbFile::Status::Ok) return base::Error{"the log cannot be read: " + std::string(text(status))};
  std::vector<NumberedIndex> indexes;
  indexes.reserve(items.size());
  for (const LmdbFile::Item& item : items) {
    auto index = BlockIndex::decode(item.octets);
    if (!index) return index.error();
    indexes.push_back({item.id, std::move(*index)});
  }
  return indexes;
}

base::Result<std::vector<std::byte>> readBlockOf(LmdbFile& file, std::uint64_t id) {
  LogOctets octets;
  const auto status = file.readOne(LmdbFile::Table::Blocks, id, octets);
  if (status != LmdbFile::Status::Ok) return base::Error{"a block cannot be read: " + std::string(text(status))};
  return octets;
}

base::Result<void> LogFile::open() {
  auto opened = LmdbFile::open(d_folder, {});
  if (opened.status != LmdbFile::Status::Ok) {
    return base::Error{"the query log in " + d_folder + " cannot be read: " + opened.reason};
  }
  d_file = std::move(opened.file);
  d_inode = inode();
  return {};
}

std::uint64_t LogFile::inode() const {
  struct stat about{};
  return ::stat((d_folder + "/data.mdb").c_str(), &about) == 0 ? about.st_ino : 0;
}

// Once more with a fresh view of the file when the first attempt fails: it has grown, or is another one.
template <typename T, typename Read> base::Result<T> LogFile::reading(Read read) {
  const std::lock_guard lock(d_mutex);
  if (d_file && inode() == d_inode) {
    auto result = read(*d_file);
    if (result) return result;
  }
  d_file.reset();
  if (const auto opened = open(); !opened) return opened.error();
  return read(*d_file);
}

base::Result<std::vector<NumberedIndex>> LogFile::indexes(std::uint64_t from, bool backwards, std::size_t most) {
  return reading<std::vector<NumberedIndex>>(
      [=](LmdbFile& file) { return readIndexesOf(file, from, backwards, most); });
}

base::Result<std::vector<std::byte>> LogFile::block(std::uint64_t id) {
  return reading<std::vector<std::byte>>([=](LmdbFile& file) { return readBlockOf(file, id); });
}

base::Result<std::uint64_t> LogFile::version() {
  return reading<std::uint64_t>([](LmdbFile& file) -> base::Result<std::uint64_t> {
    std::uint64_t number = 0;
    if (file.version(number) != LmdbFile::Status::Ok) return base::Error{"the log cannot be read"};
    return number;
  });
}

base::Result<BlockSourcePtr> openLog(const std::string& path) {
  auto file = std::make_shared<LogFile>(path);
  if (const auto opened = file->open(); !opened) return opened.error();
  return BlockSourcePtr(std::move(file));
}

} // namespace rec
