// Searching the query log for a client of the web server: newest first, and never for long.
#include "recursor/web/logroutes.hh"

#include <algorithm>

#include "recursor/config/values.hh"
#include "recursor/control/json.hh"
#include "recursor/querylog/querylog.hh"
#include "recursor/querylog/reader.hh"

namespace rec {

namespace {

constexpr std::uint64_t kUsualRows = 100, kMostRows = 1000;
constexpr std::chrono::seconds kLongest{5};

std::string recordJson(const LogRecord& record) {
  std::vector<std::string> answers;
  for (const base::Address& address : record.answers) answers.push_back(jsonString(address.text()));
  return jsonObject({{"time", jsonString(logTimeText(record.time))},
                     {"client", jsonString(record.client.text())},
                     {"name", jsonString(record.name.text())},
                     {"type", jsonString(dns::text(record.type))},
                     {"rcode", jsonString(dns::text(record.rcode))},
                     {"kind", jsonString(text(record.kind))},
                     {"transport", jsonString(text(record.transport))},
                     {"security", jsonString(text(record.security))},
                     {"latency_us", std::to_string(record.latency)},
                     {"upstream_queries", std::to_string(record.upstreamQueries)},
                     {"ede", record.ede ? std::to_string(*record.ede) : std::string("null")},
                     {"policy", jsonString(record.policy)},
                     {"rule", jsonString(record.rule)},
                     {"answers", jsonArray(answers)}});
}

struct Search {
  std::vector<std::string> rows;
  LogProgress progress;
  bool isCut = false; // it took too long
};

base::Result<Search> search(BlockSource& source, const LogFilter& filter, std::size_t most) {
  Search result;
  const auto deadline = std::chrono::steady_clock::now() + kLongest;
  const auto take = [&result, most](const LogRecord& record) {
    result.rows.push_back(recordJson(record));
    return result.rows.size() < most;
  };
  const auto goesOn = [&result, deadline](const LogProgress&) {
    result.isCut = std::chrono::steady_clock::now() > deadline;
    return !result.isCut;
  };
  LogReader::Order order;
  order.newestFirst = true;
  const auto done = LogReader(source).search(filter, order, take, goesOn);
  if (!done) return done.error();
  result.progress = *done;
  return result;
}

} // namespace

HttpResponse searchLog(const WebCall& call) {
  const std::string_view rowsText = call.request.value("rows");
  const auto most = rowsText.empty() ? base::Result<std::uint64_t>(kUsualRows) : parseNumber(rowsText, 1, kMostRows);
  if (!most) return errorResponse(422, "'rows': " + most.error().message);
  const auto now = std::chrono::duration_cast<std::chrono::microseconds>(call.parts.target.now().time_since_epoch());
  const auto filter = LogFilter::parse(call.request.value("q"), now.count());
  if (!filter) return errorResponse(422, filter.error().message);
  QueryLog* log = call.parts.target.queryLog();
  const auto source = log == nullptr ? nullptr : log->source();
  if (!source) return errorResponse(404, "there is no query log: query-log=yes begins one");
  const auto found = search(*source, *filter, *most);
  if (!found) return errorResponse(503, found.error().message);
  return jsonResponse(jsonObject({{"records", jsonArray(found->rows)},
                                  {"looked_at", std::to_string(found->progress.records)},
                                  {"blocks", std::to_string(found->progress.blocks)},
                                  {"skipped", std::to_string(found->progress.skipped)},
                                  {"cut", jsonBool(found->isCut)}}));
}

} // namespace rec
