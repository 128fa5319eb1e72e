// Reads a password without showing it, and prints its hash.
#include "recursor/control/hashpassword.hh"

#include <termios.h>
#include <unistd.h>

#include <cstdio>
#include <iostream>

#include "lib/net/passwordhash.hh"
#include "recursor/config/values.hh"

namespace rec {

namespace {

// What is typed is not shown as long as this lives.
class Unshown {
 public:
  Unshown() {
    d_isTerminal = ::tcgetattr(STDIN_FILENO, &d_before) == 0;
    termios quiet = d_before;
    quiet.c_lflag &= ~static_cast<tcflag_t>(ECHO);
    if (d_isTerminal) ::tcsetattr(STDIN_FILENO, TCSANOW, &quiet);
  }
  Unshown(const Unshown&) = delete;
  Unshown& operator=(const Unshown&) = delete;
  ~Unshown() {
    if (d_isTerminal) ::tcsetattr(STDIN_FILENO, TCSANOW, &d_before);
  }
  [[nodiscard]] bool isTerminal() const { return d_isTerminal; }

 private:
  termios d_before{};
  bool d_isTerminal = false;
};

base::Result<std::string> ask(const char* prompt, const Unshown& terminal) {
  if (terminal.isTerminal()) std::fputs(prompt, stderr);
  std::string line;
  const bool read = static_cast<bool>(std::getline(std::cin, line));
  if (terminal.isTerminal()) std::fputs("\n", stderr);
  if (!read || line.empty()) return base::Error{"no password was given"};
  return line;
}

base::Result<std::string> askPassword() {
  const Unshown terminal;
  auto password = ask("Password: ", terminal);
  if (!password || !terminal.isTerminal()) return password;
  const auto again = ask("Once more: ", terminal);
  if (!again || *again != *password) return base::Error{"the two are not the same"};
  return password;
}

} // namespace

base::Result<int> hashPasswordCommand(ClientCall& call) {
  if (call.arguments.size() > 1) return base::Error{"a work factor is all that may be given"};
  const auto factor = call.arguments.empty() ? base::Result<std::uint64_t>(net::kDefaultWorkFactor)
                                             : parseNumber(call.arguments.front(), 2, net::kMaxWorkFactor);
  if (!factor) return factor.error();
  const auto password = askPassword();
  if (!password) return password.error();
  const auto hash = net::hashPassword(*password, *factor);
  if (!hash) return hash.error();
  std::puts(hash->c_str());
  return 0;
}

} // namespace rec
