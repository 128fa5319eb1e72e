// DNSRecord in scripts: one record of an answer, as dq:getRecords() gives it and dq:setRecords() takes it, or made by
// newDR(name, type, ttl, content, place).
#include "lib/dns/presentation.hh"
#include "lib/dns/rdata.hh"
#include "recursor/policy/luaobjects.hh"

namespace rec {
namespace {

int getName(LuaCall& call) {
  const LuaRecord* record = call.object<LuaRecord>(1);
  return record == nullptr ? 0 : call.giveObject(record->name);
}
int setName(LuaCall& call) {
  LuaRecord* record = call.object<LuaRecord>(1);
  dns::Name name = luaName(call, 2);
  if (!call.failed()) record->name = std::move(name);
  return 0;
}

int getType(LuaCall& call) {
  const LuaRecord* record = call.object<LuaRecord>(1);
  return record == nullptr ? 0 : call.give(static_cast<unsigned>(record->type));
}
int setType(LuaCall& call) {
  LuaRecord* record = call.object<LuaRecord>(1);
  const dns::RRType type = call.rrtype(2);
  if (!call.failed()) record->type = type;
  return 0;
}

int getTtl(LuaCall& call) {
  const LuaRecord* record = call.object<LuaRecord>(1);
  return record == nullptr ? 0 : call.give(record->ttl);
}
int setTtl(LuaCall& call) {
  LuaRecord* record = call.object<LuaRecord>(1);
  const auto ttl = static_cast<std::uint32_t>(call.number(2, 0, INT32_MAX));
  if (!call.failed()) record->ttl = ttl;
  return 0;
}

int getPlace(LuaCall& call) {
  const LuaRecord* record = call.object<LuaRecord>(1);
  return record == nullptr ? 0 : call.give(static_cast<unsigned>(record->place));
}
int setPlace(LuaCall& call) {
  LuaRecord* record = call.object<LuaRecord>(1);
  const auto place = static_cast<LuaPlace>(call.number(2, 0, 3));
  if (!call.failed()) record->place = place;
  return 0;
}

int getContent(LuaCall& call) {
  const LuaRecord* record = call.object<LuaRecord>(1);
  return record == nullptr ? 0 : call.give(dns::rdataText(record->type, record->rdata));
}

std::vector<std::byte> contentOf(LuaCall& call, dns::RRType type, int index) {
  const std::string text = call.text(index);
  if (call.failed()) return {};
  auto rdata = dns::parseRdata(type, text);
  if (!rdata) {
    call.fail("'" + text + "': " + rdata.error().message);
    return {};
  }
  return *std::move(rdata);
}

int changeContent(LuaCall& call) {
  LuaRecord* record = call.object<LuaRecord>(1);
  if (record == nullptr) return 0;
  auto rdata = contentOf(call, record->type, 2);
  if (!call.failed()) record->rdata = std::move(rdata);
  return 0;
}

int getCa(LuaCall& call) {
  constexpr std::uint16_t kPort = 53;
  const LuaRecord* record = call.object<LuaRecord>(1);
  if (record == nullptr) return 0;
  const auto address = dns::readAddress(record->type, record->rdata, kPort);
  return address ? call.giveObject(*address) : call.giveNothing();
}

int newDr(LuaCall& call) {
  LuaRecord record;
  record.name = luaName(call, 1);
  const std::string type = call.text(2);
  const auto known = dns::parseRRType(type);
  if (!known) call.fail("'" + type + "' is not a record type");
  record.type = known.value_or(dns::RRType{});
  record.ttl = static_cast<std::uint32_t>(call.number(3, 0, INT32_MAX));
  record.rdata = contentOf(call, record.type, 4);
  record.place = static_cast<LuaPlace>(call.number(5, 0, 3));
  return call.failed() ? 0 : call.giveObject(std::move(record));
}

} // namespace

void defineRecord(lua_State* lua) {
  luaDefine<LuaRecord>(lua, {.methods = {luaMethod<getContent>("getContent"), luaMethod<changeContent>("changeContent"),
                                         luaMethod<getCa>("getCA")},
                             .members = {luaMember<getName, setName>("name"), luaMember<getType, setType>("type"),
                                         luaMember<getTtl, setTtl>("ttl"), luaMember<getPlace, setPlace>("place")}});
  lua_register(lua, "newDR", &luaInvoke<newDr>);
}

} // namespace rec
