// Stream: an ordered, reliable flow of octets to one peer, as coroutines: what DNS over TCP and DNS over TLS
// need. Used by framing's readers, the upstream pool and the TCP listeners. Every wait has a deadline.
#pragma once

#include <cstddef>
#include <span>
#include <string>

#include "lib/base/clock.hh"
#include "lib/coro/task.hh"

namespace net {

struct StreamResult {
  enum class Status : unsigned char { Done, Closed, TimedOut, Failed };
  Status status = Status::Failed;
  std::size_t count = 0; // octets moved
  int error = 0;         // errno, when Failed
  std::string detail{};  // Failed: why, when it was not the kernel that said so

  [[nodiscard]] bool done() const { return status == Status::Done; }
};

// What a failed result means in a few words: "connection refused", "connection closed by peer", "timed out". Valid as
// long as the result.
[[nodiscard]] const char* streamErrorText(const StreamResult& result);

class Stream {
 public:
  virtual ~Stream() = default;
  // Ready for reading and writing afterwards. A stream that was accepted is so from the start.
  virtual coro::Task<StreamResult> connect(base::MonoTime deadline) = 0;
  // At least one octet; Closed at the peer's end. `into` must outlive the wait: no local of a coroutine.
  virtual coro::Task<StreamResult> readSome(std::span<std::byte> into, base::MonoTime deadline) = 0;
  // All of it, or failure.
  virtual coro::Task<StreamResult> writeAll(std::span<const std::byte> octets, base::MonoTime deadline) = 0;
  // After connect(): an earlier session was taken up again. Of streams that have sessions.
  [[nodiscard]] virtual bool resumed() const { return false; }
};

} // namespace net
