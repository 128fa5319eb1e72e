// Patterns: the regular expressions of a list, all tried at once in time linear in the name (RE2; patterns.cc is the
// only file that includes it). Immutable; looked into from all threads.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "lib/base/result.hh"

namespace rec {

class Patterns {
 public:
  static constexpr std::size_t kMost = 1000; // of a list
  static constexpr std::size_t kLongest = 500;

  // Blocking and exempting ones are two of these. Case is ignored; names are matched without their final dot.
  static base::Result<std::shared_ptr<const Patterns>> compile(std::vector<std::string> patterns);
  // Whether this one can be compiled.
  [[nodiscard]] static base::Result<void> check(std::string_view pattern);

  // The first pattern, in their order, that is found in the name.
  [[nodiscard]] std::optional<std::string_view> match(std::string_view name) const;
  [[nodiscard]] std::size_t size() const;

  class Impl;
  explicit Patterns(std::unique_ptr<const Impl> impl);
  ~Patterns();
  Patterns(const Patterns&) = delete;
  Patterns& operator=(const Patterns&) = delete;

 private:
  std::unique_ptr<const Impl> d_impl;
};

} // namespace rec
