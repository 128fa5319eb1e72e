// TraceFilter: which names trace-regex traces, and where the lines go: the client's descriptor, or the log. Immutable;
// every worker may match and write.
#pragma once

#include <regex.h>

#include <memory>
#include <string>
#include <string_view>

#include "lib/base/fd.hh"
#include "lib/base/result.hh"
#include "lib/dns/name.hh"

namespace rec {

class TraceFilter {
 public:
  // `expression` is a POSIX extended regular expression, case-insensitive. Without a descriptor lines go to the log.
  static base::Result<std::shared_ptr<const TraceFilter>> make(const std::string& expression, base::Fd descriptor);
  ~TraceFilter();
  TraceFilter(const TraceFilter&) = delete;
  TraceFilter& operator=(const TraceFilter&) = delete;

  // Looks anywhere in the presentation format, final dot included.
  [[nodiscard]] bool matches(const dns::Name& name) const;
  // Writes text that ends in a newline. Never waits: what a slow reader does not take is dropped.
  void write(std::string_view lines) const;

 private:
  TraceFilter() = default;
  base::Fd d_descriptor;
  regex_t d_regex{};
};

} // namespace rec
