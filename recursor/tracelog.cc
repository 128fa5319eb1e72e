// Choosing questions to trace, and writing their walks line by line.
#include "recursor/tracelog.hh"

#include <string>

#include "lib/base/log.hh"
#include "recursor/resolve/trace.hh"

namespace rec {

TraceLog::Mode TraceLog::modeOf(std::string_view setting) {
  if (setting == "fail") {
    return Mode::Failures;
  }
  return setting == "yes" || setting == "on" ? Mode::All : Mode::Off;
}

void TraceLog::setMode(Mode mode) {
  const std::lock_guard lock(d_mutex);
  d_mode = mode;
  d_active = mode != Mode::Off || d_filter != nullptr;
}

void TraceLog::setFilter(std::shared_ptr<const TraceFilter> filter) {
  const std::lock_guard lock(d_mutex);
  d_filter = std::move(filter);
  d_active = d_mode != Mode::Off || d_filter != nullptr;
}

std::shared_ptr<const TraceFilter> TraceLog::filterFor(const dns::Name& name) {
  std::shared_ptr<const TraceFilter> filter;
  {
    const std::lock_guard lock(d_mutex);
    filter = d_filter;
  }
  return filter && filter->matches(name) ? filter : nullptr;
}

std::shared_ptr<Trace> TraceLog::begin(const dns::Question& question, base::MonoTime now) {
  if (!d_active.load(std::memory_order_relaxed) || (d_mode == Mode::Off && !filterFor(question.name))) {
    return nullptr;
  }
  return std::make_shared<Trace>(now);
}

void TraceLog::end(const dns::Question& question, const Trace& trace, const Outcome& outcome) {
  const auto filter = filterFor(question.name);
  const bool failed = outcome.rcode == dns::RCode::ServFail;
  if (!filter && !(d_mode == Mode::All || (d_mode == Mode::Failures && failed))) {
    return;
  }
  const std::string head = "trace of " + question.name.text() + "|" + dns::text(question.type);
  std::vector<std::string> lines = trace.describe();
  lines.insert(lines.begin(), head + ":");
  lines.push_back(head + " ends: " + dns::text(outcome.rcode));
  for (const std::string& line : lines) {
    if (filter) {
      filter->write(line + "\n");
    } else {
      base::log(base::LogLevel::Notice, line);
    }
  }
}

} // namespace rec
