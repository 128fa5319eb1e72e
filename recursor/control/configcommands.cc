// reload-config: the differences, then what became of them. See configcommands.hh.
#include "recursor/control/configcommands.hh"

#include <algorithm>

namespace rec {
namespace {

base::Result<ReloadMode> modeOf(std::span<const std::string> words) {
  ReloadMode mode = ReloadMode::All;
  for (const std::string& word : words) {
    if (word != "--dry-run" && word != "--partial") {
      return base::Error{"'" + word + "': --dry-run and --partial are known"};
    }
    const bool shown = mode == ReloadMode::Show || word == "--dry-run";
    mode = shown ? ReloadMode::Show : ReloadMode::Partial;
  }
  return mode;
}

std::string settingsCounted(std::ptrdiff_t count) {
  return std::to_string(count) + (count == 1 ? " setting" : " settings");
}

// The last line: what has been done.
std::string outcome(const ConfigReload& reload, ReloadMode mode) {
  const auto waiting =
      std::ranges::count_if(reload.changes, [](const SettingChange& change) { return change.needsRestart(); });
  const auto taken = std::ssize(reload.changes) - waiting;
  if (mode == ReloadMode::Show) return "valid; nothing has been changed\n";
  if (!reload.isApplied) {
    return "nothing has been changed: " + settingsCounted(waiting) +
           " would need a restart; --partial changes the others\n";
  }
  return "ok, " + settingsCounted(taken) + " changed" +
         (waiting > 0 ? ", " + settingsCounted(waiting) + " left for a restart" : "") + "\n";
}

} // namespace

namespace {

Reply reloadAs(CommandCall& call, base::Result<ReloadMode> mode) {
  if (!mode) return failure(mode.error().message);
  const auto reload = call.target.reloadConfiguration(*mode);
  if (!reload) return failure("nothing has been changed: " + reload.error().message);
  std::string text;
  for (const std::string& warning : reload->warnings) text += "warning: " + warning + "\n";
  text += describeChanges(reload->changes) + outcome(*reload, *mode);
  const bool refused = *mode != ReloadMode::Show && !reload->isApplied;
  return {refused ? 1 : 0, std::move(text), {}};
}

} // namespace

Reply reloadConfig(CommandCall& call) { return reloadAs(call, modeOf(call.arguments)); }

Reply reloadYaml(CommandCall& call) {
  if (!call.arguments.empty()) return failure("reload-yaml has no arguments");
  return reloadAs(call, ReloadMode::Partial);
}

Reply setCarbonServer(CommandCall& call) {
  if (call.arguments.empty() || call.arguments.size() > 2)
    return failure("carbon-server, and perhaps carbon-ourname, is needed");
  const auto set = call.target.setCarbonServer(call.arguments[0], call.arguments.size() == 2 ? call.arguments[1] : "");
  return set ? success(*set) : failure(set.error().message);
}

} // namespace rec
