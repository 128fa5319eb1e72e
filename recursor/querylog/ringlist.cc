// Sums over a queue of blocks.
#include "recursor/querylog/ringlist.hh"

namespace rec {

void RingList::put(const Entry& entry) {
  if (!d_entries.empty() && d_entries.back().id == entry.id) {
    d_bytes -= d_entries.back().bytes;
    d_records -= d_entries.back().records;
    d_entries.pop_back();
  }
  d_entries.push_back(entry);
  d_bytes += entry.bytes;
  d_records += entry.records;
}

std::vector<RingList::Entry> RingList::takeExcess(std::uint64_t bytes, std::int64_t expired) {
  std::vector<Entry> taken;
  while (d_entries.size() > 1 && (d_bytes > bytes || d_entries.front().last < expired)) {
    taken.push_back(d_entries.front());
    d_bytes -= d_entries.front().bytes;
    d_records -= d_entries.front().records;
    d_entries.pop_front();
  }
  return taken;
}

void RingList::clear() {
  d_entries.clear();
  d_bytes = d_records = 0;
}

void RingList::tell(LogSink::Totals& totals) const {
  totals.blocks.store(d_entries.size(), std::memory_order_relaxed);
  totals.records.store(d_records, std::memory_order_relaxed);
  totals.bytes.store(d_bytes, std::memory_order_relaxed);
}

} // namespace rec
