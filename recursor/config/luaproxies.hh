// addProxyMapping of lua-config-file, with PowerDNS's arguments. Called by luaconfig.cc only.
#pragma once

#include <vector>

#include "recursor/config/luaarguments.hh"
#include "recursor/config/proxymapping.hh"

namespace rec {

// addProxyMapping(network, address [, {domains}]). A port behind the address is accepted; nothing asks for it.
base::Result<void> readProxyMapping(const LuaConfigArguments& arguments, std::vector<ProxyMappingRule>& into);

} // namespace rec
