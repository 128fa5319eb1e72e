// UdpIngress: a worker's UDP listeners: packets in batches through the hot path, answers in batches out. Never waits;
// what the hot path has no answer for goes to the pipeline, whose answers leave through send(). Between the steps of
// many resolutions it looks for clients' packets again, so that those who can be answered at once do not wait for them.
#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <span>
#include <vector>

#include "lib/base/fd.hh"
#include "lib/base/ticks.hh"
#include "lib/coro/loop.hh"
#include "lib/net/udpanswers.hh"
#include "lib/net/udpbatch.hh"
#include "lib/net/udpoutbox.hh"
#include "recursor/ingress/gathering.hh"
#include "recursor/ingress/proxies.hh"
#include "recursor/query/hotpath.hh"
#include "recursor/query/pipeline.hh"

struct event;

namespace rec {

class UdpIngress final : private coro::Attendant {
 public:
  struct Parts {
    const Settings& settings;
    HotPath& hotPath;
    Pipeline& pipeline;
    Counters& counters;
    coro::Loop& loop;
    LogTap& queryLog;
    std::uint32_t worker = 0;
  };
  explicit UdpIngress(const Parts& parts);
  ~UdpIngress() override;
  UdpIngress(const UdpIngress&) = delete;
  UdpIngress& operator=(const UdpIngress&) = delete;

  void adoptSettings(); // which it was given have changed; on the loop's top level
  // Listeners are numbered in the order in which they come; every worker has the same ones.
  void listen(base::Fd socket, const base::Address& bound);
  // An answer from the pipeline, possibly to a question that another worker received.
  void send(const Client& client, std::span<const std::byte> message);

 private:
  struct Listener;
  // What a proxy's header said of a packet of the batch.
  struct Unwrapped {
    base::Address source, local; // the client's, and what it asked; else the packet's own source, and none
    std::size_t valuesAt = 0, valuesSize = 0;
    bool named = false, dropped = false;
  };
  static void onReadable(int fd, short what, void* self);
  static void onAnswers(int fd, short what, void* self);
  void readRound(const Listener& listener);
  void flush();
  void beforeWaiting() override;
  void betweenResumes() override;
  std::size_t readOnce(const Listener& listener);
  void checkTicks();
  void handleBatch(const Listener& listener, std::size_t count);
  template <bool Proxied> void answerBatch(const Listener& listener, std::size_t count);
  template <bool Proxied> void readBatch(std::size_t count);
  template <bool Proxied> [[nodiscard]] const base::Address& askerOf(std::size_t i) const {
    return Proxied ? d_unwrapped[i].source : d_batch->peer(i);
  }
  [[nodiscard]] bool isReadable(std::size_t i);
  void passOn(const Listener& listener);
  void announce();
  template <bool Proxied> void noteOneOf(std::size_t count);
  template <bool Proxied> void logHits(std::size_t count, std::chrono::nanoseconds took);
  void logTagged(std::size_t i, const Client& client, const HotPath::Tagged& tagged, std::chrono::nanoseconds took);
  // udpproxied.cc
  [[nodiscard]] static const base::Address& boundOf(const Listener& listener);
  void unwrap(const Listener& listener, std::size_t count);
  void unwrapOne(const base::Address& bound, std::size_t i);
  void nameClient(Client& client, std::size_t i) const;
  void handleTagged(const Listener& listener, std::size_t count);
  [[nodiscard]] Client clientOf(const Listener& listener, std::size_t i) const;

  Parts d_parts;
  std::size_t d_longestAnswer;
  net::UdpOutbox d_outbox;
  std::optional<net::UdpBatch> d_batch;     // replaced when answers may be longer than before
  std::optional<net::UdpAnswers> d_answers; // of the pipeline
  event* d_flushAnswers = nullptr;
  std::vector<HotPath::Asked> d_asked; // by number in the batch
  std::vector<std::uint16_t> d_missed; // numbers in the batch; room for all of it
  std::vector<Expected> d_expected;    // of these
  Proxies d_proxies;
  std::vector<Unwrapped> d_unwrapped;   // by number in the batch; empty as long as nobody is a proxy
  std::vector<std::byte> d_proxyValues; // of the batch
  std::vector<std::unique_ptr<Listener>> d_listeners;
  base::Ticks d_ticks;
  unsigned d_sinceCheck = 0; // waits, since the ticks were compared with the clock
  Gathering d_gathering;
  std::uint64_t d_lastWait = 0; // in ticks
  std::size_t d_read = 0;       // packets since the loop waited last
  bool d_drained = true;        // no socket has packets left, as far as we know
};

} // namespace rec
