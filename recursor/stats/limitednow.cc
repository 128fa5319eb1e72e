// The table of what is limited, and its line in the log.
#include "recursor/stats/limitednow.hh"

#include <algorithm>

#include "lib/base/log.hh"

namespace rec {
namespace {

constexpr std::size_t kMostRows = 1000;
constexpr std::chrono::seconds kLogInterval{30};

} // namespace

std::size_t LimitedNow::CaseHash::operator()(const Case& what) const {
  const std::size_t network = what.network ? what.network->network.hash() + what.network->bits : 0;
  const std::size_t zone = what.zone ? what.zone->hash() : 0;
  return std::hash<std::string_view>{}(what.setting) ^ network * 3 ^ zone * 5 ^ (what.tcp ? 1U : 0U);
}

std::string LimitedNow::text(const Case& what) {
  std::string text = "questions";
  if (what.network) {
    text += " of " + what.network->text() + (what.tcp ? " over TCP" : " over UDP");
  }
  if (what.zone) {
    text += " for names of " + what.zone->text();
  }
  return text + " (" + std::string(what.setting) + ")";
}

// What is over goes; at most once a second when that makes no room.
bool LimitedNow::makeRoom(base::MonoTime now) {
  if (d_rows.size() < kMostRows) {
    return true;
  }
  if (now - d_cleaned < std::chrono::seconds(1)) {
    return false;
  }
  d_cleaned = now;
  std::erase_if(d_rows, [now](const auto& row) { return now - row.second.last > kRecent; });
  return d_rows.size() < kMostRows;
}

void LimitedNow::note(const Case& what, base::MonoTime now, bool inForce) {
  std::string told;
  {
    const std::lock_guard lock(d_mutex);
    const auto known = d_rows.find(what);
    if (known != d_rows.end() && now - known->second.last <= kRecent) {
      ++known->second.count;
      known->second.last = std::max(known->second.last, now);
      return;
    }
    if (known != d_rows.end()) {
      known->second = {what, 1, now, now};
    } else if (makeRoom(now)) {
      d_rows.emplace(what, Row{what, 1, now, now});
    }
    told = line(what, now, inForce);
  }
  if (!told.empty()) {
    base::log(base::LogLevel::Warning, told);
  }
}

// Empty while there was one a moment ago.
std::string LimitedNow::line(const Case& what, base::MonoTime now, bool inForce) {
  if (d_logged != base::MonoTime() && now - d_logged < kLogInterval) {
    ++d_unlogged;
    return {};
  }
  std::string told = (inForce ? "limited: " : "would be limited: ") + text(what);
  if (d_unlogged > 0) {
    told += ", and " + std::to_string(d_unlogged) + " others since the last such line";
  }
  d_logged = now;
  d_unlogged = 0;
  return told + "; `rec_control limits` lists all";
}

std::vector<LimitedNow::Row> LimitedNow::rows(base::MonoTime now) const {
  std::vector<Row> rows;
  {
    const std::lock_guard lock(d_mutex);
    for (const auto& [what, row] : d_rows) {
      if (now - row.last <= kRecent) rows.push_back(row);
    }
  }
  std::ranges::sort(rows, std::ranges::greater(), &Row::count);
  return rows;
}

std::size_t LimitedNow::count(base::MonoTime now) const {
  const std::lock_guard lock(d_mutex);
  return static_cast<std::size_t>(
      std::ranges::count_if(d_rows, [now](const auto& row) { return now - row.second.last <= kRecent; }));
}

} // namespace rec
