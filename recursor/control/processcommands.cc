// ping, version, help, reload-*, quit: see processcommands.hh.
#include "recursor/control/processcommands.hh"

namespace rec {

Reply ping(CommandCall& call) {
  const auto workers = call.target.ping();
  return workers ? success("pong\n") : failure(workers.error().message);
}

Reply version(CommandCall&) { return success(ROOTWALK_VERSION "\n"); }

Reply help(CommandCall&) {
  constexpr std::size_t kColumn = 34;
  std::string text;
  for (const auto& command : allCommands()) {
    auto line = std::string(command.name) + (command.arguments.empty() ? "" : " ") + std::string(command.arguments);
    line += line.size() < kColumn ? std::string(kColumn - line.size(), ' ') : "\n" + std::string(kColumn, ' ');
    text += line + std::string(command.help) + "\n";
  }
  return success(std::move(text));
}

Reply reloadAcls(CommandCall& call) {
  const auto reloaded = call.target.reloadAccessLists();
  return reloaded ? success("ok\n") : failure(reloaded.error().message);
}

Reply reloadZones(CommandCall& call) {
  const auto reloaded = call.target.reloadZones();
  return reloaded ? success("ok\n") : failure(reloaded.error().message);
}

Reply quit(CommandCall& call) {
  return {0, "bye\n", [&target = call.target] { target.quit(false); }};
}

Reply quitNicely(CommandCall& call) {
  return {0, "bye nicely\n", [&target = call.target] { target.quit(true); }};
}

Reply getRemoteLoggerStats(CommandCall&) {
  return failure("get-remotelogger-stats: nothing is sent to remote loggers, there are no protobuf or dnstap sinks");
}

Reply setEventTraceEnabled(CommandCall&) {
  return failure(
      "set-event-trace-enabled: there are no event traces; 'explain NAME --trace' shows the walk of a question");
}

} // namespace rec
