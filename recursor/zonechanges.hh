// Which names may be answered otherwise when zones were read anew. Called by Resolving, whose caches forget those
// names.
#pragma once

#include <vector>

#include "lib/dns/name.hh"
#include "recursor/config/zonesources.hh"

namespace rec {

// Zones with a file always count as changed. Each name costs a walk through all caches: many become the root.
[[nodiscard]] std::vector<dns::Name> changedNames(const ZoneSources& before, const ZoneSources& now);

} // namespace rec
