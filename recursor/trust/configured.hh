// From what lua-config-file said to trust anchors, and from these to the text that people read. Used by Resolving, the
// daemon and the control commands.
#pragma once

#include "recursor/config/luaconfig.hh"
#include "recursor/trust/trustanchors.hh"

namespace rec {

[[nodiscard]] AnchorSnapshot givenAnchors(const LuaConfig& config); // built in, addTA, addNTA
[[nodiscard]] TrustAnchors::Sets anchorSets(const std::map<dns::Name, std::vector<TrustAnchor>>& anchors);

// The name as PowerDNS writes it for people: without the final dot, unless it is the root.
[[nodiscard]] std::string shownName(const dns::Name& name);
// The rdata of a DS as PowerDNS shows it: "20326 8 2 e06d44b8...".
[[nodiscard]] std::string anchorText(std::span<const std::byte> ds);
// What get-tas and get-ntas show.
[[nodiscard]] std::string trustAnchorText(const AnchorSnapshot& anchors);
[[nodiscard]] std::string negativeAnchorText(const AnchorSnapshot& anchors, base::WallTime now);

} // namespace rec
