// What is made from the table of commands besides help: rec_control(1), docs/rec_control.md, completion for shells. Run
// by rec_control for --man, --markdown, --completion.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "recursor/config/completion.hh"
#include "recursor/control/commands.hh"

namespace rec {

// Options of rec_control itself.
struct ClientOption {
  std::string_view name;  // "--timeout"
  std::string_view value; // "SECONDS"; empty: it has none
  std::string_view help;
};
[[nodiscard]] std::span<const ClientOption> clientOptions();

// What can stand behind a command, read from its `arguments`.
struct CompletedArguments {
  std::vector<std::string> words; // themselves: "list", "on", "--json"
  bool files = false, settings = false, metrics = false, commands = false;
};
[[nodiscard]] CompletedArguments completedArguments(std::string_view arguments);

[[nodiscard]] std::string usageText();
[[nodiscard]] std::string controlManPage();
[[nodiscard]] std::string controlMarkdown();
[[nodiscard]] std::string controlCompletion(Shell shell);

// The text for the first of `arguments` when it is --man, --markdown or --completion=SHELL.
[[nodiscard]] std::optional<std::string> pageFor(std::string_view argument);

} // namespace rec
