// The functions of lua-config-file that say how answers look: addSortList, clearSortlist, addAllowedAdditionalQType,
// with PowerDNS's arguments, and the table pdns that they need. Called by luaconfig.cc only.
#pragma once

#include "recursor/config/answerrules.hh"
#include "recursor/config/luaarguments.hh"

namespace rec {

// addSortList(clients, network or {networks} [, place]).
base::Result<void> readSortList(const LuaConfigArguments& arguments, SortLists& into);
// addAllowedAdditionalQType(qtype, {targets} [, {mode=pdns.AdditionalMode.X}]).
base::Result<void> readAdditional(const LuaConfigArguments& arguments, AnswerRules& into);
// pdns: a number for each record type, and AdditionalMode.
void setAnswerConstants(lua_State* lua);

} // namespace rec
