// Records in and out of dq. What a script makes up is checked here: rdata of its type, a name that is one.
#include "recursor/policy/luadqrecords.hh"

#include "lib/dns/presentation.hh"
#include "recursor/policy/luaobjects.hh"

namespace rec {
namespace {

constexpr std::uint32_t kDefaultTtl = 3600;

// The arguments from `rest` on: TTL and name, each of which may be left out.
void addTo(LuaCall& call, LuaQuestion& question, LuaPlace place, int rest) {
  LuaRecord record;
  record.type = call.rrtype(2);
  const std::string content = call.text(3);
  record.place = place;
  record.ttl = call.has(rest) ? static_cast<std::uint32_t>(call.number(rest, 0, INT32_MAX)) : kDefaultTtl;
  record.name = call.has(rest + 1) ? luaName(call, rest + 1) : question.question.name;
  if (call.failed()) return;
  auto rdata = dns::parseRdata(record.type, content);
  if (!rdata) {
    call.fail("'" + content + "': " + rdata.error().message);
  } else if (question.records.size() >= kMostLuaRecords) {
    call.fail("there are too many records");
  } else {
    record.rdata = *std::move(rdata);
    question.records.push_back(std::move(record));
  }
}

int addAnswer(LuaCall& call) {
  LuaQuestion* question = luaQuestion<LuaDq>(call);
  if (!call.failed()) addTo(call, *question, LuaPlace::Answer, 4);
  return 0;
}

int addRecord(LuaCall& call) {
  LuaQuestion* question = luaQuestion<LuaDq>(call);
  const auto place = static_cast<LuaPlace>(call.number(4, 0, 3));
  if (!call.failed()) addTo(call, *question, place, 5);
  return 0;
}

int getRecords(LuaCall& call) {
  const LuaQuestion* question = luaQuestion<LuaDq>(call);
  if (call.failed()) return 0;
  lua_newtable(call.lua());
  int at = 0;
  for (const LuaRecord& record : question->records) {
    luaPush(call.lua(), record);
    lua_rawseti(call.lua(), -2, ++at);
  }
  return 1;
}

int setRecords(LuaCall& call) {
  LuaQuestion* question = luaQuestion<LuaDq>(call);
  if (!call.isTable(2)) call.fail("a list of records is wanted");
  if (call.failed()) return 0;
  std::vector<LuaRecord> records;
  lua_pushnil(call.lua()); // a list may have holes where records were taken out
  while (lua_next(call.lua(), 2) != 0) {
    const LuaRecord* record = luaObject<LuaRecord>(call.lua(), -1);
    if (record != nullptr) records.push_back(*record);
    lua_pop(call.lua(), 1);
    if (record == nullptr || records.size() > kMostLuaRecords) {
      call.fail("a list of records is wanted");
      lua_pop(call.lua(), 1);
      return 0;
    }
  }
  question->records = std::move(records);
  return 0;
}

} // namespace

std::vector<LuaMethod> luaRecordMethods() {
  return {luaMethod<addAnswer>("addAnswer"), luaMethod<addRecord>("addRecord"), luaMethod<getRecords>("getRecords"),
          luaMethod<setRecords>("setRecords")};
}

} // namespace rec
