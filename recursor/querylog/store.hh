// LogStore: the query log in a folder: opened by the writer, whatever it finds there: what is damaged is moved aside
// and a new file begun. Keeps to its size and age by letting the oldest blocks go. A full disk is told to the caller,
// who tries again later.
//
// Locking: a shared mutex around the file object: the writer has it alone while it opens and closes, else it is shared.
// d_ring is the writer's.
#pragma once

#include <memory>
#include <shared_mutex>
#include <string>

#include "lib/base/fd.hh"
#include "recursor/querylog/lmdbfile.hh"
#include "recursor/querylog/ringlist.hh"
#include "recursor/querylog/sink.hh"

namespace rec {

class LogStore final : public LogSink {
 public:
  struct Options {
    std::string folder;
    std::uint64_t maxSize = 0; // of the file, octets
    bool sync = true;
  };
  explicit LogStore(Options options);

  // LogSink; opens the file when it is not open. The writer's thread.
  Status append(std::span<const Pending> blocks, std::int64_t expired) override;
  [[nodiscard]] std::uint64_t nextId() override;
  [[nodiscard]] std::string place() const override { return d_options.folder; }
  base::Result<std::vector<NumberedIndex>> indexes(std::uint64_t from, bool backwards, std::size_t most) override;
  base::Result<std::vector<std::byte>> block(std::uint64_t id) override;
  base::Result<std::uint64_t> version() override;

 private:
  Status open();
  bool claimFolder();
  [[nodiscard]] LmdbFile::Opened openFile() const;
  bool readIndexes();
  void close();
  void moveAside(const std::string& reason);
  void complain(const std::string& reason);
  [[nodiscard]] std::uint64_t contentSize() const;
  Status tell(LmdbFile::Status status);
  LmdbFile::Status write(std::span<const Pending> blocks, std::int64_t expired);
  LmdbFile::Status deleteExcess(std::uint64_t bytes, std::int64_t expired);

  Options d_options;
  base::Fd d_folder; // locked: one writer at a time
  std::shared_mutex d_mutex;
  std::unique_ptr<LmdbFile> d_file; // null: not open
  RingList d_ring;
  std::uint64_t d_lastId = 0;
  std::string d_complaint; // the last one, said once
};

} // namespace rec
