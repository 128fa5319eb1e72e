// Latency buckets and running means: see latency.hh.
#include "recursor/stats/latency.hh"

#include <algorithm>
#include <array>

namespace rec {

namespace {

using std::chrono::milliseconds;
using std::chrono::nanoseconds;

struct Bucket {
  milliseconds below; // exclusive
  Metric metric;
};

constexpr std::size_t kMostAlike = 64; // more are weighed as so many

using Decades = std::array<Bucket, 4>;

constexpr Decades kAnswers{{{milliseconds(1), Metric::Answers0_1},
                            {milliseconds(10), Metric::Answers1_10},
                            {milliseconds(100), Metric::Answers10_100},
                            {milliseconds(1000), Metric::Answers100_1000}}};
constexpr Decades kAuth4{{{milliseconds(1), Metric::Auth4Answers0_1},
                          {milliseconds(10), Metric::Auth4Answers1_10},
                          {milliseconds(100), Metric::Auth4Answers10_100},
                          {milliseconds(1000), Metric::Auth4Answers100_1000}}};
constexpr Decades kAuth6{{{milliseconds(1), Metric::Auth6Answers0_1},
                          {milliseconds(10), Metric::Auth6Answers1_10},
                          {milliseconds(100), Metric::Auth6Answers10_100},
                          {milliseconds(1000), Metric::Auth6Answers100_1000}}};
constexpr std::array<Bucket, 6> kOurTime{{{milliseconds(1), Metric::OurTime0_1},
                                          {milliseconds(2), Metric::OurTime1_2},
                                          {milliseconds(4), Metric::OurTime2_4},
                                          {milliseconds(8), Metric::OurTime4_8},
                                          {milliseconds(16), Metric::OurTime8_16},
                                          {milliseconds(32), Metric::OurTime16_32}}};

template <typename Buckets> Metric bucketOf(const Buckets& buckets, nanoseconds sample, Metric slow) {
  for (const auto& bucket : buckets) {
    if (sample < bucket.below) return bucket.metric;
  }
  return slow;
}

} // namespace

Latencies::Latencies(Counters& counters, std::uint64_t window) : d_counters(counters) { setWindow(window); }

void Latencies::setWindow(std::uint64_t window) {
  d_shares.clear();
  const double one = 1.0 / static_cast<double>(std::max<std::uint64_t>(window, 1));
  double old = 1; // what remains of the mean after N samples
  for (std::size_t i = 0; i <= kMostAlike; ++i, old *= 1 - one) {
    d_shares.push_back(1 - old);
  }
}

void Latencies::answered(AnsweredFrom source, nanoseconds total, nanoseconds waiting) {
  d_times.add(source, total);
  const auto own = std::max(total - waiting, nanoseconds(0));
  d_counters.add(bucketOf(kAnswers, total, Metric::AnswersSlow));
  d_counters.add(bucketOf(kOurTime, own, Metric::OurTimeSlow));
  updateMean(Metric::QaLatency, d_total, total, d_shares[1]);
  updateMean(Metric::OurLatency, d_own, own, d_shares[1]);
}

void Latencies::answeredAlike(AnsweredFrom source, std::size_t count, nanoseconds total) {
  if (count == 0) return;
  d_times.add(source, total, count);
  d_counters.add(bucketOf(kAnswers, total, Metric::AnswersSlow), count);
  d_counters.add(bucketOf(kOurTime, total, Metric::OurTimeSlow), count);
  const double share = d_shares[std::min(count, kMostAlike)];
  updateMean(Metric::QaLatency, d_total, total, share);
  updateMean(Metric::OurLatency, d_own, total, share);
}

void Latencies::serverAnswered(bool ipv6, nanoseconds rtt) {
  d_serverTimes.add(ipv6 ? AskedOver::Ipv6 : AskedOver::Ipv4, rtt);
  d_counters.add(ipv6 ? bucketOf(kAuth6, rtt, Metric::Auth6AnswersSlow)
                      : bucketOf(kAuth4, rtt, Metric::Auth4AnswersSlow));
}

void Latencies::updateMean(Metric metric, double& mean, nanoseconds sample, double share) {
  const auto micros = static_cast<double>(sample.count()) / 1000.0;
  mean += (micros - mean) * share;
  d_counters.set(metric, static_cast<std::uint64_t>(mean));
}

} // namespace rec
