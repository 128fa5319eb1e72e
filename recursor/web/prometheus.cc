// Families of samples: see prometheus.hh. A family is put together whole, since its samples must stand together.
#include "recursor/web/prometheus.hh"

#include <array>
#include <charconv>
#include <cstdio>
#include <functional>
#include <map>
#include <optional>

#include "recursor/policy/rpzzones.hh"
#include "recursor/web/apiroutes.hh"

namespace rec {

namespace {

constexpr std::string_view kPrefix = "pdns_recursor_";

// One name with its help, its type and its samples, in their order.
class Families {
 public:
  void declare(const std::string& name, std::string_view type, std::string_view help) {
    Family& family = d_families[name];
    family.type = type;
    family.help = help;
  }
  // `labels` as {a="b"}, or nothing; `suffix`: _bucket and the like.
  void add(const std::string& name, std::string_view suffix, std::string_view labels, std::string value) {
    d_families[name].samples +=
        std::string(kPrefix) + name + std::string(suffix) + std::string(labels) + " " + value + "\n";
  }
  [[nodiscard]] std::string text() const {
    std::string out;
    for (const auto& [name, family] : d_families) {
      const std::string full = std::string(kPrefix) + name;
      if (!family.help.empty()) out += "# HELP " + full + " " + family.help + "\n";
      out += "# TYPE " + full + " " + family.type + "\n" + family.samples;
    }
    return out;
  }

