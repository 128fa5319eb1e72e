// Regular expressions by RE2: linear time, bounded memory, no backtracking, whatever the list says.
#include "recursor/policy/patterns.hh"

#include <re2/re2.h>
#include <re2/set.h>

#include <algorithm>

namespace rec {
namespace {

constexpr std::int64_t kMemoryEach = 1 << 16, kMemoryAll = 16 << 20;

RE2::Options options(std::int64_t memory) {
  RE2::Options made(RE2::Quiet);
  made.set_case_sensitive(false);
  made.set_never_capture(true);
  made.set_encoding(RE2::Options::EncodingLatin1);
  made.set_max_mem(memory);
  return made;
}

re2::StringPiece piece(std::string_view text) { return {text.data(), text.size()}; }

} // namespace

class Patterns::Impl {
 public:
  explicit Impl(std::vector<std::string> written)
      : patterns(std::move(written)), set(options(kMemoryAll), RE2::UNANCHORED) {}
  std::vector<std::string> patterns;
  RE2::Set set;
};

Patterns::Patterns(std::unique_ptr<const Impl> impl) : d_impl(std::move(impl)) {}
Patterns::~Patterns() = default;

base::Result<void> Patterns::check(std::string_view pattern) {
  if (pattern.empty() || pattern.size() > kLongest) {
    return base::Error{"a pattern has 1 to " + std::to_string(kLongest) + " characters"};
  }
  const RE2 compiled(piece(pattern), options(kMemoryEach));
  return compiled.ok() ? base::Result<void>() : base::Error{compiled.error()};
}

base::Result<std::shared_ptr<const Patterns>> Patterns::compile(std::vector<std::string> patterns) {
  auto impl = std::make_unique<Impl>(std::move(patterns));
  for (const std::string& pattern : impl->patterns) {
    std::string reason;
    if (impl->set.Add(piece(pattern), &reason) < 0) {
      return base::Error{"/" + pattern + "/: " + reason};
    }
  }
  if (!impl->set.Compile()) {
    return base::Error{"the patterns take too much memory"};
  }
  return std::make_shared<const Patterns>(std::move(impl));
}

std::optional<std::string_view> Patterns::match(std::string_view name) const {
  std::vector<int> found;
  if (!d_impl->set.Match(piece(name), &found) || found.empty()) {
    return std::nullopt;
  }
  return d_impl->patterns[static_cast<std::size_t>(*std::min_element(found.begin(), found.end()))];
}

std::size_t Patterns::size() const { return d_impl->patterns.size(); }

} // namespace rec
