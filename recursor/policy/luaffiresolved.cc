// The C functions of postresolve_ffi: response code, policy and records of an answer, read and changed in place.
#include <list>

#include "lib/dns/presentation.hh"
#include "recursor/policy/luaconstants.hh"
#include "recursor/policy/luaffi.hh"
#include "recursor/policy/luafficalls.hh"

struct pdns_postresolve_ffi_handle {
  rec::LuaQuestion& question;
  std::list<std::string> texts; // handed out

  const std::string& keep(std::string text) { return texts.emplace_back(std::move(text)); }
};

namespace rec {

LuaFfiHandle makeFfiHandle(LuaQuestion& question) {
  return LuaFfiHandle(new pdns_postresolve_ffi_handle{question, {}});
}

void LuaFfiDeleter::operator()(pdns_postresolve_ffi_handle* handle) const { delete handle; }

} // namespace rec

extern "C" {

const char* pdns_postresolve_ffi_handle_get_qname(pdns_postresolve_ffi_handle_t* ref) {
  return ref->keep(rec::ffiName(ref->question.question.name)).c_str();
}
void pdns_postresolve_ffi_handle_get_qname_raw(pdns_postresolve_ffi_handle_t* ref, const char** qname,
                                               std::size_t* size) {
  const auto wire = ref->question.question.name.wire();
  *qname = reinterpret_cast<const char*>(wire.data());
  *size = wire.size();
}
std::uint16_t pdns_postresolve_ffi_handle_get_qtype(const pdns_postresolve_ffi_handle_t* ref) {
  return static_cast<std::uint16_t>(ref->question.question.type);
}
std::uint16_t pdns_postresolve_ffi_handle_get_rcode(const pdns_postresolve_ffi_handle_t* ref) {
  return static_cast<std::uint16_t>(ref->question.rcode);
}
void pdns_postresolve_ffi_handle_set_rcode(const pdns_postresolve_ffi_handle_t* ref, std::uint16_t rcode) {
  ref->question.rcode = rcode;
}
pdns_policy_kind_t pdns_postresolve_ffi_handle_get_appliedpolicy_kind(const pdns_postresolve_ffi_handle_t* ref) {
  return rec::luaKindOf(ref->question.policy.action);
}
void pdns_postresolve_ffi_handle_set_appliedpolicy_kind(pdns_postresolve_ffi_handle_t* ref, pdns_policy_kind_t kind) {
  if (const auto action = rec::luaActionOf(kind)) {
    ref->question.policy.action = *action;
    ref->question.policyChanged = true;
  }
}

bool pdns_postresolve_ffi_handle_get_record(pdns_postresolve_ffi_handle_t* ref, unsigned int at,
                                            pdns_ffi_record_t* into, bool raw) {
  if (at >= ref->question.records.size()) return false;
  const rec::LuaRecord& record = ref->question.records[at];
  const auto wire = record.name.wire();
  const std::string& name =
      ref->keep(raw ? std::string(reinterpret_cast<const char*>(wire.data()), wire.size()) : rec::ffiName(record.name));
  const std::string& content =
      ref->keep(raw ? std::string(reinterpret_cast<const char*>(record.rdata.data()), record.rdata.size())
                    : dns::rdataText(record.type, record.rdata));
  into->name = name.data();
  into->name_len = name.size();
  into->content = content.data();
  into->content_len = content.size();
  into->ttl = record.ttl;
  into->place = static_cast<pdns_record_place_t>(record.place);
  into->type = static_cast<std::uint16_t>(record.type);
  return true;
}
bool pdns_postresolve_ffi_handle_set_record(pdns_postresolve_ffi_handle_t* ref, unsigned int at, const char* content,
                                            std::size_t size, bool raw) {
  return at < ref->question.records.size() && rec::ffiContent(ref->question.records[at], {content, size}, raw);
}
void pdns_postresolve_ffi_handle_clear_records(pdns_postresolve_ffi_handle_t* ref) { ref->question.records.clear(); }
bool pdns_postresolve_ffi_handle_add_record(pdns_postresolve_ffi_handle_t* ref, const char* name, std::uint16_t type,
                                            std::uint32_t ttl, const char* content, std::size_t size,
                                            pdns_record_place_t place, bool raw) {
  return rec::ffiAddRecord(ref->question, {name, type, ttl, {content, size}, place, raw});
}

// Of no server: an answer may be put together from those of several.
const char* pdns_postresolve_ffi_handle_get_authip(pdns_postresolve_ffi_handle_t* ref) {
  return ref->keep(ref->question.authority ? ref->question.authority->text() : std::string()).c_str();
}
void pdns_postresolve_ffi_handle_get_authip_raw(pdns_postresolve_ffi_handle_t* ref, const void** address,
                                                std::size_t* size) {
  *address = nullptr;
  *size = 0;
  if (ref->question.authority) rec::ffiRaw(*ref->question.authority, address, size);
}

} // extern "C"
