// The part of /metrics that is read from elsewhere: upstreams, block lists, response policy zones, mapped addresses.
#include <array>
#include <span>

#include "recursor/policy/rpzzones.hh"
#include "recursor/web/families.hh"
#include "recursor/web/prometheus.hh"

namespace rec {

namespace {

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

// What a block list and a response policy zone have in common.
struct PolicyFigures {
  std::string_view type;
  const std::string& name;
  std::uint64_t hits, rules, bytes;
};

void addPolicy(Families& families, const PolicyFigures& policy) {
  const std::string labels = braced(label("type", policy.type) + "," + label("policyname", policy.name));
  families.add("policy_hits", "", labels, std::to_string(policy.hits));
  families.add("policy_rules", "", labels, std::to_string(policy.rules));
  families.add("policy_bytes", "", labels, std::to_string(policy.bytes));
}

void addLists(Families& families, const BlockListKeeper& keeper) {
  for (const BlockListKeeper::Row& row : keeper.rows()) {
    addPolicy(families, {"blocklist", row.name, row.applied, row.rules, row.bytes});
    const std::string labels = label("type", "blocklist") + "," + label("policyname", row.name);
    families.add("policy_shadow_list_hits", "", braced(labels), std::to_string(row.shadowed));
  }
}

void addZones(Families& families, const RpzZones& zones) {
  for (const RpzZones::State& state : zones.states()) {
    addPolicy(families, {"rpz", state.name, state.hits, state.rules, state.bytes});
    const std::string zone = braced(label("policyname", state.name));
    families.add("rpz_serial", "", zone, std::to_string(state.serial));
    families.add("rpz_last_update", "", zone, std::to_string(state.counts.lastUpdate));
    families.add("rpz_transfers_success", "", zone, std::to_string(state.counts.success));
    families.add("rpz_transfers_full", "", zone, std::to_string(state.counts.full));
    families.add("rpz_transfers_failed", "", zone, std::to_string(state.counts.failed));
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

// ---- families that are there when there is anything to say

struct FamilyInfo {
  const char *name, *type, *help;
};

constexpr FamilyInfo kPolicyFamilies[] = {
    {"policy_hits", "counter", "Questions that a block list or response policy zone decided"},
    {"policy_rules", "gauge", "Rules of a block list or response policy zone"},
    {"policy_bytes", "gauge", "Memory of a block list or response policy zone"},
    {"policy_shadow_list_hits", "counter", "Questions that a list in shadow mode would have decided"},
    {"rpz_serial", "gauge", "Serial number of a response policy zone"},
    {"rpz_last_update", "gauge", "When a response policy zone changed, in seconds since 1970"},
    {"rpz_transfers_success", "counter", "Transfers of a response policy zone that went well"},
    {"rpz_transfers_full", "counter", "Those of them that brought the whole zone"},
    {"rpz_transfers_failed", "counter", "Transfers of a response policy zone that failed"}};

constexpr FamilyInfo kUpstreamFamilies[] = {
    {"upstream_up", "gauge", "Whether an upstream of the forward rules answers"},
    {"upstream_questions", "counter", "Questions sent to an upstream"},
    {"upstream_endings", "counter", "How exchanges with an upstream ended"},
    {"upstream_usual_seconds", "gauge", "Smoothed time of an upstream's answers"},
    {"upstream_under_way", "gauge", "Questions that an upstream has not answered yet"},
    {"upstream_answers_seconds", "histogram", "Time of an upstream's useful answers"}};

void declareAll(Families& families, std::span<const FamilyInfo> all) {
  for (const FamilyInfo& family : all) families.declare(family.name, family.type, family.help);
}

} // namespace

std::string prometheusUpstreams(const std::vector<UpstreamPtr>& upstreams) {
  if (upstreams.empty()) return {};
  Families families;
  declareAll(families, kUpstreamFamilies);
  for (const UpstreamPtr& upstream : upstreams) addUpstream(families, *upstream);
  return families.text();
}

std::string prometheusPolicies(ControlTarget& target) {
  std::string text;
  Families policies;
  addLists(policies, target.blockLists());
  if (const RpzZones* zones = target.rpzZones()) addZones(policies, *zones);
  const bool any = !policies.text().empty();
  if (any) declareAll(policies, kPolicyFamilies);
  if (any) text += policies.text();
  if (const ProxyMappingPtr mapping = target.proxyMapping()) {
    Families families;
    addMapping(families, *mapping);
    text += families.text();
  }
  return text;
}

} // namespace rec
