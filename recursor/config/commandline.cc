// The command line: see commandline.hh.
#include "recursor/config/commandline.hh"

#include <boost/program_options.hpp>

#include <sstream>

#include "recursor/config/settings.hh"
#include "recursor/config/values.hh"

namespace rec {

using base::Error;
using base::Result;
namespace options = boost::program_options;

namespace {

options::options_description describeCommands() {
  options::options_description commands("Commands");
  commands.add_options()("help", "Show this text and end");
  commands.add_options()("version", "Show name, version and features and end");
  commands.add_options()(
      "config", options::value<std::string>()->implicit_value("")->value_name("default|diff|check"),
      "Show the settings in effect, all defaults, or what differs from them; or check them; and end");
  commands.add_options()("check-host",
                         options::value<std::string>()->implicit_value("")->value_name("--json,--offline,CHECK"),
                         "Look for what slows a resolver down on this machine, as rec_control doctor does, and end");
  return commands;
}

options::options_description describeSettings(SettingStatus status, const char* caption) {
  options::options_description described(caption, 100);
  for (const auto& info : allSettings()) {
    if (info.status != status) continue;
    const auto help = std::string(info.help) + " [" + std::string(info.defaultText) + "]";
    described.add_options()(std::string(info.name).c_str(), options::value<std::string>()->value_name("VALUE"),
                            help.c_str());
  }
  return described;
}

// Takes one "--..." off the arguments. The library's own parser refuses "--key=" and does not know "--key+=value".
std::vector<options::option> takeOption(std::vector<std::string>& arguments) {
  const auto& first = arguments.front();
  if (!first.starts_with("--") || first.size() == 2) return {};
  options::option option;
  const auto equals = first.find('=');
  option.string_key = first.substr(2, equals == std::string::npos ? equals : equals - 2);
  option.value.push_back(equals == std::string::npos ? "" : first.substr(equals + 1));
  option.original_tokens.push_back(first);
  arguments.erase(arguments.begin());
  return {option};
}

Result<void> addOption(CommandLine& line, const std::string& token) {
  auto assignment = parseAssignment(std::string_view(token).substr(2));
  if (!assignment) return assignment.error();
  if (assignment->key == "help") {
    line.action = CommandLine::Action::Help;
  } else if (assignment->key == "version") {
    line.action = CommandLine::Action::Version;
  } else if (assignment->key == "config") {
    line.action = CommandLine::Action::Config;
    line.configMode = token.find('=') == std::string::npos ? "" : assignment->value;
  } else if (assignment->key == "check-host") {
    line.action = CommandLine::Action::CheckHost;
    for (const auto word : split(assignment->value, kListSeparators)) line.checkWords.emplace_back(word);
  } else {
    assignment->where = "command line";
    line.assignments.push_back(std::move(*assignment));
  }
  return {};
}

} // namespace

Result<CommandLine> parseCommandLine(const std::vector<std::string>& arguments) {
  CommandLine line;
  try {
    const options::options_description none;
    const auto parsed =
        options::command_line_parser(arguments)
            .options(none)
            .style(options::command_line_style::allow_long | options::command_line_style::long_allow_adjacent)
            .extra_style_parser(takeOption)
            .allow_unregistered()
            .run();
    for (const auto& option : parsed.options) {
      const auto& token = option.original_tokens.front();
      if (option.position_key >= 0 || !token.starts_with("--") || token.size() == 2) {
        if (token.starts_with("-") && token != "-") return Error{"command line: " + token + ": not an option"};
        line.words.push_back(token);
        continue;
      }
      const auto added = addOption(line, token);
      if (!added) return Error{"command line: " + added.error().message};
    }
  } catch (const options::error& problem) {
    return Error{std::string("command line: ") + problem.what()};
  }
  return line;
}

std::string helpText() {
  std::ostringstream text;
  text << "recursor [--config-dir=DIR] [--config-name=NAME] [--SETTING=VALUE ...]\n\n"
       << "Resolves names for its clients. Reads DIR/recursor.conf; options override the file.\n\n"
       << describeCommands() << '\n'
       << describeSettings(SettingStatus::Works, "Settings [default]") << '\n'
       << describeSettings(SettingStatus::Meaningless, "Settings of PowerDNS's that mean nothing here") << '\n'
       << describeSettings(SettingStatus::Unsupported, "Settings of PowerDNS's that are not supported (yet)");
  return text.str();
}

} // namespace rec
