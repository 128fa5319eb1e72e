// rec_control limits, and the lines of explain about limits and DNS rebinding. Called by rows of commands.cc.
#pragma once

#include <string>

#include "recursor/control/commands.hh"
#include "recursor/resolve/resolver.hh"

namespace rec {

[[nodiscard]] Reply limits(CommandCall& call);
// By which limit this client's question would be limited now, if it has to be resolved; empty: by none.
[[nodiscard]] std::string limitText(ControlTarget& target, const base::Address& client, const dns::Name& name);
// What stop-dns-rebind makes of this answer; empty: nothing.
[[nodiscard]] std::string rebindText(ControlTarget& target, const std::vector<AgedRRset>& answer);

} // namespace rec
