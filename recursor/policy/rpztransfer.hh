// RpzTransfer: reads the answer to an AXFR or IXFR question, message by message (RFC 5936 2.2, RFC 1995 4), and gives
// its records to a sink. Pure: no sockets; signatures have been checked. Whatever is not as it should be ends it with
// an error, so that what is half there is never used.
#pragma once

#include <cstdint>
#include <optional>

#include "lib/base/result.hh"
#include "lib/dns/message.hh"
#include "lib/dns/rdata.hh"
#include "recursor/policy/rpzkey.hh"

namespace rec {

// RFC 1982 3.2: whether serial `a` comes after `b`.
[[nodiscard]] constexpr bool serialIsNewer(std::uint32_t a, std::uint32_t b) {
  return a != b && static_cast<std::int32_t>(a - b) > 0;
}

class RpzTransferSink {
 public:
  virtual ~RpzTransferSink() = default;
  virtual void begin(bool whole) = 0; // once: a whole zone, or differences to what there is
  // Owners in wire form.
  virtual void add(Octets owner, dns::RRType type, std::uint32_t ttl, Octets rdata) = 0;
  virtual bool remove(Octets owner, dns::RRType type, Octets rdata) = 0; // false: there is no such record
};

class RpzTransfer {
 public:
  // `own`: the serial of what there is, for IXFR; without it the question is AXFR.
  RpzTransfer(const dns::Name& zone, std::optional<std::uint32_t> own, std::uint16_t id, RpzTransferSink& sink);

  // The question in wire form; with IXFR it has a SOA of our serial (RFC 1995 3).
  [[nodiscard]] std::vector<std::byte> question() const;
  base::Result<void> take(Octets message);
  [[nodiscard]] bool isDone() const { return d_state == State::Done; }
  [[nodiscard]] bool changedNothing() const { return d_upToDate; } // ours is the newest
  [[nodiscard]] bool wasWhole() const { return d_whole; }
  [[nodiscard]] std::optional<dns::RCode> refusedWith() const { return d_refused; } // instead of a transfer

 private:
  enum class State : std::uint8_t { First, Second, Whole, Removing, Adding, Done };
  struct Record {
    Octets owner, rdata;
    dns::RRType type;
    std::uint32_t ttl;
    std::optional<std::uint32_t> serial; // of the zone's own SOA
  };
  base::Result<void> checkHead(const dns::Header& header, std::size_t records);
  base::Result<void> record(const Record& record);
  base::Result<void> second(const Record& record);
  base::Result<void> difference(const Record& record);
  void keepSoa(const Record& record);
  void finish();

  dns::Name d_zone;
  std::optional<std::uint32_t> d_own;
  std::uint16_t d_id;
  RpzTransferSink& d_sink;
  State d_state = State::First;
  bool d_whole = false;
  bool d_upToDate = false;
  std::optional<dns::RCode> d_refused;
  std::uint32_t d_newest = 0; // serial that the transfer leads to
  std::uint32_t d_at = 0;     // and where the differences have come
  std::vector<std::byte> d_soa, d_rdata;
  std::uint32_t d_soaTtl = 0;
};

} // namespace rec
