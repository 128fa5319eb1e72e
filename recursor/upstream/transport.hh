// Transport: carries one query to one server and brings back the packets that may be its answer. One file and one row
// of the table for each kind. Called by WireExchange; never looks into packets beyond their id, never falls back.
#pragma once

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>

#include "lib/base/address.hh"
#include "lib/base/clock.hh"
#include "lib/coro/task.hh"

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
};

struct WireQuery {
  base::Address server;
  std::uint16_t id = 0;              // also in `packet`
  std::span<const std::byte> packet; // valid until the transport waits for the first time
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
  std::string detail;               // Unreachable, LocalFailure: why
};

class Transport {
 public:
  virtual ~Transport() = default;
  // `judge` must outlive the task.
  virtual coro::Task<WireOutcome> exchange(WireQuery query, ReplyJudge& judge) = 0;
};

enum class TransportKind : std::uint8_t { Udp, Tcp };
constexpr std::size_t kTransportCount = 2;
using TransportTable = std::array<std::unique_ptr<Transport>, kTransportCount>; // by TransportKind

} // namespace rec
