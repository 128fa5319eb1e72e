// The numbers of DNS: RR types, classes, opcodes and response codes, with their mnemonics.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace dns {

// Any 16-bit value is a valid RRType (RFC 3597); the enumerators come from rrtypes.def.
enum class RRType : std::uint16_t {
#define RRTYPE(mnemonic, number, layout) mnemonic = number,
#include "lib/dns/rrtypes.def"
#undef RRTYPE
};

enum class RRClass : std::uint16_t { IN = 1, CH = 3, HS = 4, NONE = 254, ANY = 255 };
enum class Opcode : std::uint8_t { Query = 0, IQuery = 1, Status = 2, Notify = 4, Update = 5, DSO = 6 };

// 12 bits when extended by EDNS (RFC 6895 2.3).
enum class RCode : std::uint16_t {
  NoError = 0,
  FormErr = 1,
  ServFail = 2,
  NXDomain = 3,
  NotImp = 4,
  Refused = 5,
  YXDomain = 6,
  YXRRSet = 7,
  NXRRSet = 8,
  NotAuth = 9,
  NotZone = 10,
  BadVers = 16,
  BadCookie = 23
};

[[nodiscard]] std::string text(RRType type); // "A", "TYPE65280"
[[nodiscard]] std::string text(RRClass rrclass);
[[nodiscard]] std::string text(RCode rcode); // "NOERROR", "RCODE12"
[[nodiscard]] std::string text(Opcode opcode);
[[nodiscard]] std::optional<RRType> parseRRType(std::string_view mnemonic); // also "TYPE123"; case-insensitive

// QTYPEs and meta types that never stand in a cache: OPT, TSIG, TKEY, IXFR, AXFR, MAILA, MAILB, ANY (RFC 6895 3.1).
[[nodiscard]] bool isMetaType(RRType type);
// The rdata layout string of rrtypes.def ("x" for types without a row).
[[nodiscard]] std::string_view rdataLayout(RRType type);

} // namespace dns
