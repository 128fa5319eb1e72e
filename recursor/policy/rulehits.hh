// RuleHits: which rules of a source decide most, in bounded memory. By their hashes rules fall into sets of eight, and
// in each it is Metwally's "space saving": a rule that is not among those counted takes the place of the least one and
// goes on with its count, so that no frequent rule is missed; a count is too high by `over` at most. Thread safe: one
// mutex, which a hit that comes while it is held does not wait for.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

namespace rec {

class RuleHits {
 public:
  struct Rule {
    std::string trigger;
    std::uint64_t hits = 0;
    std::uint64_t over = 0;
  };
  void note(std::string_view trigger);
  [[nodiscard]] std::vector<Rule> top(std::size_t most) const; // most hits first

 private:
  static constexpr std::size_t kSets = 32, kWays = 8;
  struct Set {
    std::array<std::uint64_t, kWays> hashes{};
    std::array<std::uint64_t, kWays> hits{}; // 0: free
    std::array<std::uint64_t, kWays> over{};
    std::array<std::string, kWays> triggers;
  };
  mutable std::mutex d_mutex; // guards d_sets
  std::array<Set, kSets> d_sets;
};

} // namespace rec
