// show-yaml: read, written, and read again to see that it says the same.
#include "recursor/control/showyaml.hh"

#include <algorithm>
#include <cstdio>

#include "recursor/config/configuration.hh"
#include "recursor/config/values.hh"
#include "recursor/config/yamlconfig.hh"
#include "recursor/config/yamllua.hh"

namespace rec {

namespace {

constexpr std::string_view kCommandLine = "command line";

std::string warningsOf(const Configuration& configuration) {
  std::string lines;
  for (const std::string& warning : configuration.warnings) lines += "warning: " + warning + "\n";
  return lines;
}

// It is in that form already, and has been checked.
base::Result<ShownYaml> asItIs(const Configuration& configuration) {
  auto content = readFile(configuration.file);
  if (!content) return content.error();
  return ShownYaml{std::move(*content), warningsOf(configuration)};
}

base::Result<void> checkSame(const std::string& text, const Configuration& from) {
  const auto again = parseYamlConfig(text, "recursor.yml", false);
  if (!again) return again.error();
  for (const Assignment& line : *again) {
    if (normalValue(*findSetting(line.key), line.value) != from.text(line.key)) {
      return base::Error{line.key + ": cannot be said in recursor.yml"};
    }
  }
  return {};
}

} // namespace

base::Result<ShownYaml> showYaml(const CommandLine& line, const std::string& path) {
  CommandLine place = line; // where the file is; what else stands on the command line is no part of it
  std::erase_if(place.assignments,
                [](const Assignment& option) { return option.key != "config-dir" && option.key != "config-name"; });
  const auto loaded = path.empty() ? loadConfiguration(place) : loadConfigurationFile(path);
  if (!loaded) return loaded.error();
  if (isYamlFile((*loaded)->file)) return asItIs(**loaded);
  Configuration file = **loaded;
  std::erase_if(file.written, [](const auto& setting) { return setting.second.where == kCommandLine; });
  auto text = toYaml(file.written);
  if (!text) return text.error();
  if (const auto same = checkSame(*text, file); !same) return same.error();
  return ShownYaml{std::move(*text), warningsOf(file)};
}

base::Result<int> showYamlCommand(ClientCall& call) {
  if (call.arguments.size() > 1) return base::Error{"show-yaml: one file is enough"};
  const auto shown = showYaml(call.line, call.arguments.empty() ? "" : call.arguments.front());
  if (!shown) return shown.error();
  std::fputs(shown->warnings.c_str(), stderr);
  std::fputs(shown->text.c_str(), stdout);
  return 0;
}

} // namespace rec
