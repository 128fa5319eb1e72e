// Blocks in a map.
#include "recursor/querylog/memorylog.hh"

namespace rec {

LogSink::Status MemoryLog::append(std::span<const Pending> blocks, std::int64_t expired) {
  const std::lock_guard lock(d_mutex);
  for (const Pending& pending : blocks) {
    const BlockIndex& index = pending.encoded.index;
    const std::uint64_t bytes =
        pending.encoded.block.size() + index.names.bits().size() + index.clients.bits().size() + sizeof(EncodedBlock);
    d_blocks[pending.id] = pending.encoded;
    d_ring.put({pending.id, bytes, index.records, index.last});
  }
  for (const RingList::Entry& entry : d_ring.takeExcess(d_most, expired)) {
    d_blocks.erase(entry.id);
    d_totals.expired += entry.records;
  }
  d_version += blocks.empty() ? 0 : 1;
  d_ring.tell(d_totals);
  return Status::Ok;
}

std::uint64_t MemoryLog::nextId() {
  const std::lock_guard lock(d_mutex);
  return d_ring.nextId();
}

base::Result<std::vector<NumberedIndex>> MemoryLog::indexes(std::uint64_t from, bool backwards, std::size_t most) {
  const std::lock_guard lock(d_mutex);
  std::vector<NumberedIndex> found;
  if (!backwards) {
    for (auto it = d_blocks.lower_bound(from); it != d_blocks.end() && found.size() < most; ++it) {
      found.push_back({it->first, it->second.index});
    }
    return found;
  }
  for (auto it = d_blocks.upper_bound(from); it != d_blocks.begin() && found.size() < most;) {
    --it;
    found.push_back({it->first, it->second.index});
  }
  return found;
}

base::Result<std::vector<std::byte>> MemoryLog::block(std::uint64_t id) {
  const std::lock_guard lock(d_mutex);
  const auto it = d_blocks.find(id);
  return it == d_blocks.end() ? base::Result<std::vector<std::byte>>(base::Error{"a block that has gone"})
                              : it->second.block;
}

base::Result<std::uint64_t> MemoryLog::version() {
  const std::lock_guard lock(d_mutex);
  return d_version;
}

} // namespace rec
