// Times of the week.
#include "recursor/policy/schedule.hh"

#include <algorithm>
#include <array>
#include <ctime>
#include <optional>

#include "recursor/config/values.hh"

namespace rec {
namespace {

constexpr std::uint16_t kDay = 24 * 60;
constexpr std::array<std::string_view, 7> kDays{"sun", "mon", "tue", "wed", "thu", "fri", "sat"};

std::optional<unsigned> dayOf(std::string_view word) {
  const auto at = std::find(kDays.begin(), kDays.end(), word);
  return at == kDays.end() ? std::nullopt : std::optional(static_cast<unsigned>(at - kDays.begin()));
}

// "mon-fri", "sat".
std::optional<std::uint8_t> daysOf(std::string_view range) {
  const auto dash = range.find('-');
  const auto first = dayOf(range.substr(0, dash));
  const auto last = dash == std::string_view::npos ? first : dayOf(range.substr(dash + 1));
  if (!first || !last) {
    return std::nullopt;
  }
  unsigned days = 0;
  for (unsigned day = *first;; day = (day + 1) % 7) {
    days |= 1U << day;
    if (day == *last) {
      return static_cast<std::uint8_t>(days);
    }
  }
}

std::optional<std::uint16_t> minuteOf(std::string_view time) {
  const auto colon = time.find(':');
  const auto hours = parseNumber(time.substr(0, colon), 0, 24);
  const auto minutes =
      colon == std::string_view::npos ? base::Result<std::uint64_t>(0) : parseNumber(time.substr(colon + 1), 0, 59);
  if (!hours || !minutes || *hours * 60 + *minutes > kDay) {
    return std::nullopt;
  }
  return static_cast<std::uint16_t>(*hours * 60 + *minutes);
}

} // namespace

base::Result<Schedule::Span> Schedule::parseSpan(std::string_view text) {
  Span span;
  unsigned days = 0;
  bool hasTimes = false;
  for (const std::string_view word : split(text, kListSeparators)) {
    if (const auto some = daysOf(word); some && !hasTimes) {
      days |= *some;
      continue;
    }
    const auto dash = word.find('-');
    const auto begin = minuteOf(word.substr(0, dash));
    const auto end = dash == std::string_view::npos ? std::nullopt : minuteOf(word.substr(dash + 1));
    if (!begin || !end || hasTimes) {
      return base::Error{"'" + std::string(word) + "' is neither days (mon-fri) nor times (08:00-16:00)"};
    }
    span.begin = *begin;
    span.end = static_cast<std::uint16_t>(*end + (*end <= *begin ? kDay : 0));
    hasTimes = true;
  }
  span.days = static_cast<std::uint8_t>(days == 0 ? 0x7F : days);
  return span;
}

base::Result<Schedule> Schedule::parse(std::string_view text) {
  Schedule schedule;
  schedule.d_text = trim(text);
  for (const std::string_view part : split(text, ";")) {
    if (trim(part).empty()) {
      continue;
    }
    const auto span = parseSpan(part);
    if (!span) {
      return span.error();
    }
    schedule.d_spans.push_back(*span);
  }
  return schedule;
}

bool Schedule::contains(base::WallTime now) const {
  if (always()) {
    return true;
  }
  const std::time_t seconds = now.time_since_epoch().count();
  std::tm local{};
  ::localtime_r(&seconds, &local);
  const auto minute = static_cast<unsigned>(local.tm_hour * 60 + local.tm_min);
  const auto today = static_cast<unsigned>(local.tm_wday), yesterday = (today + 6) % 7;
  return std::any_of(d_spans.begin(), d_spans.end(), [&](const Span& span) {
    const bool begunToday = (span.days >> today & 1U) != 0 && minute >= span.begin && minute < span.end;
    return begunToday || ((span.days >> yesterday & 1U) != 0 && minute + kDay < span.end);
  });
}

} // namespace rec
