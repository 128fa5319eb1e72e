// What shells need to complete the options of recursor. Printed by --config=completion-bash and -zsh.
#pragma once

#include <string>
#include <string_view>

namespace rec {

enum class Shell { Bash, Zsh };

[[nodiscard]] std::string recursorCompletion(Shell shell);

// In single quotes, for either shell.
[[nodiscard]] std::string shellQuoted(std::string_view text);
// For one entry of zsh's _arguments or _describe, within single quotes: brackets and colons mean something there.
[[nodiscard]] std::string zshText(std::string_view text);

} // namespace rec
