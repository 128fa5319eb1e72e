// recursor.yml: the settings in sections, as PowerDNS Recursor 5 has them, read into the same assignments as those of
// recursor.conf; and written from them (rec_control show-yaml). Called by configuration.cc.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "lib/base/result.hh"
#include "recursor/config/configfile.hh"
#include "recursor/config/configuration.hh"

namespace rec {

// Errors begin with "fileName:line: ". `included`: a file of include-dir, whose lists are added to those before, unless
// they are tagged !override. Where the file has trust anchors, response policy zones or block lists, it stands for
// lua-config-file itself (yamllua.hh).
base::Result<std::vector<Assignment>> parseYamlConfig(std::string_view content, const std::string& fileName,
                                                      bool included);

// What was written, as recursor.yml. The error is a value that recursor.yml cannot have.
base::Result<std::string> toYaml(const std::map<std::string, Configuration::Written, std::less<>>& written);

} // namespace rec
