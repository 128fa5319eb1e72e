// Histograms of answers, made cumulative when they are asked for.
#include "recursor/stats/answertimes.hh"

#include <functional>

#include "recursor/stats/statistics.hh"

namespace rec {

namespace {

constexpr std::array<const char*, AnswerTimes::kSources> kNames{"packetcache", "recordcache", "local",
                                                                "resolved",    "stale",       "failure"};

using Workers = std::vector<const AnswerTimes*>;

void addSum(Statistics& statistics, std::string name, const Workers& workers,
            std::function<std::uint64_t(const AnswerTimes&)> value) {
  statistics.addReading(std::move(name), [workers, value = std::move(value)] {
    std::uint64_t sum = 0;
    for (const AnswerTimes* worker : workers) sum += value(*worker);
    return sum;
  });
}

} // namespace

std::uint64_t AnswerTimes::within(AnsweredFrom source, std::size_t bucket) const {
  std::uint64_t sum = 0;
  for (std::size_t i = 0; i <= bucket; ++i) {
    sum += d_counts[static_cast<std::size_t>(source)][i].load(std::memory_order_relaxed);
  }
  return sum;
}

void addAnswerTimes(Statistics& statistics, Workers workers) {
  for (std::size_t row = 0; row < kNames.size(); ++row) {
    const auto source = static_cast<AnsweredFrom>(row);
    const std::string prefix = std::string("cumul-clientanswers-") + kNames[row];
    for (std::size_t bucket = 0; bucket + 1 < AnswerTimes::kBuckets; ++bucket) {
      addSum(statistics, prefix + "-le-" + std::to_string(std::uint64_t{1} << 2 * bucket), workers,
             [source, bucket](const AnswerTimes& times) { return times.within(source, bucket); });
    }
    addSum(statistics, prefix + "-count", workers, [source](const AnswerTimes& times) { return times.total(source); });
    addSum(statistics, prefix + "-sum", workers, [source](const AnswerTimes& times) { return times.micros(source); });
  }
}

} // namespace rec
