// TcpQuota: how many client connections are open, in all and per address, over all workers. Thread safe: one mutex,
// taken when a connection comes or goes.
#pragma once

#include <cstddef>
#include <cstdint>
#include <mutex>
#include <unordered_map>

#include "lib/base/address.hh"

namespace rec {

class TcpQuota {
 public:
  TcpQuota(std::size_t most, std::size_t mostPerClient) : d_most(most), d_mostPerClient(mostPerClient) {}

  // For connections to come.
  void setLimits(std::size_t most, std::size_t mostPerClient) {
    const std::lock_guard lock(d_mutex);
    d_most = most;
    d_mostPerClient = mostPerClient;
  }

  enum class Verdict : std::uint8_t { Welcome, TooMany, TooManyOfClient };
  // `client`: its port is not looked at; without one it is not known yet whose connection it is. A Welcome must be
  // followed by leave().
  Verdict enter(const base::Address& client) {
    const std::lock_guard lock(d_mutex);
    if (d_open >= d_most) {
      return Verdict::TooMany;
    }
    if (!admit(client)) {
      return Verdict::TooManyOfClient;
    }
    ++d_open;
    return Verdict::Welcome;
  }
  // Now it is known; false: the client has too many, and the connection is still nobody's.
  bool name(const base::Address& client) {
    const std::lock_guard lock(d_mutex);
    return admit(client);
  }
  void leave(const base::Address& client) {
    const std::lock_guard lock(d_mutex);
    --d_open;
    forget(client);
  }

 private:
  bool admit(const base::Address& client) {
    if (!client.valid() || ++d_perClient[client.withPort(0)] <= d_mostPerClient || d_mostPerClient == 0) {
      return true;
    }
    forget(client);
    return false;
  }
  void forget(const base::Address& client) {
    if (!client.valid()) {
      return;
    }
    const auto it = d_perClient.find(client.withPort(0));
    if (--it->second == 0) {
      d_perClient.erase(it);
    }
  }

  std::mutex d_mutex;                  // guards what follows
  std::size_t d_most, d_mostPerClient; // max-tcp-clients, max-tcp-per-client (0: no limit)
  std::size_t d_open = 0;
  std::unordered_map<base::Address, std::size_t, base::AddressHash> d_perClient;
};

} // namespace rec
