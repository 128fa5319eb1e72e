// ServerLists: name servers that are treated otherwise by their addresses, whatever they do: those that are never
// throttled, and those that are taken for not doing cookies. From the settings; changed by rec_control.
// Locking: one mutex, held for a look; never together with another one.
#pragma once

#include <atomic>
#include <mutex>
#include <optional>
#include <vector>

#include "lib/base/address.hh"
#include "lib/base/netmask.hh"

namespace rec {

class ServerLists {
 public:
  explicit ServerLists(base::NetmaskGroup neverThrottled) : d_neverThrottled(std::move(neverThrottled)) {}

  [[nodiscard]] bool isNeverThrottled(const base::Address& server) const {
    const std::lock_guard lock(d_mutex);
    return d_neverThrottled.contains(server);
  }
  [[nodiscard]] base::NetmaskGroup neverThrottled() const {
    const std::lock_guard lock(d_mutex);
    return d_neverThrottled;
  }
  void setNeverThrottled(base::NetmaskGroup networks) {
    const std::lock_guard lock(d_mutex);
    d_neverThrottled = std::move(networks);
  }

  // Ports are not looked at. Costs next to nothing while there are none.
  [[nodiscard]] bool isWithoutCookies(const base::Address& server) const;
  void addWithoutCookies(const base::Address& server);
  // Of that address, or all; how many there were.
  std::size_t removeWithoutCookies(const std::optional<base::Address>& server);
  [[nodiscard]] std::vector<base::Address> withoutCookies() const;

 private:
  mutable std::mutex d_mutex;
  base::NetmaskGroup d_neverThrottled;
  std::vector<base::Address> d_withoutCookies; // in order
  std::atomic<bool> d_anyWithoutCookies{false};
};

} // namespace rec
