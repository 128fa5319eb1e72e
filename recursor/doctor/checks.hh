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
  Finding (*run)(const Examined& examined);
};

[[nodiscard]] std::span<const Check> allChecks();

// limits.cc: what the system lets the process have.
Finding checkDescriptors(const Examined& examined);
Finding checkSocketBuffers(const Examined& examined);
Finding checkPortRange(const Examined& examined);
Finding checkListeners(const Examined& examined);
// machine.cc: clock, processor, memory.
Finding checkClockSource(const Examined& examined);
Finding checkTimeSync(const Examined& examined);
Finding checkEntropy(const Examined& examined);
Finding checkGovernor(const Examined& examined);
Finding checkHugePages(const Examined& examined);
// netfilter.cc: what the kernel does with packets.
Finding checkConntrack(const Examined& examined);
Finding checkRouteCache(const Examined& examined);
Finding checkSteering(const Examined& examined);
// pathchecks.cc: what networks on the way do with them.
Finding checkRoots(const Examined& examined);
Finding checkIpv6(const Examined& examined);
Finding checkEdns(const Examined& examined);
Finding checkLargeUdp(const Examined& examined);
Finding checkFragments(const Examined& examined);
Finding checkTcp(const Examined& examined);

} // namespace rec
