// Which functions of scripts would be asked about a question, and when: for `rec_control explain`. None of them is
// called.
#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "recursor/resolve/resolver.hh"

namespace rec {

// Paths of the scripts in their order, with the hooks that each defines: bits 1 << LuaHook.
using ScriptHooks = std::vector<std::pair<std::string, std::uint32_t>>;

// Empty without scripts. `outcome`: what the question resolves to.
[[nodiscard]] std::string hooksText(const ScriptHooks& scripts, const Outcome& outcome);
// An array.
[[nodiscard]] std::string hooksJson(const ScriptHooks& scripts, const Outcome& outcome);

} // namespace rec
