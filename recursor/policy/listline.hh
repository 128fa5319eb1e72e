// A line of a block list: which names and patterns it blocks or exempts. Knows hosts files, plain domains, wildcards,
// the domain rules of ad blockers and regular expressions. Called for each line by listcompiler; allocates nothing.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "recursor/policy/nameset.hh"

namespace rec {

enum class ListFormat : std::uint8_t { Auto, Hosts, Domains, Wildcards, AdBlock, Regex };

[[nodiscard]] std::optional<ListFormat> parseListFormat(std::string_view word); // "auto", "hosts", ...
[[nodiscard]] std::string_view text(ListFormat format);

// Where the rules of a line go.
class RuleSink {
 public:
  virtual ~RuleSink() = default;
  virtual bool name(std::string_view name, RuleKind kind) = 0; // false: it is no name
  virtual bool pattern(std::string_view regex, bool allowing) = 0;
};

enum class LineMeaning : std::uint8_t {
  Nothing, // empty, or a comment
  Rules,
  Skipped, // a rule that means nothing to DNS: of parts of URLs or pages, or of some requests only
  Malformed
};

// `line` has no newline. Auto tells by each line what it is.
LineMeaning readListLine(std::string_view line, ListFormat format, RuleSink& sink);

} // namespace rec
