// Percentiles from cumulative histograms: see latencyshares.hh.
#include "recursor/control/latencyshares.hh"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>

#include "recursor/config/values.hh"

namespace rec {
namespace {

constexpr std::string_view kPrefix = "cumul-clientanswers-";

} // namespace

LatencyShares::LatencyShares(const Statistics::Values& before, const Statistics::Values& now, std::string_view source) {
  add(source, now, 1);
  add(source, before, -1);
  std::ranges::sort(d_buckets, {}, &Bucket::micros);
}

// "cumul-clientanswers-SOURCE-le-MICROS" and "-count".
void LatencyShares::add(std::string_view source, const Statistics::Values& values, double sign) {
  const std::string begin = std::string(kPrefix) + std::string(source) + (source.empty() ? "" : "-");
  for (auto at = values.lower_bound(begin); at != values.end() && at->first.starts_with(begin); ++at) {
    const std::string_view name = at->first;
    const auto value = sign * static_cast<double>(at->second);
    if (name.ends_with("-count")) d_answers += value;
    const auto mark = name.find("-le-");
    if (mark == std::string_view::npos) continue;
    const auto number = parseNumber(name.substr(mark + 4), 0, UINT64_MAX);
    if (!number) continue;
    const auto micros = static_cast<double>(*number);
    auto bucket = std::ranges::find(d_buckets, micros, &Bucket::micros);
    if (bucket == d_buckets.end()) bucket = d_buckets.insert(bucket, {micros, 0});
    bucket->answers += value;
  }
}

std::optional<double> LatencyShares::within(double share) const {
  if (d_answers <= 0 || d_buckets.empty()) return std::nullopt;
  const double wanted = share * d_answers;
  const auto at = std::ranges::find_if(d_buckets, [wanted](const Bucket& bucket) { return bucket.answers >= wanted; });
  if (at == d_buckets.end()) return HUGE_VAL;
  const bool isFirst = at == d_buckets.begin();
  const Bucket lower = isFirst ? Bucket{at->micros / 4, 0} : *(at - 1);
  const double inside = at->answers - lower.answers;
  const double part = inside > 0 ? (wanted - lower.answers) / inside : 1;
  return lower.micros * std::pow(at->micros / lower.micros, std::clamp(part, 0.0, 1.0));
}

std::string shortTime(double micros) {
  struct Unit {
    double size;
    const char* name;
  };
  constexpr std::array<Unit, 3> kUnits{{{1, "us"}, {1e3, "ms"}, {1e6, "s"}}};
  const Unit& unit = micros < 999.5 ? kUnits[0] : micros < 999.5e3 ? kUnits[1] : kUnits[2];
  const double number = micros / unit.size;
  std::array<char, 48> text;
  std::snprintf(text.data(), text.size(), number < 9.95 ? "%.1f %s" : "%.0f %s", number, unit.name);
  return text.data();
}

} // namespace rec
