// The control commands about DNSSEC: trust anchors, negative ones, algorithms, the log of bogus answers. Rows of the
// table in commands.cc; run on the control thread. Replies are PowerDNS's, word for word where it has the command.
#pragma once

#include "recursor/control/commands.hh"

namespace rec {

[[nodiscard]] Reply addTa(CommandCall& call);
[[nodiscard]] Reply clearTa(CommandCall& call);
[[nodiscard]] Reply getTas(CommandCall& call);
[[nodiscard]] Reply addNta(CommandCall& call);
[[nodiscard]] Reply clearNta(CommandCall& call);
[[nodiscard]] Reply getNtas(CommandCall& call);
[[nodiscard]] Reply listDnssecAlgos(CommandCall& call);
[[nodiscard]] Reply setDnssecLogBogus(CommandCall& call);
[[nodiscard]] Reply setMaxAggressiveCache(CommandCall& call);
[[nodiscard]] Reply reloadLuaConfig(CommandCall& call);

} // namespace rec
