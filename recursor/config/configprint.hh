// Settings as text: --config, and docs/settings.md. Called by main and by the control commands.
#pragma once

#include <string>

#include "recursor/config/configuration.hh"

namespace rec {

// What a value looks like: "number (bytes), 512 to 65535", "no, yes, fail".
[[nodiscard]] std::string typeText(const SettingInfo& info);
// For --config: every setting in effect with its help, as a recursor.conf.
[[nodiscard]] std::string showSettings(const Configuration& configuration);
// For --config=default: the same with all defaults, commented out.
[[nodiscard]] std::string showDefaults();
// For --config=diff: only what differs from the default, without help.
[[nodiscard]] std::string showDifferences(const Configuration& configuration);
// docs/settings.md, from the table.
[[nodiscard]] std::string settingsMarkdown();

} // namespace rec
