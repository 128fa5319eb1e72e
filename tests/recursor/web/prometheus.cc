// The text format of Prometheus.
#include "recursor/web/prometheus.hh"

#include <catch2/catch.hpp>
#include <map>
#include <set>
#include <sstream>

using namespace rec;

namespace {

bool has(const std::string& text, const std::string& line) {
  return text.find(line + "\n") == 0 || text.find("\n" + line + "\n") != std::string::npos;
}

std::string familyOf(std::string name, const std::map<std::string, std::string>& types) {
  for (const char* suffix : {"_bucket", "_sum", "_count"}) {
    const std::string end = suffix;
    if (!name.ends_with(end)) continue;
    const std::string family = name.substr(0, name.size() - end.size());
    if (const auto found = types.find(family); found != types.end() && found->second == "histogram") return family;
  }
  return name;
}

// Every sample stands behind its TYPE, and the samples of a family stand together.
void checkFormat(const std::string& text) {
  std::map<std::string, std::string> types;
  std::set<std::string> closed;
  std::string current, line;
  std::istringstream lines(text);
  while (std::getline(lines, line)) {
    std::istringstream words(line);
    std::string first, second, name, type;
    if (line.starts_with("# ")) {
      words >> first >> second >> name >> type;
      if (second == "TYPE") {
        CHECK(types.emplace(name, type).second);
      }
      continue;
    }
    const std::string family = familyOf(line.substr(0, line.find_first_of("{ ")), types);
    CAPTURE(line);
    CHECK(types.contains(family));
    if (family == current) continue;
    CHECK(closed.insert(current).second);
    CHECK_FALSE(closed.contains(family));
    current = family;
  }
}

} // namespace

TEST_CASE("counters and gauges have their names, help and type") {
  const std::string text = prometheusText({{"questions", 5}, {"cache-entries", 7}, {"a-custom.metric", 1}});
  CHECK(has(text, "# TYPE pdns_recursor_questions counter"));
  CHECK(has(text, "pdns_recursor_questions 5"));
  CHECK(has(text, "# HELP pdns_recursor_questions Questions from clients, over UDP and TCP"));
  CHECK(has(text, "# TYPE pdns_recursor_cache_entries gauge"));
  CHECK(has(text, "pdns_recursor_a_custom_metric 1"));
  CHECK(text.find("pdns_recursor_info{version=") != std::string::npos);
  checkFormat(text);
}

TEST_CASE("what there are several of has labels") {
  const std::string text = prometheusText({{"cpu-msec-thread-0", 1},
                                           {"cpu-msec-thread-1", 2},
                                           {"auth-noerror-answers", 3},
                                           {"auth-servfail-answers", 4},
                                           {"auth-zone-queries", 5},
                                           {"ecs-v4-response-bits-24", 6},
                                           {"rpz-mine-hits", 7}});
  CHECK(has(text, "pdns_recursor_cpu_msec{thread=\"1\"} 2"));
  CHECK(has(text, "pdns_recursor_auth_rcode_answers{rcode=\"servfail\"} 4"));
  CHECK(has(text, "pdns_recursor_auth_zone_queries 5"));
  CHECK(has(text, "pdns_recursor_ecs_v4_response_bits{bits=\"24\"} 6"));
  CHECK(text.find("rpz_mine") == std::string::npos);
  checkFormat(text);
}

TEST_CASE("times to answer are histograms with buckets in order") {
  Statistics::Values values;
  for (const char* source : {"local", "resolved"}) {
    const std::string prefix = std::string("cumul-clientanswers-") + source;
    values[prefix + "-le-1"] = 1;
    values[prefix + "-le-4"] = 2;
    values[prefix + "-le-1048576"] = 9;
    values[prefix + "-count"] = 10;
    values[prefix + "-sum"] = 2500000;
  }
  const std::string text = prometheusText(values);
  CHECK(has(text, "# TYPE pdns_recursor_cumul_clientanswers_seconds histogram"));
  CHECK(text.find("pdns_recursor_cumul_clientanswers_seconds_bucket{source=\"local\",le=\"1e-06\"} 1\n"
                  "pdns_recursor_cumul_clientanswers_seconds_bucket{source=\"local\",le=\"4e-06\"} 2\n"
                  "pdns_recursor_cumul_clientanswers_seconds_bucket{source=\"local\",le=\"1.048576\"} 9\n"
                  "pdns_recursor_cumul_clientanswers_seconds_bucket{source=\"local\",le=\"+Inf\"} 10\n"
                  "pdns_recursor_cumul_clientanswers_seconds_sum{source=\"local\"} 2.5\n"
                  "pdns_recursor_cumul_clientanswers_seconds_count{source=\"local\"} 10\n") != std::string::npos);
  checkFormat(text);
}

TEST_CASE("upstreams are told by a label, their times are histograms") {
  const auto upstream = std::make_shared<UpstreamResolver>(Endpoint::parse("192.0.2.1").value());
  upstream->asked();
  upstream->ended(Ending::Useful, std::chrono::milliseconds(3), 0);
  upstream->asked();
  upstream->ended(Ending::Useful, std::chrono::seconds(9), 0);
  const std::string text = prometheusUpstreams({upstream});
  const std::string label = "{upstream=\"" + upstream->endpoint().text() + "\"";
  CHECK(has(text, "pdns_recursor_upstream_up" + label + "} 1"));
  CHECK(has(text, "pdns_recursor_upstream_questions" + label + "} 2"));
  CHECK(has(text, "pdns_recursor_upstream_answers_seconds_bucket" + label + ",le=\"0.004096\"} 1"));
  CHECK(has(text, "pdns_recursor_upstream_answers_seconds_bucket" + label + ",le=\"+Inf\"} 2"));
  CHECK(has(text, "pdns_recursor_upstream_answers_seconds_sum" + label + "} 9.003"));
  checkFormat(text);
  CHECK(prometheusUpstreams({}).empty());
}
