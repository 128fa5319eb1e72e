// Completion of recursor's options, from the table of settings: see completion.hh.
#include "recursor/config/completion.hh"

#include "recursor/config/settings.hh"
#include "recursor/config/values.hh"

namespace rec {
namespace {

constexpr std::string_view kModes = "default diff check";

bool isOffered(const SettingInfo& info) { return info.status == SettingStatus::Works; }

// Words for the value of a setting; empty: anything.
std::string valuesOf(const SettingInfo& info) {
  if (info.type == SettingType::Bool) return "yes no";
  std::string words;
  if (info.type != SettingType::Choice) return words;
  for (const auto word : split(info.unit, "|")) words += (words.empty() ? "" : " ") + std::string(word);
  return words;
}

// Bash cuts words at "=": the option is the word before, or two before.
constexpr std::string_view kBashHead = R"(# Completion for recursor(1), made by recursor --config=completion-bash
_recursor() {
  local word=${COMP_WORDS[COMP_CWORD]} option=
  [[ $word == = ]] && { word=; option=${COMP_WORDS[COMP_CWORD-1]}; }
  [[ ${COMP_WORDS[COMP_CWORD-1]} == = ]] && option=${COMP_WORDS[COMP_CWORD-2]}
  COMPREPLY=()
  case $option in
)";

std::string bash() {
  std::string cases = "  --config) COMPREPLY=($(compgen -W " + shellQuoted(kModes) + " -- \"$word\")) ;;\n";
  std::string files, names = "--help --version --config";
  for (const SettingInfo& info : allSettings()) {
    if (!isOffered(info)) continue;
    const std::string option = "--" + std::string(info.name);
    names += "\n" + option + "=";
    const std::string values = valuesOf(info);
    if (!values.empty()) {
      cases += "  " + option + ") COMPREPLY=($(compgen -W " + shellQuoted(values) + " -- \"$word\")) ;;\n";
    }
    if (info.type == SettingType::Path) files += (files.empty() ? "" : "|") + option;
  }
  return std::string(kBashHead) + cases + "  " + files +
         ") compopt -o filenames; COMPREPLY=($(compgen -f -- \"$word\")) ;;\n" +
         "  '') compopt -o nospace; COMPREPLY=($(compgen -W '" + names + "' -- \"$word\")) ;;\n" +
         "  esac\n}\ncomplete -F _recursor recursor\n";
}

std::string zsh() {
  std::string text =
      "#compdef recursor\n# Completion for recursor(1), made by recursor --config=completion-zsh\n"
      "_arguments \\\n  '--help[Show a summary and end]' \\\n  '--version[Show name and version and end]' "
      "\\\n  '--config=-[Show or check the settings and end]:what:(" +
      std::string(kModes) + ")'";
  for (const SettingInfo& info : allSettings()) {
    if (!isOffered(info)) continue;
    const std::string values = valuesOf(info);
    const std::string action = info.type == SettingType::Path ? "_files" : values.empty() ? "" : "(" + values + ")";
    text += " \\\n  '--" + std::string(info.name) + "=-[" + zshText(info.help) + "]:value:" + action + "'";
  }
  return text + "\n";
}

} // namespace

std::string shellQuoted(std::string_view text) {
  std::string out = "'";
  for (const char c : text) out += c == '\'' ? std::string("'\\''") : std::string(1, c);
  return out + "'";
}

std::string zshText(std::string_view text) {
  std::string out;
  for (const char c : text) {
    const bool isSpecial = c == '[' || c == ']' || c == ':' || c == '\\';
    out += c == '\'' ? std::string("'\\''") : (isSpecial ? "\\" : "") + std::string(1, c);
  }
  return out;
}

std::string recursorCompletion(Shell shell) { return shell == Shell::Bash ? bash() : zsh(); }

} // namespace rec
