// RpzNotifications: answers NOTIFYs for the transferred response policy zones and wakes their keepers. Owned by
// RpzZones, called on the workers' threads. Thread safe: a mutex guards one pointer, and nothing is checked or logged
// under it.
#pragma once

#include <atomic>
#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "lib/base/address.hh"
#include "lib/base/clock.hh"
#include "lib/base/fd.hh"
#include "lib/dnssec/tsig.hh"

namespace rec {

// What a NOTIFY needs to know of a zone.
struct RpzNotified {
  std::string name;
  dns::Name zone;
  std::vector<base::Address> primaries;
  std::optional<dnssec::TsigKey> tsig;
  std::shared_ptr<const base::Fd> waker;                  // RpzKeeper's
  std::shared_ptr<std::atomic<std::int64_t>> nextWarning; // seconds of the monotonic clock
};

class RpzNotifications {
 public:
  explicit RpzNotifications(const base::Clock& clock) : d_clock(clock) {}
  void set(std::vector<RpzNotified> zones); // instead of those there are
  // The answer, if it is for one of them and comes from its primary.
  std::optional<std::vector<std::byte>> notify(std::span<const std::byte> packet, const base::Address& source) const;

 private:
  [[nodiscard]] std::shared_ptr<const std::vector<RpzNotified>> current() const;
  void logRefused(const RpzNotified& zone, const base::Address& source, const std::string& why) const;

  const base::Clock& d_clock;
  mutable std::mutex d_mutex; // guards the pointer
  std::shared_ptr<const std::vector<RpzNotified>> d_zones;
};

} // namespace rec
