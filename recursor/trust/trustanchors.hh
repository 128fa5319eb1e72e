// TrustAnchors: where validation begins and where it is waived: positive anchors (built in, lua-config-file, files,
// add-ta, RFC 5011) and negative ones (RFC 7646). Shared by all workers: readers take an immutable snapshot; writers
// (control channel, file reader, RFC 5011) make a new one under a mutex. Never asks anybody anything.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "lib/base/clock.hh"
#include "lib/base/result.hh"
#include "lib/dns/rrset.hh"

namespace rec {

struct NegativeAnchor {
  std::string reason;
  std::optional<base::WallTime> until; // nothing: until it is cleared
  friend bool operator==(const NegativeAnchor&, const NegativeAnchor&) = default;
};

struct AnchorSnapshot {
  std::map<dns::Name, dns::RRset> positive; // DS sets, the zone's name as owner
  std::map<dns::Name, NegativeAnchor> negative;

  // The deepest positive anchor at or above `name`, unless a living negative one lies between (or at the same place:
  // the negative one wins, RFC 7646 3). Null: nothing says that the name must validate.
  [[nodiscard]] const dns::RRset* anchorFor(const dns::Name& name, base::WallTime now) const;
  // The negative anchor that is in force for `name`: the deepest one at or above it with no positive one below it; null
  // when there is none.
  [[nodiscard]] const std::pair<const dns::Name, NegativeAnchor>* waivedBy(const dns::Name& name,
                                                                           base::WallTime now) const;
};

// A zone's anchors come from three sources, which add up: given (built in, configured, followed by RFC 5011), those of
// a file that is read again, and those of the control channel.
class TrustAnchors {
 public:
  using Snapshot = std::shared_ptr<const AnchorSnapshot>;
  // `onChange`: called with the zone after each change, on the thread that made it: what was concluded below it is to
  // be forgotten.
  using Sets = std::map<dns::Name, dns::RRset>; // DS sets, by zone
  explicit TrustAnchors(AnchorSnapshot initial, Sets fromFile = {});
  void onChange(std::function<void(const dns::Name&)> hook); // before other threads use this

  [[nodiscard]] Snapshot snapshot() const; // takes the mutex
  [[nodiscard]] std::uint64_t generation() const { return d_generation.load(std::memory_order_acquire); }
  // One DS more for the zone ("20326 8 2 E06D...").
  base::Result<void> add(const dns::Name& zone, std::string_view ds);
  // The given ones of a zone that has some; false when it has none (any more): it was cleared meanwhile. A null set
  // removes them.
  bool replace(const dns::Name& zone, const dns::RRset& ds);
  void replaceFile(Sets fromFile);
  void reset(AnchorSnapshot given, Sets fromFile); // all anew, as at the start: what the control channel said is gone
  base::Result<void> clear(const dns::Name& zone); // whatever the source; the root's are refused
  void addNegative(const dns::Name& zone, NegativeAnchor anchor);
  bool clearNegative(const dns::Name& zone); // false: there was none
  std::size_t clearAllNegative();
  void dropExpired(base::WallTime now); // negative anchors whose time is over

 private:
  using Changed = std::vector<dns::Name>;
  // Makes the next snapshot of what the sources and `negative` say now. With the mutex held; the zones that differ.
  [[nodiscard]] Changed publish(std::map<dns::Name, NegativeAnchor> negative);
  void tell(const Changed& changed) const; // without the mutex
  mutable std::mutex d_mutex;
  Sets d_given, d_file, d_control;
  Snapshot d_snapshot;
  std::atomic<std::uint64_t> d_generation{1};
  std::function<void(const dns::Name&)> d_onChange;
};

// A worker's view: a new snapshot is taken only when something has changed. One thread.
class AnchorReader {
 public:
  explicit AnchorReader(const TrustAnchors& anchors) : d_anchors(anchors) {}
  [[nodiscard]] const AnchorSnapshot& current();

 private:
  const TrustAnchors& d_anchors;
  TrustAnchors::Snapshot d_snapshot;
  std::uint64_t d_generation = 0;
};

} // namespace rec
