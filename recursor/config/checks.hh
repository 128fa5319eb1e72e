// What a configuration must satisfy beyond each value being well formed. Called by configuration.cc; reads the ACL
// files it names, opens no socket.
#pragma once

#include <optional>
#include <string>

#include "recursor/config/configuration.hh"

namespace rec {

// Refuses settings that are not supported; warns of those without a meaning here and those kept for validation.
base::Result<void> checkStatus(Configuration& configuration);

// What must fit each other; puts the content of allow-from-file and its like into `settings`.
base::Result<void> checkTogether(Configuration& configuration, Settings& settings);

// What to warn of when everybody may ask, though not only this machine can; to be looked at whenever allow-from is
// another one.
[[nodiscard]] std::optional<std::string> warningOfOpenAccess(const Settings& settings);

} // namespace rec
