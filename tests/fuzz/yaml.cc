// Fuzz target: YAML: recursor.yml with all that it may contain, the forward zones file, and what show-yaml writes.
#include "recursor/config/settings.hh"
#include "recursor/config/values.hh"
#include "recursor/config/yamlconfig.hh"
#include "recursor/config/yamllua.hh"
#include "recursor/config/yamlzones.hh"
#include "tests/fuzz/fuzz.hh"

namespace {

using Written = std::map<std::string, rec::Configuration::Written, std::less<>>;

// What is valid can be written, and reads as the same then.
void writeAgain(const std::vector<rec::Assignment>& lines) {
  Written written;
  for (const rec::Assignment& line : lines) {
    const auto* setting = rec::findSetting(line.key);
    rec::Settings settings;
    if (setting == nullptr || !setting->assign(settings, *setting, line.value)) continue;
    written[line.key] = {rec::normalValue(*setting, line.value), ""};
  }
  const auto text = rec::toYaml(written);
  if (!text) return; // characters beyond ASCII
  const auto again = rec::parseYamlConfig(*text, "again", false);
  fuzz::require(again.ok() && again->size() == written.size());
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string text(reinterpret_cast<const char*>(data), size);
  for (const bool included : {false, true}) {
    if (const auto lines = rec::parseYamlConfig(text, "recursor.yml", included)) writeAgain(*lines);
  }
  static_cast<void>(rec::luaOfYaml(text, "recursor.yml").ok());
  static_cast<void>(rec::parseYamlForwardZones(text, "zones").ok());
  return 0;
}
