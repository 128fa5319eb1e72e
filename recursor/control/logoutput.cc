// Three ways to write down a record.
#include "recursor/control/logoutput.hh"

#include <algorithm>

#include "recursor/control/json.hh"

namespace rec {
namespace {

std::string padded(std::string text, std::size_t width) {
  if (text.size() < width) text.resize(width, ' ');
  return text + " ";
}

std::string rightAligned(const std::string& text, std::size_t width) {
  return std::string(text.size() < width ? width - text.size() : 0, ' ') + text + " ";
}

// Milliseconds with three digits behind the point.
std::string millis(std::uint64_t micros) {
  std::string fraction = std::to_string(micros % 1000);
  return std::to_string(micros / 1000) + "." + std::string(3 - fraction.size(), '0') + fraction;
}

std::string joinedAnswers(const LogRecord& record, std::string_view separator) {
  std::string text;
  for (const base::Address& address : record.answers) {
    text += (text.empty() ? std::string() : std::string(separator)) + address.text();
  }
  return text;
}

std::string quoted(const std::string& field) {
  if (field.find_first_of(",\"\r\n") == std::string::npos) return field;
  std::string text = "\"";
  for (const char c : field) text += c == '"' ? std::string("\"\"") : std::string(1, c);
  return text + "\"";
}

std::string ede(const LogRecord& record) { return record.ede ? std::to_string(*record.ede) : ""; }

std::vector<std::string> fieldsOf(const LogRecord& record) {
  return {logTimeText(record.time),
          record.client.text(),
          std::string(text(record.transport)),
          std::to_string(record.worker),
          record.name.text(),
          dns::text(record.type),
          dns::text(record.rrclass),
          dns::text(record.rcode),
          ede(record),
          logFlagsText(record.flags),
          std::string(text(record.kind)),
          record.policy,
          record.rule,
          std::string(text(record.security)),
          std::to_string(record.latency),
          std::to_string(record.upstreamQueries),
          std::to_string(record.upstreamBytes),
          joinedAnswers(record, " "),
          record.tags};
}

const std::vector<std::string>& fieldNames() {
  static const std::vector<std::string> kNames{"time",
                                               "client",
                                               "transport",
                                               "worker",
                                               "name",
                                               "type",
                                               "class",
                                               "rcode",
                                               "ede",
                                               "flags",
                                               "kind",
                                               "policy",
                                               "rule",
                                               "security",
                                               "latency_us",
                                               "upstream_queries",
                                               "upstream_bytes",
                                               "answers",
                                               "tags"};
  return kNames;
}

std::vector<std::string> fieldsOf(const HistogramRow& row) {
  const std::uint64_t mean = row.queries == 0 ? 0 : row.latencySum / row.queries;
  return {logTimeText(row.begin).substr(0, 19),
          std::to_string(row.queries),
          std::to_string(row.nxdomain),
          std::to_string(row.servfail),
          std::to_string(row.blocked),
          std::to_string(row.hits),
          std::to_string(mean),
          std::to_string(row.latencyMost)};
}

const std::vector<std::string> kHistogramNames{"time",    "queries", "nxdomain",        "servfail",
                                               "blocked", "hits",    "mean_latency_us", "max_latency_us"};

std::string numbersOf(const std::vector<std::string>& names, const std::vector<std::string>& values) {
  JsonMembers members{{names.front(), jsonString(values.front())}};
  for (std::size_t i = 1; i < names.size(); ++i) members.emplace_back(names[i], values[i]);
  return jsonObject(members);
}

} // namespace

std::string jsonOf(const LogRecord& record) {
  JsonMembers members{{"time", jsonString(logTimeText(record.time))},
                      {"client", jsonString(record.client.text())},
                      {"transport", jsonString(text(record.transport))},
                      {"worker", std::to_string(record.worker)},
                      {"name", jsonString(record.name.text())},
                      {"type", jsonString(dns::text(record.type))},
                      {"class", jsonString(dns::text(record.rrclass))},
                      {"rcode", jsonString(dns::text(record.rcode))},
                      {"flags", jsonString(logFlagsText(record.flags))},
                      {"kind", jsonString(text(record.kind))},
                      {"latency_us", std::to_string(record.latency)},
                      {"upstream_queries", std::to_string(record.upstreamQueries)},
                      {"upstream_bytes", std::to_string(record.upstreamBytes)}};
  if (record.ede) members.emplace_back("ede", ede(record));
  if (record.security != LogSecurity::Unknown) members.emplace_back("security", jsonString(text(record.security)));
  if (!record.policy.empty()) members.emplace_back("policy", jsonString(record.policy));
  if (!record.rule.empty()) members.emplace_back("rule", jsonString(record.rule));
  if (!record.tags.empty()) members.emplace_back("tags", jsonString(record.tags));
  if (!record.answers.empty()) {
    std::vector<std::string> answers;
    for (const base::Address& address : record.answers) answers.push_back(jsonString(address.text()));
    members.emplace_back("answers", jsonArray(answers));
  }
  return jsonObject(members);
}

void LogOutput::line(const std::string& text) {
  std::fwrite(text.data(), 1, text.size(), d_out);
  std::fputc('\n', d_out);
}

void LogOutput::csv(const std::vector<std::string>& fields) {
  std::string text;
  for (const std::string& field : fields) text += (&field == fields.data() ? "" : ",") + quoted(field);
  line(text);
}

void LogOutput::putTableLine(const LogRecord& record) {
  if (!d_hasHead) {
    line(padded("time", 26) + padded("client", 15) + padded("name", 32) + padded("type", 5) + padded("rcode", 8) +
         padded("kind", 13) + rightAligned("ms", 9) + "more");
  }
  d_hasHead = true;
  std::string more = record.transport == LogTransport::Udp ? "" : std::string(text(record.transport)) + " ";
  const auto add = [&more](std::string_view key, const std::string& value) {
    if (!value.empty()) more += std::string(key) + "=" + value + " ";
  };
  add("policy", record.policy);
  add("rule", record.rule);
  add("security", std::string(text(record.security)));
  add("ede", ede(record));
  add("upstream", record.upstreamQueries == 0 ? "" : std::to_string(record.upstreamQueries));
  add("answers", joinedAnswers(record, ","));
  add("tags", record.tags);
  if (!more.empty()) more.pop_back();
  std::string text = padded(logTimeText(record.time), 26) + padded(record.client.text(), 15) +
                     padded(record.name.text(), 32) + padded(dns::text(record.type), 5) +
                     padded(dns::text(record.rcode), 8) + padded(std::string(rec::text(record.kind)), 13) +
                     rightAligned(millis(record.latency), 9) + more;
  text.erase(text.find_last_not_of(' ') + 1);
  line(text);
}

void LogOutput::put(const LogRecord& record) {
  if (d_format == LogFormat::Json) return line(jsonOf(record));
  if (d_format == LogFormat::Table) return putTableLine(record);
  if (!d_hasHead) csv(fieldNames());
  d_hasHead = true;
  csv(fieldsOf(record));
}

void LogOutput::put(const LogTopList& list, LogKey key) {
  const bool isSlow = key == LogKey::Slow;
  const std::string unit = isSlow ? "latency_us" : "queries";
  if (d_format == LogFormat::Csv) csv({"key", unit, "at_most_too_many"});
  if (d_format == LogFormat::Table) line(rightAligned(isSlow ? "ms" : "queries", 12) + rightAligned("%", 6) + " key");
  for (const LogTopRow& row : list.rows) {
    if (d_format == LogFormat::Json) {
      line(jsonObject({{"key", jsonString(row.key)},
                       {unit, std::to_string(row.count)},
                       {"at_most_too_many", std::to_string(row.atMostTooMany)}}));
    } else if (d_format == LogFormat::Csv) {
      csv({row.key, std::to_string(row.count), std::to_string(row.atMostTooMany)});
    } else {
      const std::uint64_t tenths = list.total == 0 || isSlow ? 0 : (row.count * 1000 + list.total / 2) / list.total;
      const std::string share = isSlow ? "" : std::to_string(tenths / 10) + "." + std::to_string(tenths % 10);
      line(rightAligned(isSlow ? millis(row.count) : std::to_string(row.count), 12) + rightAligned(share, 6) + " " +
           row.key);
    }
  }
  if (d_format == LogFormat::Table) {
    line(rightAligned(std::to_string(list.total), 12) + "in all, " + std::to_string(list.progress.records) +
         " looked at");
  }
}

void LogOutput::put(const Histogram& histogram) {
  constexpr std::size_t kBar = 40;
  std::uint64_t most = 1;
  for (const HistogramRow& row : histogram.rows) most = std::max(most, row.queries);
  if (d_format == LogFormat::Csv) csv(kHistogramNames);
  if (d_format == LogFormat::Table) {
    line(padded("time", 19) + rightAligned("queries", 10) + rightAligned("nxdomain", 9) + rightAligned("servfail", 9) +
         rightAligned("blocked", 9) + rightAligned("hit %", 6) + rightAligned("mean ms", 9) +
         rightAligned("max ms", 10));
  }
  for (const HistogramRow& row : histogram.rows) {
    const auto fields = fieldsOf(row);
    if (d_format == LogFormat::Json) {
      line(numbersOf(kHistogramNames, fields));
    } else if (d_format == LogFormat::Csv) {
      csv(fields);
    } else {
      const std::uint64_t mean = row.queries == 0 ? 0 : row.latencySum / row.queries;
      const std::uint64_t share = row.queries == 0 ? 0 : row.hits * 100 / row.queries;
      line(padded(fields[0], 19) + rightAligned(fields[1], 10) + rightAligned(fields[2], 9) +
           rightAligned(fields[3], 9) + rightAligned(fields[4], 9) + rightAligned(std::to_string(share), 6) +
           rightAligned(millis(mean), 9) + rightAligned(millis(row.latencyMost), 10) +
           std::string(row.queries * kBar / most, '#'));
    }
  }
}

} // namespace rec
