// Host: the files below /proc and /sys that checks look at. Below another folder in tests, and where the files of one
// machine are looked at on another. Reads only.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace rec {

class Host {
 public:
  // `root`: the folder that "/" stands for; empty is this machine.
  explicit Host(std::string root = {}) : d_root(std::move(root)) {}

  // Without blanks at the ends; nothing when it cannot be read.
  [[nodiscard]] std::optional<std::string> read(const std::string& path) const;
  // The first number in it; too large ones, and "unlimited", are the largest there is.
  [[nodiscard]] std::optional<std::uint64_t> number(const std::string& path) const;
  [[nodiscard]] std::vector<std::string> list(const std::string& folder) const; // names, sorted
  [[nodiscard]] bool exists(const std::string& path) const;
  [[nodiscard]] std::size_t cpus() const; // at least 1

 private:
  std::string d_root;
};

} // namespace rec
