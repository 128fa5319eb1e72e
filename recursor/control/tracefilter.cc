// Names to trace: see tracefilter.hh.
#include "recursor/control/tracefilter.hh"

#include <limits.h>
#include <poll.h>
#include <unistd.h>

#include <algorithm>

#include "lib/base/log.hh"

namespace rec {

base::Result<std::shared_ptr<const TraceFilter>> TraceFilter::make(const std::string& expression, base::Fd descriptor) {
  // Compiled apart, so that the destructor frees only what compiled.
  regex_t compiled{};
  if (::regcomp(&compiled, expression.c_str(), REG_EXTENDED | REG_ICASE | REG_NOSUB) != 0) {
    return base::Error{"Regular expression did not compile"};
  }
  std::shared_ptr<TraceFilter> filter(new TraceFilter);
  filter->d_regex = compiled;
  filter->d_descriptor = std::move(descriptor);
  return std::shared_ptr<const TraceFilter>(std::move(filter));
}

TraceFilter::~TraceFilter() { ::regfree(&d_regex); }

bool TraceFilter::matches(const dns::Name& name) const {
  return ::regexec(&d_regex, name.text().c_str(), 0, nullptr, 0) == 0;
}

void TraceFilter::write(std::string_view lines) const {
  while (!lines.empty() && !d_descriptor.valid()) {
    const auto end = std::min(lines.find('\n'), lines.size());
    base::log(base::LogLevel::Notice, lines.substr(0, end));
    lines.remove_prefix(std::min(end + 1, lines.size()));
  }
  while (!lines.empty()) {
    // A pipe that polls writable takes PIPE_BUF octets without waiting (POSIX); files take everything.
    pollfd ready{d_descriptor.get(), POLLOUT, 0};
    if (::poll(&ready, 1, 0) != 1 || (ready.revents & POLLOUT) == 0) return;
    const auto written = ::write(d_descriptor.get(), lines.data(), std::min<std::size_t>(lines.size(), PIPE_BUF));
    if (written <= 0) return;
    lines.remove_prefix(static_cast<std::size_t>(written));
  }
}

} // namespace rec
