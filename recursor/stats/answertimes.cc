// Histograms of answers, made cumulative when they are asked for.
#include "recursor/stats/answertimes.hh"

#include <functional>

#include "recursor/stats/statistics.hh"

namespace rec {

namespace {

constexpr std::array<const char*, AnswerTimes::kSources> kSources{"packetcache", "recordcache", "local",
                                                                  "resolved",    "stale",       "failure"};
constexpr std::array<const char*, ServerTimes::kSources> kFamilies{"ipv4", "ipv6"};

template <typename Times> using Value = std::function<std::uint64_t(const Times&)>;

template <typename Times>
void addSum(Statistics& statistics, std::string name, const std::vector<const Times*>& workers, Value<Times> value) {
  statistics.addReading(std::move(name), [workers, value = std::move(value)] {
    std::uint64_t sum = 0;
    for (const Times* worker : workers) sum += value(*worker);
    return sum;
  });
}

// A row of the histograms, made cumulative.
template <typename Times, typename Row>
void addRow(Statistics& statistics, const std::string& prefix, Row row, const std::vector<const Times*>& workers) {
  for (std::size_t bucket = 0; bucket + 1 < Times::kBuckets; ++bucket) {
    addSum<Times>(statistics, prefix + "-le-" + std::to_string(std::uint64_t{1} << 2 * bucket), workers,
                  [row, bucket](const Times& times) { return times.within(row, bucket); });
  }
  addSum<Times>(statistics, prefix + "-count", workers, [row](const Times& times) { return times.total(row); });
  addSum<Times>(statistics, prefix + "-sum", workers, [row](const Times& times) { return times.micros(row); });
}

} // namespace

void addAnswerTimes(Statistics& statistics, std::vector<const AnswerTimes*> workers) {
  for (std::size_t row = 0; row < kSources.size(); ++row) {
    const std::string prefix = std::string("cumul-clientanswers-") + kSources[row];
    addRow<AnswerTimes>(statistics, prefix, static_cast<AnsweredFrom>(row), workers);
  }
}

void addServerTimes(Statistics& statistics, std::vector<const ServerTimes*> workers) {
  for (std::size_t row = 0; row < kFamilies.size(); ++row) {
    const std::string prefix = std::string("cumul-authanswers-") + kFamilies[row];
    addRow<ServerTimes>(statistics, prefix, static_cast<AskedOver>(row), workers);
  }
}

} // namespace rec
