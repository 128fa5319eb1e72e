// History: chosen metrics over time, kept by the web server for its dashboard: one sample a second for ten minutes, one
// a minute for a day, in memory of a fixed size. One thread. Values are as they were read: counters are not yet rates.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "recursor/stats/statistics.hh"

namespace rec {

class History {
 public:
  static constexpr std::size_t kSeconds = 600, kMinutes = 1440;
  enum class Span : unsigned char { Seconds, Minutes };

  // Reads the metrics once; `now` in seconds since 1970. To be called each second; a minute's sample is its first one.
  void take(const Statistics& statistics, std::int64_t now);

  struct Row {
    std::int64_t time = 0;
    std::vector<std::uint64_t> values; // as names() has them
  };
  [[nodiscard]] static const std::vector<std::string>& names();
  // Samples younger than `since`, oldest first.
  [[nodiscard]] std::vector<Row> since(Span span, std::int64_t since) const;
  // {"names": [...], "times": [...], "values": [[...], ...]}, a list of values for each name.
  [[nodiscard]] std::string json(Span span, std::int64_t since) const;

 private:
  struct Ring {
    std::size_t size;
    std::vector<Row> rows{}; // grows up to `size`, then the oldest is written over
    std::size_t next = 0;
    void add(Row row);
    template <typename Each> void visit(const Each& each) const; // oldest first
  };
  Ring d_seconds{kSeconds}, d_minutes{kMinutes};
  std::int64_t d_lastMinute = -1; // since 1970
};

} // namespace rec
