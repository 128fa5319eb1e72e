// Opening, writing, and what to do when either fails.
#include "recursor/querylog/store.hh"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <mutex>
#include <system_error>

#include "lib/base/log.hh"
#include "recursor/querylog/logfile.hh"

namespace rec {
namespace {

constexpr std::uint64_t kPage = 4096;
constexpr std::size_t kAtOnce = 64; // indexes read
// The file has room for old versions of pages, for the free list, and for what is not free yet: pages can be used again
// in the transaction after the next one.
constexpr std::uint64_t kRoomShare = 8; // one in so many octets
constexpr std::uint64_t kRoomLeast = std::uint64_t{4} << 20;

std::uint64_t pagesOf(std::size_t octets) { return (octets + 16 + kPage - 1) / kPage * kPage; }

RingList::Entry entryOf(std::uint64_t id, const BlockIndex& index, std::size_t indexSize) {
  return {id, pagesOf(index.bytes) + pagesOf(indexSize), index.records, index.last};
}

std::string system(int error) { return std::generic_category().message(error); }

// All folders on the way.
bool makeFolder(const std::string& path) {
  for (std::size_t at = path.find('/', 1); at != std::string::npos; at = path.find('/', at + 1)) {
    ::mkdir(path.substr(0, at).c_str(), 0755);
  }
  return ::mkdir(path.c_str(), 0750) == 0 || errno == EEXIST;
}

} // namespace

LogStore::LogStore(Options options) : d_options(std::move(options)) {}

// Once for each reason.
void LogStore::complain(const std::string& reason) {
  if (reason != d_complaint) {
    d_complaint = reason;
    if (!reason.empty()) base::log(base::LogLevel::Error, "query log " + d_options.folder + ": " + reason);
  }
}

bool LogStore::claimFolder() {
  if (d_folder.valid()) {
    return true;
  }
  if (!makeFolder(d_options.folder)) {
    complain("the folder cannot be made: " + system(errno));
    return false;
  }
  base::Fd folder(::open(d_options.folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!folder.valid()) {
    complain("the folder cannot be opened: " + system(errno));
    return false;
  }
  if (::flock(folder.get(), LOCK_EX | LOCK_NB) != 0) {
    complain("another process writes there");
    return false;
  }
  d_folder = std::move(folder);
  return true;
}

LmdbFile::Opened LogStore::openFile() const {
  const std::uint64_t size = std::max<std::uint64_t>(d_options.maxSize, std::uint64_t{1} << 20) / kPage * kPage;
  LmdbFile::Options options{.writable = true, .sync = d_options.sync, .mapSize = static_cast<std::size_t>(size)};
  return LmdbFile::open(d_options.folder, options);
}

LogSink::Status LogStore::open() {
  if (d_file) return Status::Ok;
  if (!claimFolder()) return Status::Failed;
  for (unsigned attempt = 0; attempt < 2; ++attempt) {
    LmdbFile::Opened opened = openFile();
    if (opened.status == LmdbFile::Status::Ok) {
      const std::unique_lock lock(d_mutex);
      d_file = std::move(opened.file);
    }
    if (d_file && d_file->verify() == LmdbFile::Status::Ok && readIndexes()) {
      d_file->checkReaders();
      return Status::Ok;
    }
    const bool damaged = d_file != nullptr || opened.status == LmdbFile::Status::Damaged;
    close();
    if (opened.status == LmdbFile::Status::DiskFull) return Status::DiskFull;
    if (!damaged) {
      complain("cannot be opened: " + opened.reason);
      return Status::Failed;
    }
    moveAside(opened.reason.empty() ? "it is shorter than it says, or its indexes are damaged" : opened.reason);
  }
  return Status::Failed;
}

// What is there, for the ring.
bool LogStore::readIndexes() {
  d_ring.clear();
  std::vector<LmdbFile::Item> items;
  for (std::uint64_t from = 0;; from = items.back().id + 1) {
    if (d_file->read(LmdbFile::Table::Indexes, from, false, kAtOnce, items) != LmdbFile::Status::Ok) return false;
    if (items.empty()) break;
    for (const LmdbFile::Item& item : items) {
      const auto index = BlockIndex::decode(item.octets);
      if (!index) return false;
      d_ring.put(entryOf(item.id, *index, item.octets.size()));
    }
  }
  d_lastId = std::max(d_lastId, d_ring.nextId() - 1);
  d_ring.tell(d_totals);
  return true;
}

void LogStore::close() {
  const std::unique_lock lock(d_mutex);
  d_file.reset();
}

// Over what was moved aside before: it is for somebody to look at, and must not fill the disk.
void LogStore::moveAside(const std::string& reason) {
  close();
  const std::string file = d_options.folder + "/data.mdb", aside = d_options.folder + "/damaged.mdb";
  ::rename(file.c_str(), aside.c_str());
  ::unlink((d_options.folder + "/lock.mdb").c_str());
  d_totals.damaged += 1;
  d_ring.clear();
  d_ring.tell(d_totals);
  base::log(base::LogLevel::Error,
            "query log " + file + " is damaged (" + reason + "): moved to " + aside + ", a new one begins");
}

std::uint64_t LogStore::contentSize() const {
  const std::uint64_t room = std::max(d_options.maxSize / kRoomShare, kRoomLeast);
  return d_options.maxSize > 2 * room ? d_options.maxSize - room : d_options.maxSize / 2;
}

LogSink::Status LogStore::tell(LmdbFile::Status status) {
  d_ring.tell(d_totals);
  if (status == LmdbFile::Status::Ok) {
    complain("");
    return Status::Ok;
  }
  if (status == LmdbFile::Status::Damaged) {
    moveAside("found while writing");
    return Status::Failed;
  }
  if (status == LmdbFile::Status::DiskFull) return Status::DiskFull;
  complain("cannot be written: " + std::string(text(status)));
  close(); // and opened again with the next attempt
  return Status::Failed;
}

// In a transaction of its own.
LmdbFile::Status LogStore::deleteExcess(std::uint64_t bytes, std::int64_t expired) {
  std::vector<std::uint64_t> ids;
  std::uint64_t records = 0;
  for (const RingList::Entry& entry : d_ring.takeExcess(bytes, expired)) {
    ids.push_back(entry.id);
    records += entry.records;
  }
  if (ids.empty()) return LmdbFile::Status::Ok;
  const auto status = d_file->write({}, ids);
  if (status == LmdbFile::Status::Ok) {
    d_totals.expired += records;
  } else {
    readIndexes(); // they are still there
  }
  return status;
}

LmdbFile::Status LogStore::write(std::span<const Pending> blocks, std::int64_t expired) {
  std::vector<LogOctets> indexes;
  std::vector<LmdbFile::Put> puts;
  std::uint64_t coming = 0;
  for (const Pending& pending : blocks) {
    const LogOctets& index = indexes.emplace_back(pending.encoded.index.encode());
    coming += pagesOf(index.size()) + pagesOf(pending.encoded.block.size());
  }
  for (std::size_t i = 0; i < blocks.size(); ++i) puts.push_back({blocks[i].id, indexes[i], blocks[i].encoded.block});
  const std::uint64_t most = contentSize();
  auto status = deleteExcess(most > coming ? most - coming : 0, expired);
  if (status != LmdbFile::Status::Ok && status != LmdbFile::Status::MapFull) return status;
  if (puts.empty()) return status;
  status = d_file->write(puts, {});
  if (status == LmdbFile::Status::MapFull) { // pages in pieces, or held by a reader: more has to go
    d_file->checkReaders();
    for (unsigned i = 0; i < 2; ++i) {
      static_cast<void>(deleteExcess(d_ring.bytes() - d_ring.bytes() / kRoomShare, expired));
    }
    status = d_file->write(puts, {});
  }
  for (std::size_t i = 0; i < blocks.size() && status == LmdbFile::Status::Ok; ++i) {
    d_ring.put(entryOf(blocks[i].id, blocks[i].encoded.index, indexes[i].size()));
    d_lastId = std::max(d_lastId, blocks[i].id);
  }
  return status;
}

LogSink::Status LogStore::append(std::span<const Pending> blocks, std::int64_t expired) {
  const Status opened = open();
  return opened == Status::Ok ? tell(write(blocks, expired)) : opened;
}

std::uint64_t LogStore::nextId() {
  static_cast<void>(open());
  return d_lastId + 1;
}

base::Result<std::vector<NumberedIndex>> LogStore::indexes(std::uint64_t from, bool backwards, std::size_t most) {
  const std::shared_lock lock(d_mutex);
  if (!d_file) return base::Error{"the log is not open"};
  return readIndexesOf(*d_file, from, backwards, most);
}

base::Result<std::vector<std::byte>> LogStore::block(std::uint64_t id) {
  const std::shared_lock lock(d_mutex);
  if (!d_file) return base::Error{"the log is not open"};
  return readBlockOf(*d_file, id);
}

base::Result<std::uint64_t> LogStore::version() {
  const std::shared_lock lock(d_mutex);
  std::uint64_t number = 0;
  if (!d_file || d_file->version(number) != LmdbFile::Status::Ok) return base::Error{"the log cannot be read"};
  return number;
}

} // namespace rec
