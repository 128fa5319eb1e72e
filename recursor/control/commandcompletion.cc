// Completion of rec_control's commands and their arguments for bash and zsh: see commandpages.hh.
#include <algorithm>

#include "recursor/config/settings.hh"
#include "recursor/config/values.hh"
#include "recursor/control/commandpages.hh"
#include "recursor/stats/metrics.hh"

namespace rec {
namespace {

std::string joined(const std::vector<std::string>& words) {
  std::string text;
  for (const auto& word : words) text += (text.empty() ? "" : " ") + word;
  return text;
}

std::string commandNames() {
  std::vector<std::string> names;
  for (const Command& command : allCommands()) names.emplace_back(command.name);
  return joined(names);
}

std::string settingNames() {
  std::vector<std::string> names;
  for (const SettingInfo& info : allSettings()) {
    if (info.status == SettingStatus::Works) names.emplace_back(info.name);
  }
  return joined(names);
}

std::string metricNames() {
  std::vector<std::string> names;
  for (const MetricInfo& info : allMetrics()) names.emplace_back(info.name);
  return joined(names);
}

// "list", "--json", "--subnet=": not "NAME".
bool isWord(std::string_view text) {
  return !text.empty() && text != "--" && std::ranges::all_of(text, [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '=';
  });
}

std::string wordsOf(const CompletedArguments& arguments, std::string_view settings, std::string_view metrics,
                    std::string_view commands) {
  std::string words = joined(arguments.words);
  const auto add = [&words](bool wanted, std::string_view more) {
    if (wanted) words += (words.empty() ? "" : " ") + std::string(more);
  };
  add(arguments.settings, settings);
  add(arguments.metrics, metrics);
  add(arguments.commands, commands);
  return words;
}

// Bash cuts words at "=".
constexpr std::string_view kBashHead = R"(# Completion for rec_control(1), made by rec_control --completion=bash
_rec_control() {
  local word=${COMP_WORDS[COMP_CWORD]} before=${COMP_WORDS[COMP_CWORD-1]} command= words= files= i
  COMPREPLY=()
  [[ $word == = ]] && word= || { [[ $before == = ]] && before=${COMP_WORDS[COMP_CWORD-2]}; }
  case $before in
  --config-dir|--socket-dir) compopt -o filenames; COMPREPLY=($(compgen -d -- "$word")); return ;;
  --completion) COMPREPLY=($(compgen -W 'bash zsh' -- "$word")); return ;;
  esac
  for ((i = 1; i < COMP_CWORD; i++)); do
    case ${COMP_WORDS[i]} in
    =) ((i++)) ;;
    -*) ;;
    *) command=${COMP_WORDS[i]}; break ;;
    esac
  done
  case $command in
)";
constexpr std::string_view kBashTail = R"(  esac
  [[ $words == *= ]] && compopt -o nospace
  COMPREPLY=($(compgen -W "$words" -- "$word"))
  if [[ $files ]]; then
    compopt -o filenames
    COMPREPLY+=($(compgen -f -- "$word"))
  fi
}
complete -F _rec_control rec_control
)";

std::string bash() {
  std::string cases = "  '') words=" + shellQuoted(commandNames() + " ");
  cases.pop_back();
  for (const ClientOption& option : clientOptions()) {
    cases += std::string(option.name) + (option.value.empty() ? " " : "= ");
  }
  cases += "' ;;\n";
  for (const Command& command : allCommands()) {
    const auto arguments = completedArguments(command.arguments);
    const std::string words = wordsOf(arguments, "$settings", "$metrics", "$commands");
    if (words.empty() && !arguments.files) continue;
    cases += "  " + std::string(command.name) + ") words=\"" + words + "\"" + (arguments.files ? " files=yes" : "") +
             " ;;\n";
  }
  std::string head(kBashHead);
  const std::string lists = "  local settings=" + shellQuoted(settingNames()) +
                            "\n  local metrics=" + shellQuoted(metricNames()) +
                            "\n  local commands=" + shellQuoted(commandNames()) + "\n";
  head.insert(head.find("  COMPREPLY=()"), lists);
  return head + cases + std::string(kBashTail);
}

std::string zshOptions() {
  std::string text;
  for (const ClientOption& option : clientOptions()) {
    const bool isDirectory = option.value == "DIR";
    const bool isShell = option.name == "--completion";
    const std::string action = isDirectory ? "_files -/" : isShell ? "(bash zsh)" : "";
    text += "  '" + std::string(option.name) + (option.value.empty() ? "" : "=-") + "[" + zshText(option.help) + "]" +
            (option.value.empty() ? "" : ":value:" + action) + "' \\\n";
  }
  return text;
}

std::string zsh() {
  std::string text = "#compdef rec_control\n# Completion for rec_control(1), made by rec_control --completion=zsh\n"
                     "local context state state_descr line\nlocal -a cmds\ncmds=(\n";
  for (const Command& command : allCommands()) {
    text += "  '" + std::string(command.name) + ":" + zshText(command.help) + "'\n";
  }
  text += ")\nlocal settings=" + shellQuoted(settingNames()) + "\nlocal metrics=" + shellQuoted(metricNames()) +
          "\n_arguments \\\n" + zshOptions() +
          "  '1:command:->command' \\\n  '*::argument:->argument'\ncase $state in\n"
          "command) _describe command cmds ;;\nargument)\n  case $words[1] in\n";
  for (const Command& command : allCommands()) {
    const auto arguments = completedArguments(command.arguments);
    const std::string words = wordsOf(arguments, "${=settings}", "${=metrics}", "${cmds%%:*}");
    if (words.empty() && !arguments.files) continue;
    text += "  " + std::string(command.name) + ") " + (words.empty() ? "" : "compadd -- " + words) +
            (words.empty() || !arguments.files ? "" : "; ") + (arguments.files ? "_files" : "") + " ;;\n";
  }
  return text + "  esac ;;\nesac\n";
}

} // namespace

CompletedArguments completedArguments(std::string_view arguments) {
  CompletedArguments result;
  for (std::string_view part : split(arguments, " |[]")) {
    if (part.ends_with("...")) part.remove_suffix(3);
    const auto equals = part.find('=');
    if (equals != std::string_view::npos) part = part.substr(0, equals + 1);
    result.files = result.files || part == "FILE";
    result.settings = result.settings || part == "SETTING";
    result.metrics = result.metrics || part == "METRIC";
    result.commands = result.commands || part == "COMMAND";
    const bool isNew = std::ranges::find(result.words, part) == result.words.end();
    if (isWord(part) && isNew) result.words.emplace_back(part);
  }
  return result;
}

std::string controlCompletion(Shell shell) { return shell == Shell::Bash ? bash() : zsh(); }

} // namespace rec
