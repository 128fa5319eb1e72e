// rec_control querylog on|off|sample|only|status|export. The last one is for `rec_control log` and a log in memory.
#include "recursor/control/querylogcommands.hh"

#include <cstdio>

#include "recursor/config/values.hh"
#include "recursor/querylog/logexport.hh"
#include "recursor/querylog/querylog.hh"

namespace rec {
namespace {

Reply setOn(ControlTarget& target, QueryLog& log, bool on) {
  log.setOn(on);
  target.noteSetting("query-log", on ? "yes" : "no");
  return success(on ? "the query log is on\n" : "the query log is off\n");
}

Reply setSample(ControlTarget& target, QueryLog& log, std::span<const std::string> words) {
  const auto oneIn = words.size() == 1 ? parseNumber(words.front(), 1, 1'000'000)
                                       : base::Result<std::uint64_t>(base::Error{"one number is needed"});
  if (!oneIn) return failure(oneIn.error().message);
  const auto set = log.setSample(static_cast<std::uint32_t>(*oneIn));
  if (!set) return failure(set.error().message);
  target.noteSetting("query-log-sample", std::to_string(*oneIn));
  return success("one in " + std::to_string(*oneIn) + " is logged\n");
}

Reply setOnly(ControlTarget& target, QueryLog& log, std::span<const std::string> words) {
  std::string filter;
  for (const std::string& word : words) filter += (filter.empty() ? "" : " ") + word;
  const auto set = log.setOnly(filter);
  if (!set) return failure(set.error().message);
  target.noteSetting("query-log-only", filter);
  return success(filter.empty() ? "everything is logged\n" : "only " + filter + " is logged\n");
}

// From a block on, into the client's file.
Reply exportBlocks(QueryLog& log, CommandCall& call, std::span<const std::string> words) {
  const auto from = words.empty() ? base::Result<std::uint64_t>(0) : parseNumber(words.front(), 0, UINT64_MAX);
  if (!from) return failure(from.error().message);
  const auto source = log.source();
  if (!source) return failure("the query log has not been on");
  const auto written = exportLog(*source, *from, call.file.get());
  return written ? success("") : failure(written.error().message);
}

} // namespace

Reply queryLogCommand(CommandCall& call) {
  QueryLog* const log = call.target.queryLog();
  if (log == nullptr) return failure("there is no query log");
  const std::string action = call.arguments.empty() ? "status" : call.arguments.front();
  const auto words = call.arguments.subspan(call.arguments.empty() ? 0 : 1);
  if (action == "sample") return setSample(call.target, *log, words);
  if (action == "only") return setOnly(call.target, *log, words);
  if (action == "export") return exportBlocks(*log, call, words);
  if (!words.empty()) return failure("querylog " + action + " takes no arguments");
  if (action == "on" || action == "off") return setOn(call.target, *log, action == "on");
  return action == "status" ? success(log->status()) : failure("one of on, off, sample, only and status is needed");
}

} // namespace rec
