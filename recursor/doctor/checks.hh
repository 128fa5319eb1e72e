// The checks of the doctor. ONE ROW for each in checks.cc; a new one is a function and a row. Called by rec_control
// doctor and recursor --check-host.
#pragma once

#include <span>
#include <string_view>

#include "recursor/doctor/finding.hh"

namespace rec {

struct Check {
  std::string_view name;
  std::string_view about; // what it looks at, for docs/doctor.md and --list
  DoctorFinding (*run)(const Examined& examined);
};

[[nodiscard]] std::span<const Check> allChecks();

// limits.cc: what the system lets the process have.
DoctorFinding checkDescriptors(const Examined& examined);
DoctorFinding checkSocketBuffers(const Examined& examined);
DoctorFinding checkPortRange(const Examined& examined);
DoctorFinding checkListeners(const Examined& examined);
// machine.cc: clock, processor, memory.
DoctorFinding checkClockSource(const Examined& examined);
DoctorFinding checkTimeSync(const Examined& examined);
DoctorFinding checkEntropy(const Examined& examined);
DoctorFinding checkGovernor(const Examined& examined);
DoctorFinding checkHugePages(const Examined& examined);
// netfilter.cc: what the kernel does with packets.
DoctorFinding checkConntrack(const Examined& examined);
DoctorFinding checkRouteCache(const Examined& examined);
DoctorFinding checkSteering(const Examined& examined);
// pathchecks.cc: what networks on the way do with them.
DoctorFinding checkRoots(const Examined& examined);
DoctorFinding checkIpv6(const Examined& examined);
DoctorFinding checkEdns(const Examined& examined);
DoctorFinding checkLargeUdp(const Examined& examined);
DoctorFinding checkFragments(const Examined& examined);
DoctorFinding checkTcp(const Examined& examined);

} // namespace rec
