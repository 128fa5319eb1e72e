// get-upstreams: a table of fixed columns.
#include "recursor/control/upstreamcommands.hh"

#include <array>
#include <cstdio>

namespace rec {
namespace {

double milliseconds(std::chrono::microseconds time) { return static_cast<double>(time.count()) / 1000; }

std::string rowOf(const UpstreamResolver& upstream) {
  const UpstreamResolver::View view = upstream.view();
  const UpstreamResolver::Totals totals = upstream.totals();
  const char* state = upstream.loops() ? "loops" : view.down ? "down" : view.known ? "up" : "unknown";
  std::array<char, 256> line;
  std::snprintf(
      line.data(), line.size(), "%-40s %-8s %9.1f %9.1f %6.1f %10llu %10llu %9llu %8llu %8llu %10llu %7llu %6u\n",
      upstream.endpoint().text().c_str(), state, milliseconds(view.usual), milliseconds(view.p95), view.lateness * 100,
      static_cast<unsigned long long>(totals.asked), static_cast<unsigned long long>(totals.useful),
      static_cast<unsigned long long>(totals.useless), static_cast<unsigned long long>(totals.failed),
      static_cast<unsigned long long>(totals.late), static_cast<unsigned long long>(totals.cancelled),
      static_cast<unsigned long long>(totals.probes), view.underWay);
  return line.data();
}

} // namespace

Reply getUpstreams(CommandCall& call) {
  std::array<char, 256> head;
  std::snprintf(head.data(), head.size(), "%-40s %-8s %9s %9s %6s %10s %10s %9s %8s %8s %10s %7s %6s\n", "upstream",
                "state", "usual-ms", "p95-ms", "late-%", "asked", "answered", "useless", "failed", "late", "cancelled",
                "probes", "now");
  std::string text = head.data();
  for (const UpstreamPtr& upstream : call.target.upstreams()) {
    text += rowOf(*upstream);
  }
  return success(std::move(text));
}

} // namespace rec
