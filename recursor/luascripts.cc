// Reading scripts: see luascripts.hh.
#include "recursor/luascripts.hh"

#include <algorithm>
#include <filesystem>
#include <stdexcept>

#include "recursor/config/configfile.hh"

namespace rec {
namespace {

std::shared_ptr<const PublicSuffixes> suffixesOf(const Settings& settings) {
  if (settings.publicSuffixListFile.empty()) {
    return std::make_shared<const PublicSuffixes>(PublicSuffixes::builtIn());
  }
  const auto suffixes = PublicSuffixes::read(settings.publicSuffixListFile);
  if (!suffixes) {
    throw std::runtime_error("public-suffix-list-file: " + suffixes.error().message);
  }
  return *suffixes;
}

// The *.lua of a directory in the order of their names.
base::Result<std::vector<std::string>> luaFilesIn(const std::string& directory) {
  std::vector<std::string> paths;
  std::error_code error;
  for (const auto& entry : std::filesystem::directory_iterator(directory, error)) {
    if (entry.path().extension() == ".lua") paths.push_back(entry.path().string());
  }
  if (error) {
    return base::Error{"lua-global-include-dir: " + directory + ": " + error.message()};
  }
  std::ranges::sort(paths);
  return paths;
}

base::Result<std::vector<LuaScript>> readAll(const std::vector<std::string>& paths) {
  std::vector<LuaScript> scripts;
  for (const std::string& path : paths) {
    auto text = readFile(path);
    if (!text) {
      return text.error();
    }
    scripts.push_back({path, std::move(text).value()});
  }
  return scripts;
}

LuaEngine::Options optionsOf(const Settings& settings) {
  LuaEngine::Options options;
  options.limits.instructions = settings.luaInstructionLimit;
  options.limits.time = settings.luaTimeLimit;
  options.limits.memory = settings.luaMemoryLimit;
  options.limits.compile = settings.luaJit;
  options.ednsOptions = settings.gettagNeedsEdnsOptions;
  return options;
}

base::Result<LuaProgram> readProgram(const Settings& settings, const std::vector<std::string>& paths) {
  LuaProgram program;
  if (!settings.luaGlobalIncludeDir.empty()) {
    const auto files = luaFilesIn(settings.luaGlobalIncludeDir);
    if (!files) {
      return files.error();
    }
    auto includes = readAll(*files);
    if (!includes) {
      return includes.error();
    }
    program.includes = std::move(includes).value();
  }
  auto scripts = readAll(paths);
  if (!scripts) {
    return scripts.error();
  }
  program.scripts = std::move(scripts).value();
  return program;
}

} // namespace

LuaScripts::LuaScripts(const Settings& settings, Statistics& statistics, const base::Clock& clock)
    : d_settings(settings),
      d_host{clock, d_metrics, &statistics, suffixesOf(settings), settings.configDir, settings.configName} {
  statistics.addGroup([this] { return d_metrics.all(); });
}

base::Result<LuaScripts::Engines> LuaScripts::load(const Settings& settings,
                                                   const std::vector<std::string>& paths) const {
  Engines engines(settings.threads);
  if (paths.empty()) {
    return engines;
  }
  const auto program = readProgram(settings, paths);
  if (!program) {
    return program.error();
  }
  LuaEngine::Options together = optionsOf(settings);
  together.generation = LuaEngine::nextGeneration();
  for (std::uint32_t worker = 0; worker < engines.size(); ++worker) {
    auto engine = LuaEngine::load(*program, together, d_host, worker);
    if (!engine) {
      return engine.error();
    }
    engines[worker] = std::move(engine).value();
  }
  return engines;
}

void LuaScripts::starting() {
  if (d_settings.luaStartStopScript.empty()) {
    return;
  }
  const auto program = readProgram(d_settings, {d_settings.luaStartStopScript});
  auto engine = program ? LuaEngine::load(*program, optionsOf(d_settings), d_host, 0) : program.error();
  if (!engine) {
    throw std::runtime_error("lua-start-stop-script: " + engine.error().message);
  }
  d_startStop = std::move(engine).value();
  d_startStop->callByName("on_recursor_start");
}

void LuaScripts::stopping() {
  if (d_startStop) {
    d_startStop->callByName("on_recursor_stop");
    d_startStop.reset();
  }
}

} // namespace rec
