// The C functions of gettag_ffi: each reads or writes one thing of the question behind the pointer. Strings that are
// handed out live as long as the call of the hook. Nothing here throws or raises a Lua error.
#include "recursor/policy/luaffi.hh"

#include <list>

#include "lib/base/log.hh"
#include "lib/dns/presentation.hh"
#include "recursor/policy/luafficalls.hh"

using rec::LuaNetmask;
using rec::LuaQuestion;

struct pdns_ffi_param {
  LuaQuestion& question;
  LuaNetmask subnet;
  std::list<std::string> texts; // handed out
  std::vector<pdns_ednsoption_t> options;
  std::vector<pdns_proxyprotocol_value_t> proxyValues;

  const char* keep(std::string text) { return texts.emplace_back(std::move(text)).c_str(); }
};

namespace rec {

LuaFfiParam makeFfiParam(LuaQuestion& question) {
  return LuaFfiParam(new pdns_ffi_param{question, subnetOf(question.options), {}, {}, {}});
}

void LuaFfiDeleter::operator()(pdns_ffi_param* param) const { delete param; }

std::string ffiName(const dns::Name& name) {
  std::string text = name.text();
  text.pop_back();
  return text;
}

void ffiRaw(const base::Address& address, const void** at, std::size_t* size) {
  const auto octets = address.octets();
  *at = octets.data();
  *size = octets.size();
}

bool ffiAddRecord(LuaQuestion& question, const FfiRecord& given) {
  LuaRecord record;
  record.type = static_cast<dns::RRType>(given.type);
  record.ttl = given.ttl;
  record.name = question.question.name;
  if (given.name != nullptr) {
    auto name = dns::Name::parse(given.name);
    if (!name) return false;
    record.name = *std::move(name);
  }
  if (given.place < 0 || given.place > 3 || question.records.size() >= kMostLuaRecords) return false;
  record.place = static_cast<LuaPlace>(given.place);
  if (!ffiContent(record, given.content, given.raw)) return false;
  question.records.push_back(std::move(record));
  return true;
}

bool ffiContent(LuaRecord& record, std::string_view content, bool raw) {
  if (raw) {
    const auto octets = std::as_bytes(std::span(content));
    if (!dns::rdataWellFormed(record.type, octets)) return false;
    record.rdata.assign(octets.begin(), octets.end());
    return true;
  }
  auto rdata = dns::parseRdata(record.type, content);
  if (!rdata) {
    base::log(base::LogLevel::Error,
              "a record from a Lua script, '" + std::string(content) + "': " + rdata.error().message);
    return false;
  }
  record.rdata = *std::move(rdata);
  return true;
}

} // namespace rec

