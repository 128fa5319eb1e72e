// The YAML form of forward-zones-file (its name ends in .yml or .yaml): a sequence of mappings with zone, forwarders,
// recurse and notify_allowed. Reads that much of YAML and refuses the rest: no anchors, no block scalars, no nesting,
// no key twice. Called by ZoneSources.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "recursor/config/settings.hh"

namespace rec {

// Errors begin with "fileName:line: ".
base::Result<std::vector<ForwardZone>> parseYamlForwardZones(std::string_view content, const std::string& fileName);

} // namespace rec
