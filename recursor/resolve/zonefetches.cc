// Counting the questions to a zone's servers.
#include "recursor/resolve/zonefetches.hh"

namespace rec {

namespace {

bool isLimited(const Delegation& zone, std::uint32_t most) { return most != 0 && !zone.fixed && !zone.zone.isRoot(); }

} // namespace

ZoneFetches::Entry ZoneFetches::enter(const Delegation& zone, const Walk& walk, std::uint32_t most,
                                      base::MonoTime now) {
  const bool isAddress = walk.flight != nullptr;
  const bool isCounted = walk.depth == 0 || isAddress; // else: keys and DS sets, for which all names of a zone wait
  if (!isLimited(zone, most) || !isCounted) {
    return {};
  }
  const std::uint64_t key = zone.zone.hash() ^ (isAddress ? 1 : 0);
  if (!d_counts.enter(key, most)) {
    d_limited.note({.setting = "fetches-per-zone", .zone = zone.zone}, now);
    return {false, Slot()};
  }
  return {true, Slot(d_counts, key)};
}

bool ZoneFetches::isFull(const Delegation& zone, std::uint32_t most) const {
  return isLimited(zone, most) && d_counts.inUse(zone.zone.hash()) >= most;
}

} // namespace rec
