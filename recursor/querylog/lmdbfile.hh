// LmdbFile: the two tables of a query log, blocks and their indexes by number, in an LMDB environment. The only part
// that knows LMDB. What a damaged or shrinking file causes is an error code, never a signal; after kDamaged nothing but
// destroying it makes sense. One writer; any number of readers, in this process through the same object.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "lib/base/result.hh"
#include "recursor/querylog/packing.hh"

namespace rec {

class LmdbFile {
 public:
  enum class Status : std::uint8_t {
    Ok,
    NotFound,
    DiskFull, // no room on the disk
    MapFull,  // no room within Options::mapSize
    Damaged,
    Failed // for another reason; it may work again
  };
  struct Options {
    bool writable = false;
    bool sync = true;
    std::size_t mapSize = 0; // the file grows no larger; 0: as the file says
  };
  struct Opened {
    Status status = Status::Failed;
    std::string reason;
    std::unique_ptr<LmdbFile> file; // when Ok
  };
  // A writable one is made when it is not there, in a folder that is.
  static Opened open(const std::string& folder, const Options& options);
  ~LmdbFile();
  LmdbFile(const LmdbFile&) = delete;
  LmdbFile& operator=(const LmdbFile&) = delete;

  struct Item {
    std::uint64_t id = 0;
    LogOctets octets;
  };
  enum class Table : std::uint8_t { Indexes, Blocks };
  // From `from` on, or down; at most `most`. All of one moment.
  Status read(Table table, std::uint64_t from, bool backwards, std::size_t most, std::vector<Item>& items);
  Status readOne(Table table, std::uint64_t id, LogOctets& octets);
  // Whether all of the tables and their values lies within the file.
  Status verify();
  // The number of the last transaction.
  Status version(std::uint64_t& number);

  struct Put {
    std::uint64_t id = 0;
    std::span<const std::byte> index, block;
  };
  // All or nothing.
  Status write(std::span<const Put> puts, std::span<const std::uint64_t> deletions);
  // Forgets readers that died.
  void checkReaders();

 private:
  struct State;
  explicit LmdbFile(std::unique_ptr<State> state);
  Status statusOf(int code);
  std::unique_ptr<State> d_state;
};

[[nodiscard]] std::string_view text(LmdbFile::Status status);

} // namespace rec
