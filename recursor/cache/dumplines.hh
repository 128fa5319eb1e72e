// Printing of cache dumps: lines with a comment behind each. Called by the caches' dump functions, without any lock.
#pragma once

#include <cstdio>
#include <string_view>

namespace rec {

// Each line of `text` followed by " ; " and `note`.
inline void writeNoted(std::FILE* out, std::string_view text, std::string_view note) {
  while (!text.empty()) {
    const std::size_t end = text.find('\n');
    const std::string_view line = text.substr(0, end);
    std::fprintf(out, "%.*s ; %.*s\n", static_cast<int>(line.size()), line.data(), static_cast<int>(note.size()),
                 note.data());
    text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
  }
}

} // namespace rec
