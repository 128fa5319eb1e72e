// LogSink: where the writer of the query log puts its blocks: a file (store.hh) or memory (memorylog.hh), bounded
// either way: the oldest blocks go. append() is the writer's thread's, everything else is thread safe.
#pragma once

#include <atomic>
#include <cstdint>
#include <span>
#include <string>

#include "recursor/querylog/blockbuilder.hh"
#include "recursor/querylog/reader.hh"

namespace rec {

class LogSink : public BlockSource {
 public:
  enum class Status : std::uint8_t { Ok, DiskFull, Failed };
  struct Pending {
    std::uint64_t id = 0;
    EncodedBlock encoded;
  };
  // Adds the blocks, or puts them in the place of those of the same number, and lets go of the oldest ones: as many as
  // the size demands, and those that end before `expired` (microseconds since 1970). All or nothing.
  virtual Status append(std::span<const Pending> blocks, std::int64_t expired) = 0;
  // A number above all that are there.
  [[nodiscard]] virtual std::uint64_t nextId() = 0;

  struct Totals {
    std::atomic<std::uint64_t> blocks{0}, records{0}, bytes{0}; // there
    std::atomic<std::uint64_t> expired{0};                      // records that had to go, ever
    std::atomic<std::uint64_t> damaged{0};                      // files moved aside
  };
  [[nodiscard]] const Totals& totals() const { return d_totals; }
  // Where it is, in words.
  [[nodiscard]] virtual std::string place() const = 0;

 protected:
  Totals d_totals;
};

} // namespace rec
