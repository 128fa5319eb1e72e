// The client's side of the control socket: one command, one reply. Used by rec_control and by tests.
#pragma once

#include <chrono>
#include <string>
#include <vector>

#include "lib/base/result.hh"

namespace rec {

struct ClientReply {
  int status = 0;
  std::string text;
};

// Sends `words`, with `descriptor` unless it is negative, over the connected `socket`. An error after `timeout` without
// progress.
base::Result<ClientReply> askRecursor(int socket, const std::vector<std::string>& words, int descriptor,
                                      std::chrono::milliseconds timeout);

} // namespace rec
