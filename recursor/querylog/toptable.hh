// TopTable: counts keys in bounded memory (space saving): once there are too many, the rarest half goes, and whoever
// comes later begins with what those had at most. So a count is never too low, and it is known by how much it may be
// too high. With Mode::Most the highest value of a key is kept instead of the sum. Used by summaries, one table a
// thread.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace rec {

class TopTable {
 public:
  enum class Mode : std::uint8_t { Sum, Most };
  struct Count {
    std::uint64_t value = 0, atMostTooMany = 0;
  };
  explicit TopTable(Mode mode, std::size_t mostKeys = std::size_t{1} << 20) : d_mode(mode), d_mostKeys(mostKeys) {}

  void add(std::string_view key, std::uint64_t value);
  // What another one counted, too.
  void merge(const TopTable& other);
  // The highest first; of equal ones the lower key.
  [[nodiscard]] std::vector<std::pair<std::string, Count>> top(std::size_t rows) const;
  [[nodiscard]] std::size_t size() const { return d_counts.size(); }

 private:
  struct Hash {
    using is_transparent = void;
    std::size_t operator()(std::string_view key) const { return std::hash<std::string_view>{}(key); }
  };
  void prune();

  Mode d_mode;
  std::size_t d_mostKeys;
  std::uint64_t d_floor = 0; // no key that is not there has more
  std::unordered_map<std::string, Count, Hash, std::equal_to<>> d_counts;
};

} // namespace rec