extern "C" {

const char* pdns_ffi_param_get_qname(pdns_ffi_param_t* ref) {
  return ref->keep(rec::ffiName(ref->question.question.name));
}
void pdns_ffi_param_get_qname_raw(pdns_ffi_param_t* ref, const char** qname, std::size_t* size) {
  const auto wire = ref->question.question.name.wire();
  *qname = reinterpret_cast<const char*>(wire.data());
  *size = wire.size();
}
std::uint16_t pdns_ffi_param_get_qtype(const pdns_ffi_param_t* ref) {
  return static_cast<std::uint16_t>(ref->question.question.type);
}

const char* pdns_ffi_param_get_remote(pdns_ffi_param_t* ref) { return ref->keep(ref->question.remote.text()); }
void pdns_ffi_param_get_remote_raw(pdns_ffi_param_t* ref, const void** address, std::size_t* size) {
  rec::ffiRaw(ref->question.remote, address, size);
}
std::uint16_t pdns_ffi_param_get_remote_port(const pdns_ffi_param_t* ref) { return ref->question.remote.port(); }
const char* pdns_ffi_param_get_local(pdns_ffi_param_t* ref) { return ref->keep(ref->question.local.text()); }
void pdns_ffi_param_get_local_raw(pdns_ffi_param_t* ref, const void** address, std::size_t* size) {
  rec::ffiRaw(ref->question.local, address, size);
}
std::uint16_t pdns_ffi_param_get_local_port(const pdns_ffi_param_t* ref) { return ref->question.local.port(); }
const char* pdns_ffi_param_get_interface_remote(pdns_ffi_param_t* ref) {
  return ref->keep(ref->question.interfaceRemote().text());
}
void pdns_ffi_param_get_interface_remote_raw(pdns_ffi_param_t* ref, const void** address, std::size_t* size) {
  rec::ffiRaw(ref->question.interfaceRemote(), address, size);
}
std::uint16_t pdns_ffi_param_get_interface_remote_port(const pdns_ffi_param_t* ref) {
  return ref->question.interfaceRemote().port();
}
const char* pdns_ffi_param_get_interface_local(pdns_ffi_param_t* ref) {
  return ref->keep(ref->question.interfaceLocal().text());
}
void pdns_ffi_param_get_interface_local_raw(pdns_ffi_param_t* ref, const void** address, std::size_t* size) {
  rec::ffiRaw(ref->question.interfaceLocal(), address, size);
}
std::uint16_t pdns_ffi_param_get_interface_local_port(const pdns_ffi_param_t* ref) {
  return ref->question.interfaceLocal().port();
}

const char* pdns_ffi_param_get_edns_cs(pdns_ffi_param_t* ref) {
  return ref->subnet.empty() ? nullptr : ref->keep(ref->subnet.network.text());
}
void pdns_ffi_param_get_edns_cs_raw(pdns_ffi_param_t* ref, const void** network, std::size_t* size) {
  *network = nullptr;
  *size = 0;
  if (!ref->subnet.empty()) rec::ffiRaw(ref->subnet.network, network, size);
}
std::uint8_t pdns_ffi_param_get_edns_cs_source_mask(const pdns_ffi_param_t* ref) { return ref->subnet.bits; }

static std::size_t giveOptions(pdns_ffi_param_t* ref, int only, const pdns_ednsoption_t** out) {
  ref->options.clear();
  for (const auto& [code, content] : ref->question.options) {
    if (only < 0 || code == only) {
      ref->options.push_back({code, static_cast<std::uint16_t>(content.size()), content.data()});
    }
  }
  if (!ref->options.empty()) *out = ref->options.data();
  return ref->options.size();
}
std::size_t pdns_ffi_param_get_edns_options(pdns_ffi_param_t* ref, const pdns_ednsoption_t** out) {
  return giveOptions(ref, -1, out);
}
std::size_t pdns_ffi_param_get_edns_options_by_code(pdns_ffi_param_t* ref, std::uint16_t code,
                                                    const pdns_ednsoption_t** out) {
  return giveOptions(ref, code, out);
}
std::size_t pdns_ffi_param_get_proxy_protocol_values(pdns_ffi_param_t* ref, const pdns_proxyprotocol_value_t** out) {
  ref->proxyValues.clear();
  if (ref->question.proxy) {
    for (const auto& [type, content] : ref->question.proxy->values) {
      ref->proxyValues.push_back({type, static_cast<std::uint16_t>(content.size()), content.data()});
    }
  }
  if (!ref->proxyValues.empty()) *out = ref->proxyValues.data();
  return ref->proxyValues.size();
}

void pdns_ffi_param_set_tag(pdns_ffi_param_t* ref, unsigned int tag) { ref->question.tag = tag; }
void pdns_ffi_param_add_policytag(pdns_ffi_param_t* ref, const char* name) { ref->question.policyTags.insert(name); }
void pdns_ffi_param_set_requestorid(pdns_ffi_param_t* ref, const char* name) { ref->question.requestorId = name; }
void pdns_ffi_param_set_devicename(pdns_ffi_param_t* ref, const char* name) { ref->question.deviceName = name; }
void pdns_ffi_param_set_deviceid(pdns_ffi_param_t* ref, std::size_t size, const void* id) {
  ref->question.deviceId.assign(static_cast<const char*>(id), size);
}
void pdns_ffi_param_set_routingtag(pdns_ffi_param_t* ref, const char* tag) { ref->question.routingTag = tag; }
void pdns_ffi_param_set_variable(pdns_ffi_param_t* ref, bool variable) { ref->question.variable = variable; }
void pdns_ffi_param_set_ttl_cap(pdns_ffi_param_t* ref, std::uint32_t ttl) { ref->question.ttlCap = ttl; }
void pdns_ffi_param_set_log_query(pdns_ffi_param_t* /*ref*/, bool /*log*/) {} // what is logged is answers
void pdns_ffi_param_set_log_response(pdns_ffi_param_t* ref, bool log) { ref->question.logResponse = log; }
void pdns_ffi_param_set_rcode(pdns_ffi_param_t* ref, int rcode) {
  ref->question.rcode = rcode;
  ref->question.answered = true;
}
void pdns_ffi_param_set_follow_cname_records(pdns_ffi_param_t* ref, bool follow) { ref->question.followCname = follow; }
void pdns_ffi_param_set_extended_error_code(pdns_ffi_param_t* ref, std::uint16_t code) {
  ref->question.extendedErrorCode = code;
}
void pdns_ffi_param_set_extended_error_extra(pdns_ffi_param_t* ref, std::size_t size, const char* extra) {
  ref->question.extendedErrorExtra.assign(extra, size);
}
bool pdns_ffi_param_add_record(pdns_ffi_param_t* ref, const char* name, std::uint16_t type, std::uint32_t ttl,
                               const char* content, std::size_t size, pdns_record_place_t place) {
  return rec::ffiAddRecord(ref->question, {name, type, ttl, {content, size}, place, false});
}
void pdns_ffi_param_set_padding_disabled(pdns_ffi_param_t* ref, bool disabled) { ref->question.padding = !disabled; }
// For protobuf logging, which there is not.
void pdns_ffi_param_add_meta_single_string_kv(pdns_ffi_param_t* /*ref*/, const char* /*key*/, const char* /*value*/) {}
void pdns_ffi_param_add_meta_single_int64_kv(pdns_ffi_param_t* /*ref*/, const char* /*key*/, std::int64_t /*value*/) {}

} // extern "C"
