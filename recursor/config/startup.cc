// The command line's commands: see startup.hh.
#include "recursor/config/startup.hh"

#include "recursor/config/completion.hh"
#include "recursor/config/configprint.hh"
#include "recursor/config/luaconfig.hh"
#include "recursor/config/manpage.hh"
#include "recursor/stats/statistics.hh"

namespace rec {

namespace {

Startup failure(const std::string& reason) {
  Startup startup;
  startup.error = "recursor: " + reason + "\n";
  startup.exitCode = 1;
  return startup;
}

Startup printed(std::string text) {
  Startup startup;
  startup.output = std::move(text);
  return startup;
}

// --config and its modes that need the configuration.
Startup showConfig(const std::string& mode, const Configuration& configuration) {
  if (mode == "diff") return printed(showDifferences(configuration));
  if (mode == "check") {
    auto startup = printed("");
    for (const auto& warning : configuration.warnings) startup.error += "recursor: warning: " + warning + "\n";
    return startup;
  }
  if (mode.empty()) return printed(showSettings(configuration));
  return failure("command line: config: '" + mode + "' is none of default, diff, check");
}

} // namespace

std::string versionText() { return "Rootwalk " ROOTWALK_VERSION "\nFeatures: " + std::string(luaFeatures()) + "\n"; }

Startup startUp(const std::vector<std::string>& arguments) {
  auto line = parseCommandLine(arguments);
  if (!line) return failure(line.error().message);
  if (line->action == CommandLine::Action::Help) return printed(helpText());
  if (line->action == CommandLine::Action::Version) return printed(versionText());
  if (!line->words.empty()) return failure("command line: " + line->words.front() + ": not an option");
  const bool config = line->action == CommandLine::Action::Config;
  if (config && line->configMode == "default") return printed(showDefaults());
  if (config && line->configMode == "settings-markdown") return printed(settingsMarkdown());
  if (config && line->configMode == "metrics-markdown") return printed(metricsMarkdown());
  if (config && line->configMode == "man") return printed(recursorManPage());
  if (config && line->configMode == "completion-bash") return printed(recursorCompletion(Shell::Bash));
  if (config && line->configMode == "completion-zsh") return printed(recursorCompletion(Shell::Zsh));
  const auto configuration = loadConfiguration(*line);
  if (!configuration) return failure(configuration.error().message);
  if (config) return showConfig(line->configMode, **configuration);
  Startup startup;
  startup.line = std::move(*line);
  startup.configuration = *configuration;
  return startup;
}

} // namespace rec
