// The control commands: see commands.hh. A command is one row of commands.def and its function.
#include "recursor/control/commands.hh"

#include <algorithm>
#include <array>

#include "recursor/control/blocklistcommands.hh"
#include "recursor/control/cachecommands.hh"
#include "recursor/control/configcommands.hh"
#include "recursor/control/cookiecommands.hh"
#include "recursor/control/dumpcommands.hh"
#include "recursor/control/explaincommand.hh"
#include "recursor/control/limitcommands.hh"
#include "recursor/control/luacommands.hh"
#include "recursor/control/processcommands.hh"
#include "recursor/control/proxycommands.hh"
#include "recursor/control/querylogcommands.hh"
#include "recursor/control/questioncommands.hh"
#include "recursor/control/rpzcommands.hh"
#include "recursor/control/throttlecommands.hh"
#include "recursor/control/topcommands.hh"
#include "recursor/control/trustcommands.hh"
#include "recursor/control/upstreamcommands.hh"
#include "recursor/control/valuecommands.hh"

namespace rec {

Reply success(std::string text) { return {0, std::move(text), {}}; }

Reply failure(const std::string& reason) { return {1, reason + "\n", {}}; }

namespace {

// clang-format off
constexpr std::array kCommands{
#define COMMAND(name, arguments, help, file, run) Command{name, arguments, help, Pace::InTurn, file, run},
#define LONG_COMMAND(name, arguments, help, file, run) Command{name, arguments, help, Pace::Long, file, run},
#define QUICK_COMMAND(name, arguments, help, file, run) Command{name, arguments, help, Pace::Quick, file, run},
#define CLIENT_COMMAND(name, arguments, help, run) Command{name, arguments, help, Pace::Quick, kNoFile, nullptr},
#include "recursor/control/commands.def"
#undef CLIENT_COMMAND
#undef COMMAND
};
// clang-format on

} // namespace

std::span<const Command> allCommands() { return kCommands; }

const Command* findCommand(std::string_view name) {
  const auto* row = std::ranges::find(kCommands, name, &Command::name);
  return row == kCommands.end() ? nullptr : row;
}

bool isQuick(std::span<const std::string> words) {
  const Command* command = words.empty() ? nullptr : findCommand(words.front());
  return command == nullptr || command->pace == Pace::Quick;
}

Reply runCommand(ControlTarget& target, std::span<const std::string> words, base::Fd file) {
  if (words.empty()) return failure("no command, try 'help'");
  const auto* command = findCommand(words.front());
  if (command == nullptr) return failure("Unknown command '" + words.front() + "', try 'help'");
  if (command->run == nullptr) return failure("'" + words.front() + "' is run by rec_control itself");
  CommandCall call{target, words.subspan(1), std::move(file)};
  std::unique_lock turn(target.turn, std::defer_lock);
  if (command->pace == Pace::InTurn) turn.lock();
  return command->run(call);
}

} // namespace rec
