// RingList: what is known of the blocks of a log, oldest first, and which of them have to go for others. Used by the
// sinks, which lock it.
#pragma once

#include <cstdint>
#include <deque>
#include <vector>

#include "recursor/querylog/sink.hh"

namespace rec {

class RingList {
 public:
  struct Entry {
    std::uint64_t id = 0;
    std::uint64_t bytes = 0; // that it takes where it is
    std::uint32_t records = 0;
    std::int64_t last = 0; // its latest time
  };
  // A block of the same number as the newest replaces it.
  void put(const Entry& entry);
  // The oldest ones, until no more than `bytes` are taken and none ends before `expired`; the newest stays. They are
  // taken out.
  [[nodiscard]] std::vector<Entry> takeExcess(std::uint64_t bytes, std::int64_t expired);
  void clear();
  [[nodiscard]] std::uint64_t bytes() const { return d_bytes; }
  [[nodiscard]] std::uint64_t nextId() const { return d_entries.empty() ? 1 : d_entries.back().id + 1; }
  void tell(LogSink::Totals& totals) const; // blocks, records, bytes

 private:
  void forgetNewest();
  std::deque<Entry> d_entries;
  std::uint64_t d_bytes = 0, d_records = 0;
};

} // namespace rec
