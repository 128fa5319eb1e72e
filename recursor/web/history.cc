// Samples of metrics in two rings: see history.hh.
#include "recursor/web/history.hh"

#include "recursor/control/json.hh"

namespace rec {

namespace {

constexpr std::int64_t kMinute = 60;

std::vector<std::string> chosenNames() {
  std::vector<std::string> names{"questions",
                                 "tcp-questions",
                                 "packetcache-hits",
                                 "packetcache-misses",
                                 "cache-hits",
                                 "cache-misses",
                                 "noerror-answers",
                                 "nxdomain-answers",
                                 "servfail-answers",
                                 "refused-answers",
                                 "all-outqueries",
                                 "outgoing-timeouts",
                                 "qa-latency",
                                 "concurrent-queries",
                                 "dnssec-result-secure",
                                 "dnssec-result-insecure",
                                 "dnssec-result-bogus",
                                 "policy-drops",
                                 "policy-result-nxdomain",
                                 "policy-result-custom",
                                 "policy-result-nodata",
                                 "over-capacity-drops",
                                 "real-memory-usage",
                                 "user-msec",
                                 "sys-msec",
                                 "udp-listener-drops"};
  for (const char* source : {"packetcache", "recordcache", "local", "resolved", "stale", "failure"}) {
    names.push_back(std::string("cumul-clientanswers-") + source + "-count");
  }
  return names;
}

} // namespace

const std::vector<std::string>& History::names() {
  static const std::vector<std::string> kNames = chosenNames();
  return kNames;
}

void History::Ring::add(Row row) {
  if (rows.size() < size) {
    rows.push_back(std::move(row));
    return;
  }
  rows[next] = std::move(row);
  next = (next + 1) % size;
}

template <typename Each> void History::Ring::visit(const Each& each) const {
  for (std::size_t i = 0; i < rows.size(); ++i) each(rows[(next + i) % rows.size()]);
}

void History::take(const Statistics& statistics, std::int64_t now) {
  Row row{now, {}};
  for (const std::string& name : names()) row.values.push_back(statistics.value(name).value_or(0));
  if (now / kMinute != d_lastMinute) d_minutes.add(row);
  d_lastMinute = now / kMinute;
  d_seconds.add(std::move(row));
}

std::vector<History::Row> History::since(Span span, std::int64_t since) const {
  std::vector<Row> rows;
  const Ring& ring = span == Span::Seconds ? d_seconds : d_minutes;
  ring.visit([&rows, since](const Row& row) {
    if (row.time > since) rows.push_back(row);
  });
  return rows;
}

std::string History::json(Span span, std::int64_t since) const {
  const std::vector<Row> rows = this->since(span, since);
  std::vector<std::string> quoted, times, columns;
  for (const Row& row : rows) times.push_back(std::to_string(row.time));
  for (std::size_t column = 0; column < names().size(); ++column) {
    quoted.push_back(jsonString(names()[column]));
    std::vector<std::string> values;
    for (const Row& row : rows) values.push_back(std::to_string(row.values[column]));
    columns.push_back(jsonArray(values));
  }
  return jsonObject({{"names", jsonArray(quoted)}, {"times", jsonArray(times)}, {"values", jsonArray(columns)}});
}

} // namespace rec
