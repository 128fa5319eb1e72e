// The screen of rec_control top, as lines of text: made from two readings of all metrics, so that rates are those
// between them. Pure: asks nobody and prints nothing.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "recursor/stats/statistics.hh"

namespace rec {

struct TopReading {
  double seconds = 0; // when, on any clock that does not jump
  Statistics::Values values;
};

struct TopView {
  TopReading before; // without values: rates are those since the start of the recursor
  TopReading now;
  std::string version;
  std::vector<std::string> names, clients; // rows of top-queries and top-remotes: "12.34%\twww.example.com|A"
  std::string trouble;                     // said in place of the first line's end
};

// get-all's text.
[[nodiscard]] Statistics::Values parseMetrics(std::string_view text);
// The rows of a top-* command without its first line and the rest.
[[nodiscard]] std::vector<std::string> topRows(std::string_view text);

// At most `height` lines of at most `width` characters; the names and clients have what is left.
[[nodiscard]] std::vector<std::string> topScreen(const TopView& view, std::size_t width, std::size_t height);

} // namespace rec
