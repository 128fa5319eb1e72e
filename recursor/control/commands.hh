// The control commands, one row each in commands.def. Called by the channel with what a client sent; rec_control uses
// the table to know which commands take a file.
#pragma once

#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "lib/base/fd.hh"
#include "recursor/control/target.hh"

namespace rec {

struct Reply {
  int status = 0;                   // exit code of rec_control; other than 0 makes `text` the reason
  std::string text;                 // ends with a newline
  std::function<void()> afterwards; // run when the reply has left; may be empty
};

[[nodiscard]] Reply success(std::string text);
[[nodiscard]] Reply failure(const std::string& reason);

// What a command was given: the words after its name, and the file that the client opened for it.
struct CommandCall {
  ControlTarget& target;
  std::span<const std::string> arguments;
  base::Fd file;
};

constexpr int kNoFile = -1;

// How a command goes along with others that are under way.
enum class Pace : unsigned char {
  InTurn, // changes something: after one another, with ControlTarget::turn
  Long,   // may take long, with what is thread safe: after one another on the same thread, but without the turn
  Quick,  // takes a moment, with what is thread safe: at once, whatever else is under way
};

struct Command {
  std::string_view name;
  std::string_view arguments; // as help shows them
  std::string_view help;
  Pace pace;
  int fileArgument;                // index of the argument that names a file, which the client opens; kNoFile
  Reply (*run)(CommandCall& call); // null: rec_control runs it itself (clientcommands.hh)
};

[[nodiscard]] std::span<const Command> allCommands();
[[nodiscard]] const Command* findCommand(std::string_view name);

// Whether these words are to be run at once, beside others: also when no command is called so.
[[nodiscard]] bool isQuick(std::span<const std::string> words);

// Runs words[0] with the rest as arguments. `file` is invalid when the client sent none.
[[nodiscard]] Reply runCommand(ControlTarget& target, std::span<const std::string> words, base::Fd file);

} // namespace rec
