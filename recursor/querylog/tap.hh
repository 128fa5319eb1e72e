// LogTap: a worker's way into the query log: what was answered is copied into the worker's ring, or dropped and counted
// when that is full. Used by the ingress for hits and by the pipeline for all else, on the worker's thread only; never
// waits, allocates only where a filter is set. While the log is off, isOn() is all that it costs.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string_view>

#include "lib/base/exacttime.hh"
#include "recursor/querylog/filter.hh"
#include "recursor/querylog/rawrecord.hh"
#include "recursor/querylog/ring.hh"

namespace rec {

// What is logged, and how. Immutable, shared by all workers, replaced whole.
struct LogOrders {
  std::uint32_t sample = 1; // one in so many
  std::optional<LogFilter> only;
  std::string onlyText;
  unsigned ipv4Bits = 32, ipv6Bits = 128;
  bool answers = false;
};
using LogOrdersPtr = std::shared_ptr<const LogOrders>;

// An answered question as its parts lie somewhere.
struct LogEntry {
  std::span<const std::byte> name; // wire form, in any case
  const base::Address& client;
  dns::RRType type{};
  dns::RRClass rrclass = dns::RRClass::IN;
  dns::RCode rcode = dns::RCode::NoError;
  LogKind kind = LogKind::PacketCache;
  LogTransport transport = LogTransport::Udp;
  LogSecurity security = LogSecurity::Unknown;
  std::uint16_t flags = 0;
  std::uint16_t ede = kNoEde;
  std::uint32_t latency = 0; // microseconds
  std::uint32_t upstreamQueries = 0, upstreamBytes = 0;
  std::string_view policy, rule, tags;    // cut to 255 octets
  std::span<const base::Address> answers; // the first 32 are kept
};

class LogTap {
 public:
  // `ring` must outlive this; `wake` tells the writer that there is something to do.
  LogTap() = default;
  void attach(LogRing& ring, std::function<void()> wake);
  void setOrders(LogOrdersPtr orders); // null: nothing is logged

  [[nodiscard]] bool isOn() const { return d_orders != nullptr; }
  // The rest only while it is on.
  [[nodiscard]] bool wantsAnswers() const { return d_orders->answers; }
  // Whether hits are logged by addHit(): everybody's, and no addresses of answers.
  [[nodiscard]] bool takesHits() const { return d_takesHits; }
  // `hit` lacks its sizes. Those of a batch have the same `moment`.
  void addHit(const RawMoment& moment, RawHit hit, std::span<const std::byte> name, const base::Address& client);
  [[nodiscard]] static std::int64_t now() { return base::wallMicros(); }
  void add(const LogEntry& entry, std::int64_t time);
  void publish() { // after one or many
    if (d_ring->publish()) d_wake();
  }

 private:
  [[nodiscard]] bool isWanted(const LogEntry& entry, std::int64_t time);
  void write(const LogEntry& entry, std::int64_t time, bool unlogged);
  void putClient(std::byte* to, std::span<const std::byte> octets) const;

  LogOrdersPtr d_orders;
  LogRing* d_ring = nullptr;
  std::function<void()> d_wake;
  std::uint32_t d_left = 1; // until the next one of a sample
  bool d_takesHits = false;
  unsigned d_bits4 = 32, d_bits6 = 128;  // of the orders
  RawMoment d_moment{.time = INT64_MIN}; // of the hit that was put into the ring last
};

} // namespace rec
