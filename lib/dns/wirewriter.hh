// WireWriter: writes a DNS message into a caller's buffer with name compression (RFC 1035 4.1.4). Each call writes its
// whole part or nothing; what did not fit is remembered by overflowed(), and later, smaller parts may still fit.
// Allocates nothing.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>

#include "lib/dns/name.hh"
#include "lib/dns/namecompressor.hh"
#include "lib/dns/rrset.hh"
#include "lib/dns/types.hh"

namespace dns {

enum class Section : std::uint8_t { Answer = 0, Authority = 1, Additional = 2 };

struct Header {
  std::uint16_t id = 0;
  bool qr = false, aa = false, tc = false, rd = false, ra = false, ad = false, cd = false;
  Opcode opcode = Opcode::Query;
  RCode rcode = RCode::NoError; // only the low four bits go into the header
};

struct Question {
  Name name;
  RRType type = RRType{0};
  RRClass rrclass = RRClass::IN;
  friend bool operator==(const Question&, const Question&) = default;
};

// Flags and id into the first four octets of `message`.
void writeFlags(std::span<std::byte> message, const Header& header);

class WireWriter {
 public:
  // Writes at most `buffer.size()` octets; leaves the 12 header octets for header().
  explicit WireWriter(std::span<std::byte> buffer);

  void header(const Header& header);       // flags and id; counts are kept by the calls below
  void question(const Question& question); // case kept exactly
  // Writes all records of the set (and its signatures when asked) with this TTL, beginning with record `first`
  // (rotation), or nothing at all: false when they do not fit.
  bool rrset(Section section, const RRset& rrset, std::uint32_t ttl, bool withSignatures, std::size_t first = 0);
  // Room at the end of the buffer that calls before unreserve() may not use, for the OPT record.
  void reserve(std::size_t octets);
  void unreserve();
  // An RR given whole in uncompressed form (OPT).
  bool raw(Section section, std::span<const std::byte> record);

  [[nodiscard]] std::size_t size() const { return d_size; }
  [[nodiscard]] bool overflowed() const { return d_overflowed; } // something did not fit
  [[nodiscard]] std::span<const std::byte> message() const { return {d_buffer.data(), d_size}; }
  // Offsets of the TTL fields written by rrset() so far (for packet caches).
  [[nodiscard]] std::span<const std::uint16_t> ttlOffsets() const { return {d_ttlOffsets.data(), d_ttlCount}; }
  [[nodiscard]] bool ttlOffsetsComplete() const { return d_ttlCount < d_ttlOffsets.size(); }

 private:
  struct Mark {
    std::size_t size, ttlCount;
  };
  [[nodiscard]] Mark begin();
  bool commit(const Mark& mark, Section section, std::size_t records);

  // Room for that many octets more, null when there is none: the part is not written then.
  std::byte* extend(std::size_t octets);
  void put(std::span<const std::byte> octets);
  // Writes the name; returns the offset a pointer to the whole of it may use, 0 for none. `exactCase`: only suffixes
  // that are the same octet for octet are pointed to.
  std::size_t name(std::span<const std::byte> wire, bool exactCase);
  std::size_t compressed(std::span<const std::byte> wire, bool exactCase);
  void pointTo(std::size_t target);
  void record(const RRset& rrset, RRType type, std::uint32_t ttl, std::span<const std::byte> rdata);
  void rdata(RRType type, std::span<const std::byte> rdata);

  std::span<std::byte> d_buffer;
  std::size_t d_size = 0;
  std::size_t d_limit = 0;
  bool d_full = false; // the part being written does not fit
  bool d_overflowed = false;
  std::array<std::uint16_t, 256> d_ttlOffsets;
  std::size_t d_ttlCount = 0;
  NameCompressor d_names;
};

} // namespace dns
