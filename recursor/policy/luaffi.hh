// The functions that scripts call through LuaJIT's ffi in gettag_ffi and postresolve_ffi: C names, PowerDNS's, found in
// the program by their names. Here: what stands behind the pointers that scripts hand to them.
#pragma once

#include <memory>

#include "recursor/policy/luaquestion.hh"

struct pdns_ffi_param;
struct pdns_postresolve_ffi_handle;

namespace rec {

struct LuaFfiDeleter {
  void operator()(pdns_ffi_param* param) const;
  void operator()(pdns_postresolve_ffi_handle* handle) const;
};
using LuaFfiParam = std::unique_ptr<pdns_ffi_param, LuaFfiDeleter>;
using LuaFfiHandle = std::unique_ptr<pdns_postresolve_ffi_handle, LuaFfiDeleter>;

// For one call of the hook.
[[nodiscard]] LuaFfiParam makeFfiParam(LuaQuestion& question);
[[nodiscard]] LuaFfiHandle makeFfiHandle(LuaQuestion& question);

} // namespace rec
