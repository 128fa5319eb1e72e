// The parts of recursor.yml that stand for functions of lua-config-file: trust anchors, response policy zones, block
// lists, sort lists, additional records, mapped addresses. They become calls of those functions, so that there is one
// reader and one set of errors for both. Called by luaconfig.cc when lua-config-file is a recursor.yml.
#pragma once

#include <string>
#include <string_view>

#include "lib/base/result.hh"

namespace rec {

[[nodiscard]] bool isYamlLuaPart(std::string_view section, std::string_view name);

[[nodiscard]] bool isYamlFile(std::string_view path); // by its name: .yml or .yaml

// A Lua script whose calls stand in the lines of what they came from. Errors begin with "fileName:line: ".
base::Result<std::string> luaOfYaml(std::string_view content, const std::string& fileName);

} // namespace rec