 private:
  struct Family {
    std::string type = "untyped", help, samples;
  };
  std::map<std::string, Family> d_families;
};

std::string underscored(std::string_view name) {
  std::string out(name);
  for (char& letter : out) {
    const bool isFine = (letter >= 'a' && letter <= 'z') || (letter >= 'A' && letter <= 'Z') ||
                        (letter >= '0' && letter <= '9') || letter == '_';
    if (!isFine) letter = '_';
  }
  return out;
}

// {name="value"}, escaped as the format wants.
std::string label(std::string_view name, std::string_view value) {
  std::string out = std::string(name) + "=\"";
  for (const char letter : value) {
    if (letter == '\\' || letter == '"') out += '\\';
    out += letter == '\n' ? std::string("\\n") : std::string(1, letter);
  }
  return out + "\"";
}

std::string braced(const std::string& labels) { return "{" + labels + "}"; }

std::string seconds(std::uint64_t micros) {
  std::array<char, 40> text{};
  std::snprintf(text.data(), text.size(), "%.9g", static_cast<double>(micros) / 1e6);
  return text.data();
}

// What stands between `before` and `after`; nothing when the name is not like that.
std::optional<std::string_view> between(std::string_view name, std::string_view before, std::string_view after) {
  const bool is = name.starts_with(before) && name.ends_with(after) && name.size() > before.size() + after.size();
  if (!is) return std::nullopt;
  return name.substr(before.size(), name.size() - before.size() - after.size());
}

// ---- what is not a family of its own

// cumul-clientanswers-SOURCE-le-N, -count and -sum: collected first, since their buckets have to be in order.
struct Histogram {
  std::map<std::uint64_t, std::uint64_t> buckets; // microseconds, answers
  std::uint64_t count = 0, sum = 0;
};
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

void addHistogram(Families& families, const std::string& name, const std::string& labels, const Histogram& histogram) {
  for (const auto& [bound, count] : histogram.buckets) {
    families.add(name, "_bucket", braced(labels + "," + label("le", seconds(bound))), std::to_string(count));
  }
  families.add(name, "_bucket", braced(labels + "," + label("le", "+Inf")), std::to_string(histogram.count));
  families.add(name, "_sum", braced(labels), seconds(histogram.sum));
  families.add(name, "_count", braced(labels), std::to_string(histogram.count));
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

// ---- upstreams, lists, zones

Histogram histogramOf(const UpstreamResolver::Totals& totals) {
  Histogram histogram;
  for (std::size_t i = 0; i < totals.times.size(); ++i) {
    histogram.count += totals.times[i];
    if (i + 1 < totals.times.size()) histogram.buckets[std::uint64_t{1} << 2 * i] = histogram.count;
  }
  histogram.sum = totals.micros;
  return histogram;
}

void addUpstream(Families& families, const UpstreamResolver& upstream) {
  const UpstreamResolver::View view = upstream.view();
  const UpstreamResolver::Totals totals = upstream.totals();
  const std::string labels = label("upstream", upstream.endpoint().text());
  families.add("upstream_up", "", braced(labels), view.down || upstream.loops() ? "0" : "1");
  families.add("upstream_questions", "", braced(labels), std::to_string(totals.asked));
  families.add("upstream_usual_seconds", "", braced(labels), seconds(static_cast<std::uint64_t>(view.usual.count())));
  families.add("upstream_under_way", "", braced(labels), std::to_string(view.underWay));
  const std::array<std::pair<const char*, std::uint64_t>, 5> endings{{{"useful", totals.useful},
                                                                      {"useless", totals.useless},
                                                                      {"failed", totals.failed},
                                                                      {"late", totals.late},
                                                                      {"cancelled", totals.cancelled}}};
  for (const auto& [ending, count] : endings) {
    families.add("upstream_endings", "", braced(labels + "," + label("ending", ending)), std::to_string(count));
  }
  addHistogram(families, "upstream_answers_seconds", labels, histogramOf(totals));
}

void addLists(Families& families, BlockListKeeper& keeper) {
  for (const BlockListKeeper::Row& row : keeper.rows()) {
    const std::string labels = label("type", "blocklist") + "," + label("policyname", row.name);
    families.add("policy_hits", "", braced(labels), std::to_string(row.applied));
    families.add("policy_rules", "", braced(labels), std::to_string(row.rules));
    families.add("policy_bytes", "", braced(labels), std::to_string(row.bytes));
    families.add("policy_shadow_list_hits", "", braced(labels), std::to_string(row.shadowed));
  }
}

void addZones(Families& families, const RpzZones& zones) {
  for (const RpzZones::State& state : zones.states()) {
    const std::string labels = label("type", "rpz") + "," + label("policyname", state.name);
    families.add("policy_hits", "", braced(labels), std::to_string(state.hits));
    families.add("policy_rules", "", braced(labels), std::to_string(state.rules));
    families.add("policy_bytes", "", braced(labels), std::to_string(state.bytes));
    const std::string zone = label("policyname", state.name);
    families.add("rpz_serial", "", braced(zone), std::to_string(state.serial));
    families.add("rpz_last_update", "", braced(zone), std::to_string(state.counts.lastUpdate));
    families.add("rpz_transfers_success", "", braced(zone), std::to_string(state.counts.success));
    families.add("rpz_transfers_full", "", braced(zone), std::to_string(state.counts.full));
    families.add("rpz_transfers_failed", "", braced(zone), std::to_string(state.counts.failed));
  }
}

// As PowerDNS names and labels them.
void addMapping(Families& families, const ProxyMapping& mapping) {
  constexpr const char* kFamily = "proxy_mapping_total";
  families.declare(kFamily, "counter",
                   "Questions and connections from a network of addProxyMapping, and names of its domains");
  for (const ProxyMapping::Count& row : mapping.counts()) {
    const std::string network = label("netmask", row.clients.text()) + ",";
    families.add(kFamily, "", braced(network + label("count", "netmaskmatches")), std::to_string(row.matches));
    families.add(kFamily, "", braced(network + label("count", "suffixmatches")), std::to_string(row.nameMatches));
  }
}

void declarePolicies(Families& families) {
  families.declare("policy_hits", "counter", "Questions that a block list or response policy zone decided");
  families.declare("policy_rules", "gauge", "Rules of a block list or response policy zone");
  families.declare("policy_bytes", "gauge", "Memory of a block list or response policy zone");
  families.declare("policy_shadow_list_hits", "counter", "Questions that a list in shadow mode would have decided");
  families.declare("rpz_serial", "gauge", "Serial number of a response policy zone");
  families.declare("rpz_last_update", "gauge", "When a response policy zone changed, in seconds since 1970");
  families.declare("rpz_transfers_success", "counter", "Transfers of a response policy zone that went well");
  families.declare("rpz_transfers_full", "counter", "Those of them that brought the whole zone");
  families.declare("rpz_transfers_failed", "counter", "Transfers of a response policy zone that failed");
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

std::string prometheusUpstreams(const std::vector<UpstreamPtr>& upstreams) {
  if (upstreams.empty()) return {};
  Families families;
  families.declare("upstream_up", "gauge", "Whether an upstream of the forward rules answers");
  families.declare("upstream_questions", "counter", "Questions sent to an upstream");
  families.declare("upstream_endings", "counter", "How exchanges with an upstream ended");
  families.declare("upstream_usual_seconds", "gauge", "Smoothed time of an upstream's answers");
  families.declare("upstream_under_way", "gauge", "Questions that an upstream has not answered yet");
  families.declare("upstream_answers_seconds", "histogram", "Time of an upstream's useful answers");
  for (const UpstreamPtr& upstream : upstreams) addUpstream(families, *upstream);
  return families.text();
}

HttpResponse showMetrics(const WebCall& call) {
  ControlTarget& target = call.parts.target;
  HttpResponse response;
  response.type = "text/plain; version=0.0.4; charset=utf-8";
  response.body = prometheusText(shownMetrics(call.parts)) + prometheusUpstreams(target.upstreams());
  Families policies;
  addLists(policies, target.blockLists());
  if (const RpzZones* zones = target.rpzZones()) addZones(policies, *zones);
  const bool any = !policies.text().empty();
  if (any) declarePolicies(policies);
  if (any) response.body += policies.text();
  if (const ProxyMappingPtr mapping = target.proxyMapping()) {
    Families families;
    addMapping(families, *mapping);
    response.body += families.text();
  }
  return response;
}

} // namespace rec
