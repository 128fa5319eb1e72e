// Precedence of positive and negative anchors (RFC 7646), and the making of snapshots from the sources.
#include "recursor/trust/trustanchors.hh"

#include <array>

#include "recursor/config/luaconfig.hh"

namespace rec {
namespace {

constexpr std::uint32_t kAnchorTtl = 86400; // of anchors as records; nothing expires by it

bool isAlive(const NegativeAnchor& anchor, base::WallTime now) { return !anchor.until || *anchor.until > now; }

// The entry of the deepest name at or above `name` that `isWanted` likes; null when there is none.
template <typename Map, typename Wanted>
const typename Map::value_type* deepest(const Map& map, const dns::Name& name, Wanted isWanted) {
  for (std::size_t labels = map.empty() ? 0 : name.labelCount() + 1; labels > 0; --labels) {
    const auto found = map.find(name.suffix(labels - 1));
    if (found != map.end() && isWanted(found->second)) return &*found;
  }
  return nullptr;
}

const auto kAny = [](const auto&) { return true; };

dns::RRset merged(const dns::Name& zone, std::span<const dns::RRset> sets) {
  dns::RRsetBuilder builder(zone, dns::RRType::DS, dns::RRClass::IN, kAnchorTtl);
  for (const dns::RRset& set : sets) {
    if (!set) continue;
    for (const auto rdata : set.rdatas()) builder.add(rdata);
  }
  return builder.count() > 0 ? builder.build() : dns::RRset();
}

bool isSame(const dns::RRset& a, const dns::RRset& b) { return a && b ? a.sameData(b) : !a && !b; }

// The names whose values differ, or that only one of the maps has.
template <typename Map, typename Same>
void addDifferences(const Map& before, const Map& after, Same same, std::vector<dns::Name>& names) {
  for (const auto& [name, value] : before) {
    const auto found = after.find(name);
    if (found == after.end() || !same(value, found->second)) names.push_back(name);
  }
  for (const auto& [name, value] : after) {
    if (!before.contains(name)) names.push_back(name);
  }
}

} // namespace

const dns::RRset* AnchorSnapshot::anchorFor(const dns::Name& name, base::WallTime now) const {
  const auto* found = deepest(positive, name, kAny);
  if (found == nullptr) return nullptr;
  const auto* waived = deepest(negative, name, [now](const NegativeAnchor& anchor) { return isAlive(anchor, now); });
  const bool isWaived = waived != nullptr && waived->first.labelCount() >= found->first.labelCount();
  return isWaived ? nullptr : &found->second;
}

const std::pair<const dns::Name, NegativeAnchor>* AnchorSnapshot::waivedBy(const dns::Name& name,
                                                                           base::WallTime now) const {
  const auto* waived = deepest(negative, name, [now](const NegativeAnchor& anchor) { return isAlive(anchor, now); });
  if (waived == nullptr) return nullptr;
  const auto* found = deepest(positive, name, kAny);
  return found != nullptr && found->first.labelCount() > waived->first.labelCount() ? nullptr : waived;
}

TrustAnchors::TrustAnchors(AnchorSnapshot initial, Sets fromFile)
    : d_given(std::move(initial.positive)), d_file(std::move(fromFile)),
      d_snapshot(std::make_shared<const AnchorSnapshot>()) {
  static_cast<void>(publish(std::move(initial.negative)));
}

void TrustAnchors::onChange(std::function<void(const dns::Name&)> hook) { d_onChange = std::move(hook); }

TrustAnchors::Snapshot TrustAnchors::snapshot() const {
  const std::lock_guard lock(d_mutex);
  return d_snapshot;
}

TrustAnchors::Changed TrustAnchors::publish(std::map<dns::Name, NegativeAnchor> negative) {
  auto next = std::make_shared<AnchorSnapshot>();
  next->negative = std::move(negative);
  for (const Sets* source : {&d_given, &d_file, &d_control}) {
    for (const auto& [zone, set] : *source) {
      const std::array sets{next->positive[zone], set};
      next->positive[zone] = merged(zone, sets);
    }
  }
  std::erase_if(next->positive, [](const auto& entry) { return !entry.second; });
  Changed changed;
  addDifferences(d_snapshot->positive, next->positive, isSame, changed);
  addDifferences(d_snapshot->negative, next->negative, std::equal_to<>(), changed);
  d_snapshot = std::move(next);
  d_generation.fetch_add(1, std::memory_order_release);
  return changed;
}

void TrustAnchors::tell(const Changed& changed) const {
  if (!d_onChange) return;
  for (const dns::Name& zone : changed) d_onChange(zone);
}

base::Result<void> TrustAnchors::add(const dns::Name& zone, std::string_view ds) {
  const auto anchor = TrustAnchor::parse(ds);
  if (!anchor) return anchor.error();
  dns::RRsetBuilder builder(zone, dns::RRType::DS, dns::RRClass::IN, kAnchorTtl);
  builder.add(anchor->rdata());
  std::unique_lock lock(d_mutex);
  const std::array sets{d_control[zone], builder.build()};
  d_control[zone] = merged(zone, sets);
  const Changed changed = publish(d_snapshot->negative);
  lock.unlock();
  tell(changed);
  return {};
}

bool TrustAnchors::replace(const dns::Name& zone, const dns::RRset& ds) {
  std::unique_lock lock(d_mutex);
  const auto given = d_given.find(zone);
  if (given == d_given.end()) return false;
  if (ds) {
    given->second = ds;
  } else {
    d_given.erase(given);
  }
  const Changed changed = publish(d_snapshot->negative);
  lock.unlock();
  tell(changed);
  return true;
}

void TrustAnchors::replaceFile(Sets fromFile) {
  std::unique_lock lock(d_mutex);
  d_file = std::move(fromFile);
  const Changed changed = publish(d_snapshot->negative);
  lock.unlock();
  tell(changed);
}

void TrustAnchors::reset(AnchorSnapshot given, Sets fromFile) {
  std::unique_lock lock(d_mutex);
  d_given = std::move(given.positive);
  d_file = std::move(fromFile);
  d_control.clear();
  const Changed changed = publish(std::move(given.negative));
  lock.unlock();
  tell(changed);
}

base::Result<void> TrustAnchors::clear(const dns::Name& zone) {
  if (zone.isRoot()) return base::Error{"the root's trust anchors cannot be removed"};
  std::unique_lock lock(d_mutex);
  for (Sets* source : {&d_given, &d_file, &d_control}) source->erase(zone);
  const Changed changed = publish(d_snapshot->negative);
  lock.unlock();
  tell(changed);
  return {};
}

void TrustAnchors::addNegative(const dns::Name& zone, NegativeAnchor anchor) {
  std::unique_lock lock(d_mutex);
  auto negative = d_snapshot->negative;
  negative[zone] = std::move(anchor);
  const Changed changed = publish(std::move(negative));
  lock.unlock();
  tell(changed);
}

bool TrustAnchors::clearNegative(const dns::Name& zone) {
  std::unique_lock lock(d_mutex);
  auto negative = d_snapshot->negative;
  if (negative.erase(zone) == 0) return false;
  const Changed changed = publish(std::move(negative));
  lock.unlock();
  tell(changed);
  return true;
}

std::size_t TrustAnchors::clearAllNegative() {
  std::unique_lock lock(d_mutex);
  const std::size_t count = d_snapshot->negative.size();
  const Changed changed = publish({});
  lock.unlock();
  tell(changed);
  return count;
}

void TrustAnchors::dropExpired(base::WallTime now) {
  std::unique_lock lock(d_mutex);
  auto negative = d_snapshot->negative;
  if (std::erase_if(negative, [now](const auto& entry) { return !isAlive(entry.second, now); }) == 0) return;
  const Changed changed = publish(std::move(negative));
  lock.unlock();
  tell(changed);
}

// The generation is read first: a change in between is seen the next time.
const AnchorSnapshot& AnchorReader::current() {
  const std::uint64_t generation = d_anchors.generation();
  if (generation != d_generation) {
    d_snapshot = d_anchors.snapshot();
    d_generation = generation;
  }
  return *d_snapshot;
}

} // namespace rec
