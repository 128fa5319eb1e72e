// UdpTransport: each query from a fresh socket on a random port, so that an answer can be guessed only together with
// its port and id (RFC 5452 9). Waits on through whatever else arrives. One per worker.
#pragma once

#include <optional>
#include <vector>

#include "lib/coro/loop.hh"
#include "lib/net/udpsocket.hh"
#include "recursor/upstream/localaddresses.hh"
#include "recursor/upstream/transport.hh"

namespace rec {

class UdpTransport final : public Transport {
 public:
  UdpTransport(coro::Loop& loop, LocalAddresses local, net::PortRange ports);
  coro::Task<WireOutcome> exchange(WireQuery query, ReplyJudge& judge) override;

 private:
  // Reads what has arrived; nothing while the wait goes on.
  [[nodiscard]] std::optional<WireOutcome> readAll(int fd, ReplyJudge& judge);

  coro::Loop& d_loop;
  LocalAddresses d_local;
  net::PortRange d_ports;
  std::vector<std::byte> d_buffer; // of the read that is being done, never across a wait
};

// A failure of the network or, when it is about this machine, of our own.
[[nodiscard]] WireOutcome failedOutcome(int error);

} // namespace rec
