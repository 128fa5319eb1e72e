// All metrics as families of samples: see prometheus.hh, and prometheuslists.cc for what there are any number of.
#include "recursor/web/prometheus.hh"

#include <charconv>
#include <functional>
#include <map>
#include <optional>

#include "recursor/web/apiroutes.hh"
#include "recursor/web/families.hh"

namespace rec {

namespace {

std::string underscored(std::string_view name) {
  std::string out(name);
  for (char& letter : out) {
    const bool isFine = (letter >= 'a' && letter <= 'z') || (letter >= 'A' && letter <= 'Z') ||
                        (letter >= '0' && letter <= '9') || letter == '_';
    if (!isFine) letter = '_';
  }
  return out;
}

// What stands between `before` and `after`; nothing when the name is not like that.
std::optional<std::string_view> between(std::string_view name, std::string_view before, std::string_view after) {
  const bool is = name.starts_with(before) && name.ends_with(after) && name.size() > before.size() + after.size();
  if (!is) return std::nullopt;
  return name.substr(before.size(), name.size() - before.size() - after.size());
}

// ---- what is not a family of its own

// cumul-clientanswers-SOURCE-le-N, -count and -sum: collected first, since their buckets have to be in order.
using Histograms = std::map<std::string, Histogram, std::less<>>; // by source

bool takeHistogram(Histograms& into, std::string_view name, std::uint64_t value) {
  constexpr std::string_view kBegin = "cumul-clientanswers-";
  if (const auto source = between(name, kBegin, "-count")) {
    into[std::string(*source)].count = value;
    return true;
  }
  if (const auto source = between(name, kBegin, "-sum")) {
    into[std::string(*source)].sum = value;
    return true;
  }
  const std::size_t mark = name.find("-le-");
  if (!name.starts_with(kBegin) || mark == std::string_view::npos) return false;
  std::uint64_t bound = 0;
  std::from_chars(name.data() + mark + 4, name.data() + name.size(), bound);
  into[std::string(name.substr(kBegin.size(), mark - kBegin.size()))].buckets[bound] = value;
  return true;
}

// Metrics that PowerDNS shows as one with a label. True when it was one.
bool takeLabelled(Families& families, std::string_view name, std::uint64_t value) {
  if (const auto thread = between(name, "cpu-msec-thread-", "")) {
    families.declare("cpu_msec", "counter", "CPU time of each worker, in ms");
    families.add("cpu_msec", "", braced(label("thread", *thread)), std::to_string(value));
    return true;
  }
  const auto rcode = between(name, "auth-", "-answers");
  if (rcode && name != "auth-zone-answers") {
    families.declare("auth_rcode_answers", "counter", "Answers of servers by their rcode");
    families.add("auth_rcode_answers", "", braced(label("rcode", *rcode)), std::to_string(value));
    return true;
  }
  for (const char* family : {"4", "6"}) {
    const std::string begin = std::string("ecs-v") + family + "-response-bits-";
    const auto bits = between(name, begin, "");
    if (!bits) continue;
    const std::string metric = std::string("ecs_v") + family + "_response_bits";
    families.declare(metric, "counter", "Answers of servers for networks of so many bits");
    families.add(metric, "", braced(label("bits", *bits)), std::to_string(value));
    return true;
  }
  return name.starts_with("rpz-"); // shown with labels, from the zones themselves
}

void addPlain(Families& families, const std::string& name, std::uint64_t value) {
  const MetricInfo* info = findMetric(name);
  const bool grows = info == nullptr || info->kind == MetricKind::Counter || info->kind == MetricKind::Total;
  const std::string family = underscored(name);
  families.declare(family, grows ? "counter" : "gauge", info == nullptr ? std::string_view() : info->help);
  families.add(family, "", "", std::to_string(value));
}

} // namespace

std::string prometheusText(const Statistics::Values& values) {
  Families families;
  Histograms histograms;
  for (const auto& [name, value] : values) {
    if (!takeHistogram(histograms, name, value) && !takeLabelled(families, name, value)) {
      addPlain(families, name, value);
    }
  }
  constexpr const char* kAnswers = "cumul_clientanswers_seconds";
  if (!histograms.empty())
    families.declare(kAnswers, "histogram", "Time to answer clients, by where the answer came from");
  for (const auto& [source, histogram] : histograms) {
    addHistogram(families, kAnswers, label("source", source), histogram);
  }
  families.declare("info", "gauge", "Info from pdns_recursor, value is always 1");
  families.add("info", "", braced(label("version", ROOTWALK_VERSION)), "1");
  return families.text();
}

HttpResponse showMetrics(const WebCall& call) {
  ControlTarget& target = call.parts.target;
  HttpResponse response;
  response.type = "text/plain; version=0.0.4; charset=utf-8";
  response.body =
      prometheusText(shownMetrics(call.parts)) + prometheusUpstreams(target.upstreams()) + prometheusPolicies(target);
  return response;
}

} // namespace rec
