// Which names the operator speaks for, as opposed to the public DNS: those of local data and of zones that are
// forwarded somewhere, other than the root. Asked by the protection against DNS rebinding.
#pragma once

#include "recursor/resolve/forwardrules.hh"
#include "recursor/resolve/localzone.hh"

namespace rec {

[[nodiscard]] bool isOperators(const dns::Name& name, const ForwardRules& forwards, const LocalZones& local);

} // namespace rec
