// The methods of dq that are about its records: addAnswer, addRecord, getRecords, setRecords.
#pragma once

#include <vector>

#include "recursor/policy/luacall.hh"

namespace rec {

[[nodiscard]] std::vector<LuaMethod> luaRecordMethods();

} // namespace rec
