// Readings of the process and the machine: CPU time, memory, descriptors, UDP errors of the kernel. Registered once by
// the daemon; each reading opens a file of /proc or asks the kernel when it is asked, never otherwise.
#pragma once

#include <pthread.h>

#include "lib/base/clock.hh"
#include "recursor/stats/statistics.hh"

namespace rec {

// `clock` must outlive `statistics`; uptime counts from now.
void addHostReadings(Statistics& statistics, const base::Clock& clock);
// "cpu-msec-thread-N". The thread must outlive the asking.
void addThreadReading(Statistics& statistics, unsigned worker, pthread_t thread);

// The value called `name` in the lines of /proc/net/snmp that begin with `group`: a header line, then a line of values.
[[nodiscard]] std::uint64_t snmpValue(std::string_view content, std::string_view group, std::string_view name);
// The value called `name` in /proc/net/snmp6: one "name value" a line.
[[nodiscard]] std::uint64_t snmp6Value(std::string_view content, std::string_view name);

} // namespace rec
