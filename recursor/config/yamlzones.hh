// Forward zones and auth zones in YAML: a sequence of mappings with zone, forwarders, recurse and notify_allowed, or
// with zone and file. The YAML form of forward-zones-file (its name ends in .yml or .yaml), and parts of recursor.yml.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "recursor/config/settings.hh"
#include "recursor/config/yamltree.hh"

namespace rec {

// Errors begin with "fileName:line: ".
base::Result<std::vector<ForwardZone>> parseYamlForwardZones(std::string_view content, const std::string& fileName);

// Zones of recursor.yml in the words of recursor.conf, so that its parser reads them: "+^zone=address;address" and
// "zone=file". `recurse` is what holds for zones that do not say.
base::Result<std::vector<std::string>> forwardZoneWords(const YamlNode& zones, const std::string& fileName,
                                                        bool recurse);
base::Result<std::vector<std::string>> authZoneWords(const YamlNode& zones, const std::string& fileName);

} // namespace rec
