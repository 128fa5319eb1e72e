// The words of `rec_control log`, where the log is, and the three things to do with it.
#include "recursor/control/logcommand.hh"

#include <unistd.h>

#include <chrono>
#include <cstdio>
#include <deque>
#include <thread>

#include "lib/base/exacttime.hh"
#include "recursor/config/configuration.hh"
#include "recursor/config/values.hh"
#include "recursor/control/logoutput.hh"
#include "recursor/control/logprogress.hh"
#include "recursor/querylog/logexport.hh"
#include "recursor/querylog/memorylog.hh"

namespace rec {
namespace {

using base::Error;
using base::Result;

constexpr std::size_t kDefaultLimit = 100;
constexpr std::chrono::milliseconds kFollowPause{200};
constexpr std::chrono::seconds kPatience{30}; // with a recursor that exports
constexpr std::uint64_t kEverything = UINT64_MAX;

enum class What : std::uint8_t { Search, Follow, Top, Histogram };

struct Options {
  What what = What::Search;
  LogFormat format = LogFormat::Table;
  std::size_t limit = kDefaultLimit; // 0: all
  bool newestFirst = false;
  TopOptions top;
  std::int64_t step = 0; // of a histogram
  std::string path;
  LogFilter filter;
};

Result<std::uint64_t> numberOf(std::string_view option, std::string_view text, std::uint64_t most) {
  const auto number = parseNumber(text, 0, most);
  return number ? number : Error{std::string(option) + ": " + number.error().message};
}

// "1m", "30s": the filter's own words for a time that is over.
Result<std::int64_t> stepOf(std::string_view text) {
  const auto filter = LogFilter::parse("since=-" + std::string(text), 0);
  if (!filter || !filter->since || *filter->since >= 0)
    return Error{"--step: '" + std::string(text) + "' is no time, as 30s"};
  return -*filter->since;
}

Result<void> takeNumber(Options& options, std::string_view key, std::string_view value) {
  const auto number = numberOf(key, value, key == "--labels" ? 127 : 1'000'000'000);
  if (!number) return number.error();
  if (key == "--limit") options.limit = *number;
  if (key == "--rows") options.top.rows = *number;
  if (key == "--labels") options.top.suffixLabels = static_cast<unsigned>(*number);
  return {};
}

Result<void> takeOption(Options& options, std::string_view word) {
  const std::size_t equals = word.find('=');
  const std::string_view key = word.substr(0, equals);
  const std::string_view value = equals == std::string_view::npos ? std::string_view() : word.substr(equals + 1);
  if (key == "--json")
    options.format = LogFormat::Json;
  else if (key == "--csv")
    options.format = LogFormat::Csv;
  else if (key == "--table")
    options.format = LogFormat::Table;
  else if (key == "--newest-first")
    options.newestFirst = true;
  else if (key == "--follow")
    options.what = What::Follow;
  else if (key == "--path")
    options.path = value;
  else if (key == "--limit" || key == "--rows" || key == "--labels")
    return takeNumber(options, key, value);
  else if (key == "--step") {
    const auto step = stepOf(value);
    if (!step) return step.error();
    options.step = *step;
  } else
    return Error{"'" + std::string(word) + "': unknown option, see 'rec_control log --help'"};
  return {};
}

// What comes before the filters: nothing, top and its key, or histogram.
Result<std::size_t> takeAction(Options& options, const std::vector<std::string>& words) {
  if (!words.empty() && words[0] == "histogram") {
    options.what = What::Histogram;
    return std::size_t{1};
  }
  if (words.empty() || words[0] != "top") return std::size_t{0};
  const auto key = words.size() > 1 ? parseLogKey(words[1]) : std::nullopt;
  if (!key) return Error{"log top: one of " + logKeyWords() + " is needed"};
  options.what = What::Top;
  options.top.key = *key;
  return std::size_t{2};
}

Result<Options> optionsOf(const std::vector<std::string>& words) {
  Options options;
  const auto begin = takeAction(options, words);
  if (!begin) return begin.error();
  std::vector<std::string> filters;
  for (std::size_t i = *begin; i < words.size(); ++i) {
    if (!words[i].starts_with("--")) {
      filters.push_back(words[i]);
    } else if (const auto taken = takeOption(options, words[i]); !taken) {
      return taken.error();
    }
  }
  auto filter = LogFilter::parse(filters, base::wallMicros());
  if (!filter) return filter.error();
  options.filter = std::move(*filter);
  return options;
}

// ---- where it is

// The recursor's blocks from one on, into a log of our own.
Result<void> fetch(const CommandLine& line, MemoryLog& into, std::uint64_t from) {
  const auto socket = connectToRecursor(line);
  if (!socket) return Error{"query-log-path is not set, so the log is in the recursor: " + socket.error().message};
  std::FILE* file = std::tmpfile();
  if (file == nullptr) return Error{"a temporary file cannot be made"};
  const base::Fd descriptor(::dup(::fileno(file)));
  std::fclose(file);
  const auto reply =
      askRecursor(socket->get(), {"querylog", "export", std::to_string(from)}, descriptor.get(), kPatience);
  if (!reply) return reply.error();
  return reply->status == 0 ? importLog(descriptor.get(), into) : Error{reply->text.substr(0, reply->text.find('\n'))};
}

struct Log {
  BlockSourcePtr source;
  std::shared_ptr<MemoryLog> memory; // null: a folder
};

Result<Log> findLog(const CommandLine& line, const Options& options) {
  std::string path = options.path;
  if (path.empty()) {
    const auto configuration = loadConfiguration(line);
    if (!configuration) return configuration.error();
    path = (*configuration)->settings->queryLogPath;
  }
  if (path.empty()) {
    Log log;
    log.memory = std::make_shared<MemoryLog>(kEverything);
    if (const auto fetched = fetch(line, *log.memory, 0); !fetched) return fetched.error();
    log.source = log.memory;
    return log;
  }
  auto source = openLog(path);
  if (!source) return source.error();
  return Log{*source, nullptr};
}

// ---- what to do

Result<int> search(Log& log, const Options& options, LogOutput& output) {
  ProgressBar bar;
  std::deque<LogRecord> newest; // in order, when the oldest of them comes first
  std::size_t left = options.limit == 0 ? SIZE_MAX : options.limit;
  const bool turned = options.limit != 0 && !options.newestFirst;
  const auto take = [&](const LogRecord& record) {
    if (turned) {
      newest.push_front(record);
    } else {
      bar.clear();
      output.put(record);
    }
    return --left > 0 && output.isGood();
  };
  const LogReader::Order order{.newestFirst = turned || options.newestFirst};
  const auto done = LogReader(*log.source).search(options.filter, order, take, bar.call());
  bar.clear();
  if (!done) return done.error();
  for (const LogRecord& record : newest) output.put(record);
  if (done->damaged != 0)
    std::fprintf(stderr, "%llu damaged blocks were left out\n", static_cast<unsigned long long>(done->damaged));
  return 0;
}

// Until it is interrupted, or nobody reads it.
Result<int> follow(const CommandLine& line, Log& log, const Options& options, LogOutput& output) {
  auto follower = LogFollower::make(*log.source);
  if (!follower) return follower.error();
  while (output.isGood()) {
    const auto next = follower->next(options.filter, [&output](const LogRecord& record) { output.put(record); });
    if (!next) return next.error();
    output.flush();
    std::this_thread::sleep_for(kFollowPause);
    if (log.memory) {
      const auto fetched = fetch(line, *log.memory, log.memory->nextId() - 1);
      if (!fetched) return fetched.error();
    }
  }
  return 0;
}

Result<int> sumUp(Log& log, const Options& options, LogOutput& output) {
  ProgressBar bar;
  if (options.what == What::Histogram) {
    const auto histogram = histogramOf(*log.source, options.filter, options.step, bar.call());
    bar.clear();
    if (!histogram) return histogram.error();
    output.put(*histogram);
    return 0;
  }
  const auto list = topOf(*log.source, options.filter, options.top, bar.call());
  bar.clear();
  if (!list) return list.error();
  output.put(*list, options.top.key);
  return 0;
}

} // namespace

const char* logUsage() {
  return "rec_control log [FILTER...] [--limit=N] [--newest-first] [--follow]\n"
         "rec_control log top names|clients|suffixes|types|rcodes|kinds|policies|blocked|slow [FILTER...] [--rows=N] "
         "[--labels=N]\n"
         "rec_control log histogram [FILTER...] [--step=TIME]\n"
         "with each: [--table|--json|--csv] [--path=FOLDER]\n\n"
         "Shows what the query log has: the newest 100 questions that match, or N, or all with --limit=0; those that\n"
         "come from now on; the commonest; how many there were over time.\n\n"
         "FILTER is KEY=VALUE[,VALUE...]; all of them must match:\n"
         "  since, until   -15m, -2h, -7d, 2026-01-31, 2026-01-31T12:00 (UTC), seconds since 1970\n"
         "  name, suffix   exactly; or anything below it, too\n"
         "  client, net    an address or a network\n"
         "  type, rcode    AAAA; NXDOMAIN\n"
         "  kind           packetcache recordcache iterated forwarded local policy script stale failure cachedfailure\n"
         "                 dropped\n"
         "  transport      udp, tcp\n"
         "  security       secure, insecure, bogus, unknown\n"
         "  policy         the list or zone that decided; * is any\n"
         "  tag            of a policy or script\n"
         "  slower         100ms, 2s\n"
         "  ede            the number of an extended error\n";
}

Result<int> logCommand(ClientCall& call) {
  if (!call.arguments.empty() && (call.arguments[0] == "--help" || call.arguments[0] == "help")) {
    std::fputs(logUsage(), stdout);
    return 0;
  }
  const auto options = optionsOf(call.arguments);
  if (!options) return options.error();
  auto log = findLog(call.line, *options);
  if (!log) return log.error();
  LogOutput output(options->format, stdout);
  switch (options->what) {
  case What::Search: return search(*log, *options, output);
  case What::Follow: return follow(call.line, *log, *options, output);
  case What::Top:
  case What::Histogram: break;
  }
  return sumUp(*log, *options, output);
}

} // namespace rec
