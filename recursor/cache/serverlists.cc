// The list of servers without cookies: see serverlists.hh.
#include "recursor/cache/serverlists.hh"

#include <algorithm>

namespace rec {

bool ServerLists::isWithoutCookies(const base::Address& server) const {
  if (!d_anyWithoutCookies.load(std::memory_order_relaxed)) {
    return false;
  }
  const std::lock_guard lock(d_mutex);
  return std::ranges::binary_search(d_withoutCookies, server.withPort(0));
}

void ServerLists::addWithoutCookies(const base::Address& server) {
  const std::lock_guard lock(d_mutex);
  const base::Address host = server.withPort(0);
  const auto at = std::ranges::lower_bound(d_withoutCookies, host);
  if (at == d_withoutCookies.end() || *at != host) {
    d_withoutCookies.insert(at, host);
  }
  d_anyWithoutCookies = true;
}

std::size_t ServerLists::removeWithoutCookies(const std::optional<base::Address>& server) {
  const std::lock_guard lock(d_mutex);
  const std::size_t removed = std::erase_if(
      d_withoutCookies, [&server](const base::Address& host) { return !server || host == server->withPort(0); });
  d_anyWithoutCookies = !d_withoutCookies.empty();
  return removed;
}

std::vector<base::Address> ServerLists::withoutCookies() const {
  const std::lock_guard lock(d_mutex);
  return d_withoutCookies;
}

} // namespace rec
