// The recursor: command line and configuration, then the daemon until it is told to stop. Exit code 0 after a clean
// stop, 1 with one line on stderr when it could not start; --check-host has codes of its own
// (control/doctorcommand.hh).
#include <cstdio>
#include <exception>
#include <string>
#include <vector>

#include "lib/base/log.hh"
#include "recursor/config/startup.hh"
#include "recursor/control/doctorcommand.hh"
#include "recursor/daemon.hh"
#include "recursor/options.hh"

// Read by jemalloc, if it is linked, before anything else runs: see lib/base/memory.cc.
extern "C" {
extern const char* malloc_conf;
const char* malloc_conf = "narenas:1,dirty_decay_ms:-1,muzzy_decay_ms:-1";
}

int main(int argc, char** argv) {
  const std::vector<std::string> arguments(argv + 1, argv + argc);
  rec::Startup startup = rec::startUp(arguments);
  std::fputs(startup.output.c_str(), stdout);
  std::fputs(startup.error.c_str(), stderr);
  if (!startup.configuration) {
    return startup.exitCode;
  }
  if (startup.line.action == rec::CommandLine::Action::CheckHost) {
    return rec::runDoctor(*startup.configuration->settings, startup.line.checkWords);
  }
  base::configureLog(rec::logOptions(*startup.configuration->settings));
  for (const std::string& warning : startup.configuration->warnings) {
    base::log(base::LogLevel::Warning, warning);
  }
  try {
    rec::Daemon daemon(std::move(startup.line), startup.configuration);
    daemon.run();
  } catch (const std::exception& e) {
    std::fprintf(stderr, "recursor: %s\n", e.what());
    return 1;
  }
  return 0;
}
