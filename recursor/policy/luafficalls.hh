// The declarations behind the ffi of scripts, laid out as they declare them themselves (ffi.cdef), and what the two
// files of functions share.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "lib/dns/wirereader.hh"
#include "recursor/policy/luaquestion.hh"

extern "C" {

using pdns_ffi_param_t = struct pdns_ffi_param;
using pdns_postresolve_ffi_handle_t = struct pdns_postresolve_ffi_handle;
using pdns_record_place_t = int;
using pdns_policy_kind_t = int;

typedef struct {
  std::uint16_t optionCode;
  std::uint16_t len;
  const void* data;
} pdns_ednsoption_t;

typedef struct {
  std::uint8_t type;
  std::uint16_t len;
  const void* data;
} pdns_proxyprotocol_value_t;

typedef struct {
  const char* name;
  std::size_t name_len;
  const char* content;
  std::size_t content_len;
  std::uint32_t ttl;
  pdns_record_place_t place;
  std::uint16_t type;
} pdns_ffi_record_t;
}

namespace rec {

// What a script wants added.
struct FfiRecord {
  const char* name; // null: the question's
  std::uint16_t type;
  std::uint32_t ttl;
  std::string_view content;
  pdns_record_place_t place;
  bool raw; // content is wire form
};

[[nodiscard]] std::string ffiName(const dns::Name& name); // without the final dot
void ffiRaw(const base::Address& address, const void** at, std::size_t* size);
// False when it cannot be.
[[nodiscard]] bool ffiAddRecord(LuaQuestion& question, const FfiRecord& given);
[[nodiscard]] bool ffiContent(LuaRecord& record, std::string_view content, bool raw);

} // namespace rec
