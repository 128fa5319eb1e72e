// What a check looks at and what it says. A check is a function from Examined to DoctorFinding: it reads, and changes
// nothing.
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <vector>

#include "recursor/config/settings.hh"
#include "recursor/doctor/host.hh"
#include "recursor/doctor/paths.hh"

namespace rec {

enum class Health : std::uint8_t {
  Ok,
  Unknown, // it could not be seen from here
  Advice,  // it works, and could work better
  Fault    // it costs answers, time or safety now
};

struct DoctorFinding {
  Health health = Health::Ok;
  std::string found;               // one line
  std::vector<std::string> remedy; // commands, or lines of recursor.conf, as they are typed; the first does it
};

struct ClockState {
  bool synchronised = false;
  std::chrono::microseconds maxError{0};
};

struct Examined {
  const Host& host;
  const Settings& settings;
  std::optional<int> daemon;         // the process of the running recursor
  std::optional<ClockState> clock;   // of the kernel; nothing where it does not tell
  const PathReport* paths = nullptr; // null: nobody was asked
};

[[nodiscard]] inline DoctorFinding fine(std::string found) { return {Health::Ok, std::move(found), {}}; }
[[nodiscard]] inline DoctorFinding unknown(std::string found) { return {Health::Unknown, std::move(found), {}}; }
[[nodiscard]] inline DoctorFinding advice(std::string found, std::vector<std::string> remedy) {
  return {Health::Advice, std::move(found), std::move(remedy)};
}
[[nodiscard]] inline DoctorFinding fault(std::string found, std::vector<std::string> remedy) {
  return {Health::Fault, std::move(found), std::move(remedy)};
}

} // namespace rec
