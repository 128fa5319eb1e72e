// How many descriptors a recursor with these settings may have open at once. Asked by the daemon at its start, and by
// the doctor.
#pragma once

#include <cstddef>

#include "recursor/config/settings.hh"

namespace rec {

[[nodiscard]] inline std::size_t descriptorsWanted(const Settings& settings) {
  constexpr std::size_t beside = 256; // log, control, files, loops
  const std::size_t perWorker =
      settings.maxOutstandingQueries + settings.tcpOutMaxConnections + 2 * settings.localAddress.size() + 8;
  return beside + settings.maxTcpClients + settings.threads * perWorker;
}

} // namespace rec
