// Schedule: at which times of the week a block list is in force. Local time of the machine (TZ). Immutable.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "lib/base/clock.hh"
#include "lib/base/result.hh"

namespace rec {

class Schedule {
 public:
  // "mon-fri 08:00-16:00; sat,sun 22:00-06:00; 12:00-13:00": days, then times; without days every day is meant, without
  // times the whole day. An end that is not after the beginning is on the next day.
  static base::Result<Schedule> parse(std::string_view text);

  [[nodiscard]] bool always() const { return d_spans.empty(); }
  [[nodiscard]] bool contains(base::WallTime now) const;
  [[nodiscard]] const std::string& text() const { return d_text; } // as written

 private:
  struct Span {
    std::uint8_t days = 0x7F;               // bit 0 is Sunday
    std::uint16_t begin = 0, end = 24 * 60; // minutes; the end may be on the next day
  };
  static base::Result<Span> parseSpan(std::string_view text);

  std::vector<Span> d_spans;
  std::string d_text;
};

} // namespace rec
