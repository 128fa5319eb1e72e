// Counting the failures of a name server's name; the count lives as long as the throttling would.
#include "recursor/resolve/nonresolving.hh"

#include <algorithm>

namespace rec {
namespace {

constexpr std::size_t kMaxEntries = 10'000;

} // namespace

bool NonResolving::isThrottled(const dns::Name& server, const Options& options, base::MonoTime now) {
  const auto it = d_entries.find(server);
  if (it == d_entries.end()) {
    return false;
  }
  if (it->second.until <= now) {
    d_entries.erase(it);
    d_count = d_entries.size();
    return false;
  }
  return it->second.fails >= options.maxFails;
}

void NonResolving::reportFailure(const dns::Name& server, const Options& options, base::MonoTime now) {
  const bool exempt = std::any_of(options.exempt.begin(), options.exempt.end(),
                                  [&](const dns::Name& name) { return server.isWithin(name); });
  if (options.maxFails == 0 || exempt) {
    return;
  }
  if (d_entries.size() >= kMaxEntries || now >= d_nextSweep) {
    std::erase_if(d_entries, [&](const auto& entry) { return entry.second.until <= now; });
    d_nextSweep = now + options.throttleTime;
  }
  if (d_entries.size() >= kMaxEntries) {
    d_entries.erase(d_entries.begin());
  }
  Entry& entry = d_entries[server];
  ++entry.fails;
  entry.until = now + options.throttleTime;
  d_count = d_entries.size();
}

std::vector<NonResolving::Row> NonResolving::rows(base::MonoTime now) const {
  std::vector<Row> rows;
  for (const auto& [server, entry] : d_entries) {
    if (entry.until > now) {
      rows.push_back({server, entry.fails, std::chrono::ceil<std::chrono::seconds>(entry.until - now)});
    }
  }
  std::ranges::sort(rows, {}, &Row::server);
  return rows;
}

void NonResolving::reportSuccess(const dns::Name& server) {
  d_entries.erase(server);
  d_count = d_entries.size();
}

} // namespace rec
