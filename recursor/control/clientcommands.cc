// Finding a command that rec_control runs itself, and what such commands share: see clientcommands.hh.
#include "recursor/control/clientcommands.hh"

#include "recursor/config/startup.hh"
#include "recursor/control/doctorcommand.hh"
#include "recursor/control/hashpassword.hh"
#include "recursor/control/livetop.hh"
#include "recursor/control/logcommand.hh"
#include "recursor/control/showyaml.hh"
#include "recursor/control/socketpath.hh"

namespace rec {

ClientFunction* findClientCommand(std::string_view name) {
#define COMMAND(word, arguments, help, file, run)
#define CLIENT_COMMAND(word, arguments, help, run)                                                                     \
  if (name == word) return &run;
#include "recursor/control/commands.def"
#undef CLIENT_COMMAND
#undef COMMAND
  return nullptr;
}

base::Result<base::Fd> connectToRecursor(const CommandLine& line) {
  const auto place = findSocketPlace(line);
  if (!place) return place.error();
  auto socket = connectTo(place->directory + "/" + place->name + ".controlsocket");
  if (!socket) return base::Error{"Unable to connect to the recursor: " + socket.error().message};
  return std::move(socket).value();
}

base::Result<ClientReply> askRecursorOf(const ClientCall& call, const std::vector<std::string>& words) {
  const auto socket = connectToRecursor(call.line);
  if (!socket) return socket.error();
  return askRecursor(socket->get(), words, -1, call.timeout);
}

} // namespace rec
