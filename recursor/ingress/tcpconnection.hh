// A client's TCP connection as the files of TcpIngress see it: what has come, what is under way, what is to be sent.
// Included by these files only.
#pragma once

#include <optional>

#include "lib/coro/gate.hh"
#include "lib/net/framing.hh"
#include "lib/net/stream.hh"
#include "recursor/ingress/tcp.hh"

namespace rec {

struct TcpIngress::Connection {
  static constexpr std::size_t kMostUnsent = 128 * 1024; // octets of answers, above which reading pauses

  std::unique_ptr<net::Stream> stream;
  Client client;
  base::Address counted; // as whose connection it counts; none before a proxy has said whose it is
  net::FrameReader frames;
  base::MonoTime idleAt;            // closed then, if nothing is under way
  std::size_t questions = 0;        // so far
  std::size_t pending = 0;          // of them in the pipeline
  std::vector<std::byte> unsent;    // framed answers
  std::vector<std::byte> sending;   // being written
  bool writing = false;             // write() runs
  bool broken = false;              // nothing can be sent any more
  bool awaitsHeader = false;        // of a proxy
  std::optional<coro::Gate> calmer; // serve() waits here for pending or unsent to go down

  [[nodiscard]] bool isCrowded(const Settings& settings) const {
    return pending >= settings.maxConcurrentRequestsPerTcpConnection || unsent.size() + sending.size() > kMostUnsent;
  }
  [[nodiscard]] bool isDone() const { return pending == 0 && unsent.empty() && !writing; }
  void notice() {
    if (calmer) {
      calmer->open();
    }
  }
};

} // namespace rec
