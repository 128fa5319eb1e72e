// UdpTransport: each query from a fresh random port (net::UdpPool), so that an answer can be guessed only together with
// its port and id (RFC 5452 9). Waits on through whatever else arrives. One per worker.
#pragma once

#include <vector>

#include "lib/coro/loop.hh"
#include "lib/net/udppool.hh"
#include "recursor/upstream/localaddresses.hh"
#include "recursor/upstream/transport.hh"

namespace rec {

class UdpTransport final : public Transport {
 public:
  UdpTransport(coro::Loop& loop, LocalAddresses local, net::PortRange ports, bool kernelPorts);
  coro::Task<WireOutcome> exchange(WireQuery query, ReplyJudge& judge) override;

 private:
  // What one query's packets have come to.
  struct Course {
    WireOutcome outcome;
    bool clean = true; // nothing but the answer has come
  };
  // Reads what has arrived. False: wait on.
  [[nodiscard]] bool readAll(net::UdpLoan& loan, ReplyJudge& judge, Course& course);

  coro::Loop& d_loop;
  LocalAddresses d_local;
  net::UdpPool d_pool;
  std::vector<std::byte> d_buffer; // of the read that is being done, never across a wait
};

// A failure of the network or, when it is about this machine, of our own.
[[nodiscard]] WireOutcome failedOutcome(int error);

} // namespace rec
