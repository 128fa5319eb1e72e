// Transport: carries one query to one server and brings back the packets that may be its answer. One file and one row
// of the table for each kind. Called by WireExchange; never looks into packets beyond their id, never falls back.
#pragma once

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>

#include "lib/base/address.hh"
#include "lib/base/clock.hh"
#include "lib/coro/task.hh"
#include "recursor/config/endpoint.hh"

namespace rec {

enum class ReplyVerdict : std::uint8_t {
  Accept,  // the answer
  Ignore,  // something else: wait on
  Abandon, // not to be believed, and this transport is not to be waited for any more
};

// Judges what arrives; remembers the answer.
class ReplyJudge {
 public:
  virtual ~ReplyJudge() = default;
  // May change the packet in place.
  virtual ReplyVerdict take(std::span<std::byte> packet) = 0;
  // After Accept, over TCP and TLS: how long the server leaves the connection open when nothing is asked (RFC 7828).
  [[nodiscard]] virtual std::optional<std::chrono::milliseconds> idleAllowed() const { return std::nullopt; }
};

// Whom a connection is to, and what it has proven: questions share one only when they demand the same.
struct Upstream {
  base::Address address;
  std::shared_ptr<const Endpoint> endpoint; // null: nothing is demanded

  friend bool operator==(const Upstream& a, const Upstream& b) {
    const bool same = a.endpoint == b.endpoint || (a.endpoint && b.endpoint && *a.endpoint == *b.endpoint);
    return same && a.address == b.address;
  }
  struct Hash {
    std::size_t operator()(const Upstream& upstream) const { return upstream.address.hash(); }
  };
};

struct WireQuery {
  base::Address server;
  std::shared_ptr<const Endpoint> endpoint; // what is demanded of the server; null: nothing
  std::uint16_t id = 0;                     // also in `packet`
  std::span<const std::byte> packet;        // valid until the transport waits for the first time
  base::MonoTime deadline;
};

enum class WireStatus : std::uint8_t {
  Accepted,
  Abandoned,
  TimedOut,
  Unreachable, // the network or the server's machine said no
  LocalFailure // this machine could not send: no port, no descriptor, too many connections
};

struct WireOutcome {
  WireStatus status = WireStatus::TimedOut;
  std::chrono::microseconds rtt{0}; // Accepted, Abandoned: from sending to the packet
  std::string detail; // Unreachable, LocalFailure: why ("certificate of 192.0.2.1:853 expired on 2026-01-01")
};

struct PoolLimits;

class Transport {
 public:
  virtual ~Transport() = default;
  // For connections from now on; nothing to a transport without any.
  virtual void limit(const PoolLimits& /*limits*/) {}
  // `judge` must outlive the task.
  virtual coro::Task<WireOutcome> exchange(WireQuery query, ReplyJudge& judge) = 0;
};

enum class TransportKind : std::uint8_t { Udp, Tcp, Tls, Https };
constexpr std::size_t kTransportCount = 4;
using TransportTable = std::array<std::unique_ptr<Transport>, kTransportCount>; // by TransportKind

// What an upstream is asked over first.
[[nodiscard]] constexpr TransportKind transportFor(Scheme scheme) {
  switch (scheme) {
  case Scheme::Udp: break;
  case Scheme::Tcp: return TransportKind::Tcp;
  case Scheme::Tls: return TransportKind::Tls;
  case Scheme::Https: return TransportKind::Https;
  }
  return TransportKind::Udp;
}

} // namespace rec
