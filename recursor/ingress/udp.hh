// UdpIngress: a worker's UDP listeners: packets in batches through the hot path, answers in batches out. Never waits;
// what the hot path has no answer for goes to the pipeline, whose answers leave through send().
#pragma once

#include <cstddef>
#include <memory>
#include <span>
#include <vector>

#include "lib/base/fd.hh"
#include "lib/coro/loop.hh"
#include "lib/net/udpbatch.hh"
#include "recursor/query/hotpath.hh"
#include "recursor/query/pipeline.hh"

struct event;

namespace rec {

class UdpIngress {
 public:
  struct Parts {
    const Settings& settings;
    HotPath& hotPath;
    Pipeline& pipeline;
    Counters& counters;
    coro::Loop& loop;
    std::uint32_t worker = 0;
  };
  explicit UdpIngress(const Parts& parts);
  ~UdpIngress();
  UdpIngress(const UdpIngress&) = delete;
  UdpIngress& operator=(const UdpIngress&) = delete;

  // Listeners are numbered in the order in which they come; every worker has the same ones.
  void listen(base::Fd socket, const base::Address& bound);
  // An answer from the pipeline, possibly to a question that another worker received.
  void send(const Client& client, std::span<const std::byte> message);

 private:
  struct Listener;
  static void onReadable(int fd, short what, void* self);
  void readRound(Listener& listener);
  void handleBatch(const Listener& listener, std::size_t count);
  void readBatch(std::size_t count);
  void passOn(const Listener& listener, std::size_t i, base::MonoTime received);

  Parts d_parts;
  net::UdpBatch d_batch;
  std::vector<HotPath::Asked> d_asked; // by number in the batch
  std::vector<std::uint16_t> d_missed; // numbers in the batch; room for all of it
  std::vector<std::unique_ptr<Listener>> d_listeners;
};

} // namespace rec
