// Commands that rec_control runs itself: rows CLIENT_COMMAND of commands.def. They may ask the running recursor, or
// need none at all.
#pragma once

#include <chrono>
#include <string>
#include <string_view>
#include <vector>

#include "lib/base/fd.hh"
#include "recursor/config/commandline.hh"
#include "recursor/control/client.hh"

namespace rec {

struct ClientCall {
  const CommandLine& line; // options of rec_control: where configuration and socket are
  std::vector<std::string> arguments;
  std::chrono::seconds timeout{5};
};

// The function of the command; null when rec_control does not run it itself. It gives the exit code; an error is told
// on stderr.
using ClientFunction = base::Result<int>(ClientCall& call);
[[nodiscard]] ClientFunction* findClientCommand(std::string_view name);

// A connection to the recursor that the options mean.
base::Result<base::Fd> connectToRecursor(const CommandLine& line);
// One command over a connection of its own.
base::Result<ClientReply> askRecursorOf(const ClientCall& call, const std::vector<std::string>& words);

} // namespace rec
