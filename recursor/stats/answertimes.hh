// How long clients waited, as a histogram for each kind of answer (AnswerTimes), and how long servers took, for each
// family of addresses (ServerTimes). One per worker, written by its thread only, read by any: relaxed loads and stores.
#pragma once

#include <array>
#include <atomic>
#include <bit>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace rec {

class Statistics;

enum class AnsweredFrom : std::uint8_t { PacketCache, RecordCache, Local, Resolved, Stale, Failure };
enum class AskedOver : std::uint8_t { Ipv4, Ipv6 };

template <typename Row, std::size_t Rows> class TimeHistograms {
 public:
  static constexpr std::size_t kSources = Rows;
  // Up to 1 us, 4 us, 16 us, ... 4^11 us (4.2 s); the last one has all the rest.
  static constexpr std::size_t kBuckets = 13;

  // Whole microseconds, so that 1.9 us are in the bucket of 1.
  static std::size_t bucketOf(std::uint64_t micros) {
    const auto bits = static_cast<std::size_t>(std::bit_width(micros <= 1 ? 0 : micros - 1));
    return (bits + 1) / 2 < kBuckets ? (bits + 1) / 2 : kBuckets - 1;
  }

  void add(Row source, std::chrono::nanoseconds took, std::size_t count = 1) {
    const std::size_t row = static_cast<std::size_t>(source);
    const auto micros = static_cast<std::uint64_t>(took.count() < 0 ? 0 : took.count()) / 1000;
    raise(d_counts[row][bucketOf(micros)], count);
    raise(d_micros[row], micros * count);
  }

  // Answers within the time of `bucket` or less, in microseconds; answers altogether; time of all of them.
  [[nodiscard]] std::uint64_t within(Row source, std::size_t bucket) const {
    std::uint64_t sum = 0;
    for (std::size_t i = 0; i <= bucket; ++i) {
      sum += d_counts[static_cast<std::size_t>(source)][i].load(std::memory_order_relaxed);
    }
    return sum;
  }
  [[nodiscard]] std::uint64_t total(Row source) const { return within(source, kBuckets - 1); }
  [[nodiscard]] std::uint64_t micros(Row source) const {
    return d_micros[static_cast<std::size_t>(source)].load(std::memory_order_relaxed);
  }

 private:
  using Cell = std::atomic<std::uint64_t>;

  static void raise(Cell& cell, std::uint64_t by) {
    cell.store(cell.load(std::memory_order_relaxed) + by, std::memory_order_relaxed);
  }

  std::array<std::array<Cell, kBuckets>, kSources> d_counts{};
  std::array<Cell, kSources> d_micros{};
};

using AnswerTimes = TimeHistograms<AnsweredFrom, 6>;
using ServerTimes = TimeHistograms<AskedOver, 2>;

// cumul-clientanswers-SOURCE-le-MICROSECONDS, -count and -sum (in microseconds), each the sum over the workers'.
// `workers` must outlive the asking.
void addAnswerTimes(Statistics& statistics, std::vector<const AnswerTimes*> workers);
// The same as cumul-authanswers-ipv4- and cumul-authanswers-ipv6-.
void addServerTimes(Statistics& statistics, std::vector<const ServerTimes*> workers);

} // namespace rec
