// The command line and recursor.conf put together: see configuration.hh.
#include "recursor/config/configuration.hh"

#include <algorithm>
#include <filesystem>

#include "recursor/config/checks.hh"
#include "recursor/config/values.hh"
#include "recursor/config/yamlconfig.hh"
#include "recursor/config/yamllua.hh"

namespace rec {

using base::Error;
using base::Result;

namespace {

constexpr std::string_view kCommandLine = "command line";

// The last value of `key` among the assignments, or nothing.
const Assignment* lastOf(const std::vector<Assignment>& assignments, std::string_view key) {
  const auto found = std::ranges::find(assignments.rbegin(), assignments.rend(), key, &Assignment::key);
  return found == assignments.rend() ? nullptr : &*found;
}

std::string valueOr(const std::vector<Assignment>& assignments, std::string_view key) {
  const auto* last = lastOf(assignments, key);
  return last == nullptr ? std::string(findSetting(key)->defaultText) : last->value;
}

std::string baseName(const std::string& configName) {
  return configName.empty() ? "recursor" : "recursor-" + configName;
}

Result<std::vector<Assignment>> parseFile(const std::string& path, bool included = false) {
  const auto content = readFile(path);
  if (!content) return content.error();
  return isYamlFile(path) ? parseYamlConfig(*content, path, included) : parseConfigText(*content, path);
}

// Adds the lines of the files in include-dir, whether the file or the command line names it.
Result<void> addIncluded(std::vector<Assignment>& lines, const std::vector<Assignment>& options,
                         std::string_view extension) {
  const auto* included = lastOf(options, "include-dir");
  if (included == nullptr) included = lastOf(lines, "include-dir");
  if (included == nullptr || included->value.empty()) return {};
  const auto files = configFilesIn(included->value, extension);
  if (!files) return Error{included->where + ": include-dir: " + files.error().message};
  for (const auto& file : *files) {
    auto more = parseFile(file, true);
    if (!more) return more.error();
    lines.insert(lines.end(), more->begin(), more->end());
  }
  return {};
}

struct Lines {
  std::string file; // empty when there is none
  std::vector<Assignment> assignments;
};

Result<Lines> readFrom(const std::string& path, const std::vector<Assignment>& options) {
  auto read = parseFile(path);
  if (!read) return read.error();
  Lines lines{path, std::move(*read)};
  const auto included = addIncluded(lines.assignments, options, isYamlFile(path) ? ".yml" : ".conf");
  if (!included) return included.error();
  return lines;
}

// The lines of the configuration files: recursor.yml, or recursor.conf where there is none. That there is neither in
// the default directory is no error: all defaults.
Result<Lines> readLines(const std::vector<Assignment>& options) {
  const auto directory = valueOr(options, "config-dir");
  const auto stem = directory + "/" + baseName(valueOr(options, "config-name"));
  const bool asked = lastOf(options, "config-dir") != nullptr || lastOf(options, "config-name") != nullptr;
  std::error_code failed;
  const bool isYaml = std::filesystem::exists(stem + ".yml", failed);
  const auto path = stem + (isYaml ? ".yml" : ".conf");
  if (asked || std::filesystem::exists(path, failed)) return readFrom(path, options);
  Lines lines;
  const auto included = addIncluded(lines.assignments, options, ".conf");
  if (!included) return included.error();
  return lines;
}

// Applies one line: replaces what was written before, or appends to it or to the default.
Result<void> apply(Configuration& configuration, const SettingInfo& info, const Assignment& line) {
  const auto prefix = line.where + ": " + line.key + ": ";
  if (line.append && !isListType(info.type)) return Error{prefix + "is not a list, += cannot add to it"};
  auto text = line.value;
  if (line.append) {
    const auto separator = info.type == SettingType::CpuMap ? " " : ", ";
    const auto before = configuration.text(info.name);
    text = before.empty() ? text : before + separator + text;
  }
  configuration.written[line.key] = {normalValue(info, text), line.where};
  return {};
}

Result<void> applyAll(Configuration& configuration, const std::vector<Assignment>& lines,
                      const std::vector<std::string_view>& ignored) {
  for (const auto& line : lines) {
    const auto* info = findSetting(line.key);
    if (info == nullptr && std::ranges::find(ignored, line.key) == ignored.end()) {
      return Error{line.where + ": " + line.key + ": unknown setting"};
    }
    if (info == nullptr) {
      configuration.warnings.push_back(line.where + ": " + line.key + ": unknown setting, ignored as asked");
      continue;
    }
    if (line.where != kCommandLine && (line.key == "config-dir" || line.key == "config-name")) {
      // PowerDNS's own packages write it into the file; it cannot move the file that it stands in.
      configuration.warnings.push_back(line.where + ": " + line.key + ": only the command line decides this, not used");
      continue;
    }
    const auto applied = apply(configuration, *info, line);
    if (!applied) return applied;
  }
  return {};
}

// The typed values of what was written.
Result<Settings> assignAll(const Configuration& configuration) {
  Settings settings;
  for (const auto& info : allSettings()) {
    const auto assigned = info.assign(settings, info, configuration.text(info.name));
    if (assigned) continue;
    const auto written = configuration.written.find(info.name);
    const auto where = written == configuration.written.end() ? "default" : written->second.where;
    return Error{where + ": " + std::string(info.name) + ": " + assigned.error().message};
  }
  return settings;
}

Result<void> finish(Configuration& configuration) {
  const auto status = checkStatus(configuration);
  if (!status) return status;
  auto settings = assignAll(configuration);
  if (!settings) return settings.error();
  fillIn(*settings);
  const auto together = checkTogether(configuration, *settings);
  if (!together) return together;
  configuration.settings = std::make_shared<const Settings>(std::move(*settings));
  return {};
}

} // namespace

std::string Configuration::text(std::string_view name) const {
  if (const auto found = written.find(name); found != written.end()) return found->second.text;
  const auto* info = findSetting(name);
  return info == nullptr ? std::string() : std::string(info->defaultText);
}

void Configuration::take(std::string_view name, const Configuration& from) {
  const auto there = from.written.find(name);
  if (there != from.written.end()) {
    written.insert_or_assign(std::string(name), there->second);
  } else if (const auto here = written.find(name); here != written.end()) {
    written.erase(here);
  }
}

namespace {

Result<std::shared_ptr<const Configuration>> build(Result<Lines> lines, const CommandLine& line) {
  if (!lines) return lines.error();
  auto configuration = std::make_shared<Configuration>();
  configuration->file = lines->file;
  auto all = std::move(lines->assignments);
  all.insert(all.end(), line.assignments.begin(), line.assignments.end());
  const auto* ignoring = lastOf(all, "ignore-unknown-settings");
  const auto ignored = split(ignoring == nullptr ? std::string_view() : ignoring->value, kListSeparators);
  const auto applied = applyAll(*configuration, all, ignored);
  if (!applied) return applied.error();
  const auto finished = finish(*configuration);
  if (!finished) return finished.error();
  return std::shared_ptr<const Configuration>(std::move(configuration));
}

} // namespace

Result<std::shared_ptr<const Configuration>> loadConfiguration(const CommandLine& line) {
  return build(readLines(line.assignments), line);
}

Result<std::shared_ptr<const Configuration>> loadConfigurationFile(const std::string& path) {
  return build(readFrom(path, {}), {});
}

Result<std::shared_ptr<const Configuration>> takeOver(const Configuration& before, const Configuration& from,
                                                      const std::function<bool(const SettingInfo&)>& which) {
  auto merged = std::make_shared<Configuration>(before);
  merged->warnings.clear();
  for (const SettingInfo& info : allSettings()) {
    if (which(info)) merged->take(info.name, from);
  }
  const auto finished = finish(*merged);
  if (!finished) return finished.error();
  return std::shared_ptr<const Configuration>(std::move(merged));
}

SocketPlace socketPlace(const Settings& settings) { return {settings.socketDir, baseName(settings.configName)}; }

Result<SocketPlace> findSocketPlace(const CommandLine& line) {
  const auto name = baseName(valueOr(line.assignments, "config-name"));
  if (const auto* given = lastOf(line.assignments, "socket-dir")) return SocketPlace{given->value, name};
  const auto lines = readLines(line.assignments);
  if (!lines) return lines.error();
  return SocketPlace{valueOr(lines->assignments, "socket-dir"), name};
}

} // namespace rec
