// rec_control: sends a command to the running recursor and shows the reply. Finds the control socket as the recursor
// does, from the same configuration. Exit code 0, or non-zero and the reason on stderr.
#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>

#include "recursor/config/startup.hh"
#include "recursor/config/values.hh"
#include "recursor/control/clientcommands.hh"
#include "recursor/control/commandpages.hh"
#include "recursor/control/commands.hh"

namespace {

using base::Error;
using base::Result;

constexpr std::uint64_t kDefaultTimeout = 5;  // seconds
constexpr std::uint64_t kExplainTimeout = 10; // explain asks servers, which may be slow

// Options of rec_control itself stand anywhere; what else begins with "--" behind the command belongs to the command.
struct Arguments {
  std::vector<std::string> options, words;
};

Arguments sorted(const std::vector<std::string>& given) {
  Arguments arguments;
  for (const auto& argument : given) {
    const auto key = argument.substr(0, argument.find('='));
    const bool ours = key == "--config-dir" || key == "--config-name" || key == "--socket-dir" || key == "--timeout";
    const bool isOption = argument.starts_with("--") && (ours || arguments.words.empty());
    (isOption ? arguments.options : arguments.words).push_back(argument);
  }
  return arguments;
}

// The words of the command; a single word with blanks is a whole command.
std::vector<std::string> commandWords(const std::vector<std::string>& words) {
  if (words.size() != 1) return words;
  std::vector<std::string> parts;
  for (const auto part : rec::split(words.front(), " \t")) parts.emplace_back(part);
  return parts;
}

Result<std::uint64_t> timeoutOf(const rec::CommandLine& line) {
  std::uint64_t seconds =
      !line.words.empty() && line.words.front().starts_with("explain") ? kExplainTimeout : kDefaultTimeout;
  for (const auto& option : line.assignments) {
    const bool known = option.key == "config-dir" || option.key == "config-name" || option.key == "socket-dir";
    if (!known && option.key != "timeout") return Error{"--" + option.key + ": unknown option"};
    if (known) continue;
    const auto given = rec::parseNumber(option.value, 1, 86400);
    if (!given) return Error{"--timeout: " + given.error().message};
    seconds = *given;
  }
  return seconds;
}

// The file that a command writes to. "-" is stdout: a dump goes through a nameless file, which is copied afterwards, so
// that the recursor never waits for a reader.
struct Output {
  base::Fd file;
  std::string path; // of a file that was made for it
  bool copy = false;
};

base::Fd namelessFile() {
  std::FILE* file = std::tmpfile();
  if (file == nullptr) return base::Fd();
  base::Fd descriptor(::dup(::fileno(file)));
  std::fclose(file);
  return descriptor;
}

Result<Output> openOutput(const rec::Command& command, std::vector<std::string>& words) {
  Output output;
  const auto index = static_cast<std::size_t>(command.fileArgument) + 1;
  const bool optional = command.name == "trace-regex";
  if (words.size() <= index && optional) return output;
  if (words.size() <= index) return Error{"Command needs a file argument"};
  const auto& path = words[index];
  output.copy = path == "-" && !optional;
  if (path == "-" && optional) {
    output.file.reset(::dup(STDOUT_FILENO));
  } else if (path == "-") {
    output.file = namelessFile();
  } else {
    output.file.reset(::open(path.c_str(), O_CREAT | O_EXCL | O_WRONLY | O_CLOEXEC, 0660));
    output.path = path;
  }
  if (!output.file.valid()) return Error{std::string("Error opening dump file for writing: ") + std::strerror(errno)};
  return output;
}

void copyToStdout(int file) {
  char buffer[65536];
  ::lseek(file, 0, SEEK_SET);
  for (auto size = ::read(file, buffer, sizeof buffer); size > 0; size = ::read(file, buffer, sizeof buffer)) {
    std::fwrite(buffer, 1, static_cast<std::size_t>(size), stdout);
  }
}

Result<int> run(const rec::CommandLine& line) {
  const auto timeout = timeoutOf(line);
  if (!timeout) return timeout.error();
  auto words = commandWords(line.words);
  if (words.empty()) return Error{"no command given, try 'rec_control help'"};
  if (auto* const ours = rec::findClientCommand(words.front())) {
    rec::ClientCall call{line, {words.begin() + 1, words.end()}, std::chrono::seconds(*timeout)};
    return ours(call);
  }
  const auto socket = rec::connectToRecursor(line);
  if (!socket) return socket.error();
  const auto* command = rec::findCommand(words.front());
  Output output;
  if (command != nullptr && command->fileArgument != rec::kNoFile) {
    auto opened = openOutput(*command, words);
    if (!opened) return opened.error();
    output = std::move(*opened);
  }
  const auto reply = rec::askRecursor(socket->get(), words, output.file.get(), std::chrono::seconds(*timeout));
  const bool good = reply && reply->status == 0;
  if (!good && !output.path.empty()) ::unlink(output.path.c_str());
  if (!reply) return reply.error();
  if (good && output.copy) copyToStdout(output.file.get());
  std::fputs(reply->text.c_str(), good ? stdout : stderr);
  return reply->status;
}

} // namespace

int main(int argc, char** argv) {
  if (const auto page = argc > 1 ? rec::pageFor(argv[1]) : std::nullopt) {
    std::fputs(page->c_str(), stdout);
    return 0;
  }
  auto arguments = sorted({argv + 1, argv + argc});
  auto line = rec::parseCommandLine(arguments.options);
  if (line) line->words = std::move(arguments.words);
  if (line && line->action == rec::CommandLine::Action::Help) {
    std::fputs(rec::usageText().c_str(), stdout);
    return 0;
  }
  if (line && line->action == rec::CommandLine::Action::Version) {
    std::fputs(rec::versionText().c_str(), stdout);
    return 0;
  }
  const auto status = line ? run(*line) : Result<int>(line.error());
  if (status) return *status;
  std::fprintf(stderr, "rec_control: %s\n", status.error().message.c_str());
  return 1;
}
