// Metrics and settings as text: see valuecommands.hh.
#include "recursor/control/valuecommands.hh"

namespace rec {

Reply get(CommandCall& call) {
  std::string text;
  for (const auto& name : call.arguments) {
    const auto value = call.target.statistics().value(name);
    text += (value ? std::to_string(*value) : "UNKNOWN") + "\n";
  }
  return success(std::move(text));
}

Reply getAll(CommandCall& call) {
  const auto configuration = call.target.configuration();
  return success(call.target.statistics().text(configuration->settings->statsRecControlDisabledList));
}

namespace {

using TextOf = std::function<std::string(const SettingInfo&)>;

// name="value" for each argument, or for every setting.
Reply parameters(CommandCall& call, const TextOf& textOf) {
  std::string text;
  const auto line = [&textOf](const SettingInfo& info) {
    return std::string(info.name) + "=\"" + textOf(info) + "\"\n";
  };
  for (const auto& name : call.arguments) {
    const auto* info = findSetting(name);
    text += info == nullptr ? name + " not known\n" : line(*info);
  }
  if (!call.arguments.empty()) return success(std::move(text));
  for (const auto& info : allSettings()) text += line(info);
  return success(std::move(text));
}

} // namespace

Reply getParameter(CommandCall& call) {
  const auto configuration = call.target.configuration();
  return parameters(call, [&configuration](const SettingInfo& info) { return configuration->text(info.name); });
}

Reply getDefaultParameter(CommandCall& call) {
  return parameters(call, [](const SettingInfo& info) { return std::string(info.defaultText); });
}

Reply getQtypelist(CommandCall& call) {
  std::string text;
  for (const auto& [type, count] : call.target.questionTypes()) {
    text += dns::text(type) + "\t" + std::to_string(count) + "\n";
  }
  return success(std::move(text));
}

} // namespace rec
