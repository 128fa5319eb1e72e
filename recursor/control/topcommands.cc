// The text of top-*: see topcommands.hh.
#include "recursor/control/topcommands.hh"

#include <array>
#include <cstdio>

namespace rec {
namespace {

std::string line(std::uint64_t count, std::uint64_t total, const std::string& what) {
  std::array<char, 32> share;
  std::snprintf(share.data(), share.size(), "%.02f%%\t",
                100.0 * static_cast<double>(count) / static_cast<double>(total));
  return share.data() + what + "\n";
}

} // namespace

std::string topText(const TopList& list) {
  std::string text = "Over last " + std::to_string(list.total) + " entries:\n";
  if (list.total == 0) return text;
  std::uint64_t rest = list.total;
  for (const TopRow& row : list.rows) {
    text += line(row.count, list.total, row.text);
    rest -= row.count;
  }
  return text + "\n" + line(rest, list.total, "rest");
}

} // namespace rec
