// RpzConnection: a TCP connection to a primary, for one question after the other. Blocks, until the deadline, or until
// somebody wants the thread to end: used on the threads of RpzKeepers only.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <span>

#include "lib/base/address.hh"
#include "lib/base/clock.hh"
#include "lib/base/fd.hh"
#include "lib/base/result.hh"
#include "lib/net/framing.hh"

namespace rec {

// One question after the other, and the messages that answer each.
class RpzLink {
 public:
  virtual ~RpzLink() = default;
  virtual void setDeadline(base::MonoTime deadline) = 0;
  virtual base::Result<void> send(std::span<const std::byte> message) = 0;
  // The next message, valid until the call after.
  virtual base::Result<std::span<const std::byte>> receive() = 0;
};

class RpzConnection final : public RpzLink {
 public:
  struct Options {
    std::optional<base::Address> from; // the local address
    base::MonoTime deadline;           // of all that happens on it, until another one is set
    int stop = -1;                     // readable: give up at once
    std::size_t maxReceived = 0;       // octets; 0: any number
    std::function<void()> meanwhile;   // called for every message, and every second while there is none; may be empty
  };
  // Errors say what was tried and why it failed.
  static base::Result<std::unique_ptr<RpzLink>> open(const base::Address& server, const Options& options,
                                                     const base::Clock& clock);

  void setDeadline(base::MonoTime deadline) override { d_options.deadline = deadline; }
  base::Result<void> send(std::span<const std::byte> message) override;
  base::Result<std::span<const std::byte>> receive() override;

 private:
  RpzConnection(base::Fd fd, const Options& options, const base::Clock& clock)
      : d_fd(std::move(fd)), d_options(options), d_clock(&clock) {}
  base::Result<void> wait(short events);
  base::Result<void> goOn() const;

  base::Fd d_fd;
  Options d_options;
  const base::Clock* d_clock;
  net::FrameReader d_frames;
  std::size_t d_received = 0;
};

// How primaries are reached; RpzConnection::open unless a test plays them.
using RpzConnect = std::function<base::Result<std::unique_ptr<RpzLink>>(
    const base::Address& server, const RpzConnection::Options& options, const base::Clock& clock)>;

} // namespace rec
