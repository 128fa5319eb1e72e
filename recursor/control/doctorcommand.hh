// The doctor: what on this machine, and on the way from here, slows a resolver down, and what to do about it. Runs in
// the process that is asked, rec_control doctor or recursor --check-host; the running recursor has no part in it.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <vector>

#include "recursor/control/clientcommands.hh"
#include "recursor/doctor/finding.hh"

namespace rec {

// What the exit code says; 1 is that it could not run.
enum class DoctorExit : int { NothingToDo = 0, CannotRun = 1, Advice = 2, Fault = 3 };

struct DoctorOptions {
  bool asJson = false;
  bool offline = false;            // asks no server
  std::string root;                // look at /proc and /sys below it
  std::vector<std::string> checks; // only these
};

// Of the words behind `doctor`.
[[nodiscard]] base::Result<DoctorOptions> doctorOptions(std::span<const std::string> words);

struct DoctorReport {
  std::string text;
  DoctorExit exit = DoctorExit::NothingToDo;
};
[[nodiscard]] DoctorReport examine(const Examined& examined, const DoctorOptions& options);

// All of it, on stdout; the exit code.
[[nodiscard]] int runDoctor(const Settings& settings, std::span<const std::string> words);
// The same with the configuration that rec_control's options mean.
[[nodiscard]] base::Result<int> doctor(ClientCall& call);

} // namespace rec
