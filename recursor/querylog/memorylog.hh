// MemoryLog: the query log without a file: blocks in memory, the oldest go when there are too many octets of them.
//
// Locking: one mutex around everything; blocks themselves are immutable and shared.
#pragma once

#include <map>
#include <mutex>

#include "recursor/querylog/ringlist.hh"
#include "recursor/querylog/sink.hh"

namespace rec {

class MemoryLog final : public LogSink {
 public:
  explicit MemoryLog(std::uint64_t bytes) : d_most(bytes) {}

  Status append(std::span<const Pending> blocks, std::int64_t expired) override;
  [[nodiscard]] std::uint64_t nextId() override;
  [[nodiscard]] std::string place() const override { return "memory"; }
  base::Result<std::vector<NumberedIndex>> indexes(std::uint64_t from, bool backwards, std::size_t most) override;
  base::Result<std::vector<std::byte>> block(std::uint64_t id) override;
  base::Result<std::uint64_t> version() override;

 private:
  std::uint64_t d_most;
  std::mutex d_mutex;
  std::map<std::uint64_t, EncodedBlock> d_blocks;
  RingList d_ring;
  std::uint64_t d_version = 0;
};

} // namespace rec
