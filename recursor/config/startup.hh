// What the recursor does with its command line before anything runs: --help, --version, --config, or the configuration
// to run with. Called by main.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "recursor/config/configuration.hh"

namespace rec {

struct Startup {
  CommandLine line;                                   // kept for reloads
  std::shared_ptr<const Configuration> configuration; // null: print `output` and `error` and end with `exitCode`
  std::string output;                                 // for stdout
  std::string error;                                  // for stderr, one line
  int exitCode = 0;
};

// `arguments` without the program's name.
[[nodiscard]] Startup startUp(const std::vector<std::string>& arguments);

// "Rootwalk 0.1.0" and the features line.
[[nodiscard]] std::string versionText();

} // namespace rec
