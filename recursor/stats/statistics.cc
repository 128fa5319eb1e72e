// All metrics by name: see statistics.hh.
#include "recursor/stats/statistics.hh"

#include <algorithm>

namespace rec {

namespace {

constexpr std::array<MetricInfo, kMetricCount> kMetrics{{
#define METRIC(id, name, kind, help) {Metric::id, name, MetricKind::kind, help},
#include "recursor/stats/metrics.def"
#undef METRIC
}};

bool isRead(MetricKind kind) { return kind == MetricKind::Gauge || kind == MetricKind::Total; }

const MetricInfo& infoOf(Metric metric) { return kMetrics[static_cast<std::size_t>(metric)]; }

} // namespace

std::span<const MetricInfo, kMetricCount> allMetrics() { return kMetrics; }

const MetricInfo* findMetric(std::string_view name) {
  const auto* row = std::ranges::find(kMetrics, name, &MetricInfo::name);
  return row == kMetrics.end() ? nullptr : row;
}

void Statistics::setReading(Metric metric, Reading reading) {
  d_readings[static_cast<std::size_t>(metric)] = std::move(reading);
}

void Statistics::addReading(std::string name, Reading reading) { d_others[std::move(name)] = std::move(reading); }

std::uint64_t Statistics::combined(const MetricInfo& info) const {
  std::uint64_t sum = 0, highest = 0, setBy = 0;
  for (const auto* worker : d_workers) {
    const auto own = worker->get(info.metric);
    sum += own; // of a Level one worker's part may have wrapped below zero; the sum has not
    highest = std::max(highest, own);
    setBy += own != 0 ? 1 : 0;
  }
  if (info.kind == MetricKind::Maximum) return highest;
  if (info.kind == MetricKind::Mean) return setBy == 0 ? 0 : sum / setBy;
  return sum;
}

std::optional<std::uint64_t> Statistics::value(Metric metric) const {
  const auto& info = infoOf(metric);
  if (!isRead(info.kind)) return combined(info);
  const auto& reading = d_readings[static_cast<std::size_t>(metric)];
  if (!reading) return std::nullopt;
  return reading();
}

std::optional<std::uint64_t> Statistics::value(std::string_view name) const {
  if (const auto* info = findMetric(name)) return value(info->metric);
  const auto other = d_others.find(name);
  if (other != d_others.end()) return other->second();
  for (const auto& group : d_groups) {
    const Values values = group();
    if (const auto found = values.find(name); found != values.end()) return found->second;
  }
  return std::nullopt;
}

Statistics::Values Statistics::all() const {
  Values values;
  for (const auto& info : kMetrics) {
    if (const auto now = value(info.metric)) values.emplace(info.name, *now);
  }
  for (const auto& [name, reading] : d_others) values.emplace(name, reading());
  for (const auto& group : d_groups) values.merge(group());
  return values;
}

std::string Statistics::text(const std::vector<std::string>& hidden) const {
  std::string lines;
  for (const auto& [name, now] : all()) {
    const auto hides = [&name](const std::string& word) {
      return word.ends_with('*') ? name.starts_with(std::string_view(word).substr(0, word.size() - 1)) : name == word;
    };
    if (std::ranges::any_of(hidden, hides)) continue;
    lines += name + "\t" + std::to_string(now) + "\n";
  }
  return lines;
}

std::vector<std::string_view> Statistics::withoutReading() const {
  std::vector<std::string_view> names;
  for (const auto& info : kMetrics) {
    if (isRead(info.kind) && !d_readings[static_cast<std::size_t>(info.metric)]) names.push_back(info.name);
  }
  return names;
}

namespace {

std::string elsewhere() {
  constexpr std::pair<std::string_view, std::string_view> kRows[] = {
#define ELSEWHERE(name, why) {name, why},
#include "recursor/stats/elsewhere.def"
#undef ELSEWHERE
  };
  std::string text = "\n## Of PowerDNS Recursor's, not here\n\n| name | why |\n|---|---|\n";
  for (const auto& [name, why] : kRows) text += "| `" + std::string(name) + "` | " + std::string(why) + " |\n";
  return text;
}

} // namespace

std::string metricsMarkdown() {
  std::string page =
      "# Metrics\n\nWhat `rec_control get-all` shows. This page is made from `recursor/stats/metrics.def`.\n\n"
      "Counters grow, gauges are values of now.\n\n| name | kind | meaning |\n|---|---|---|\n";
  for (const auto& info : kMetrics) {
    const bool grows = info.kind == MetricKind::Counter || info.kind == MetricKind::Total;
    page += "| `" + std::string(info.name) + "` | " + (grows ? "counter" : "gauge") + " | " + std::string(info.help) +
            " |\n";
  }
  return page +
         "\n`cpu-msec-thread-N` is the CPU time of worker N, in ms.\n\n"
         "`cumul-clientanswers-SOURCE-le-N` counts the answers that took N microseconds at most, `-count` all of them, "
         "`-sum` their\ntime in microseconds. SOURCE is `packetcache`, `recordcache`, `local`, `resolved`, `stale` or "
         "`failure`. `cumul-authanswers-ipv4-` and `-ipv6-` are the same of the answers of servers.\n\n"
         "Of each response policy zone, NAME being its policyName: `rpz-NAME-rules`, `-refused` (records passed over), "
         "`-bytes`,\n`-hits` (questions that it decided), `-serial`, `-last-update` (seconds since 1970), "
         "`-transfers-success`, `-transfers-full`\n(AXFR, or the file was read) and `-transfers-failed`.\n" +
         elsewhere();
}

} // namespace rec
