// rec_control(1), docs/rec_control.md and the usage: see commandpages.hh.
#include "recursor/control/commandpages.hh"

#include <array>

#include "recursor/config/manpage.hh"

namespace rec {
namespace {

constexpr std::array kOptions{
    ClientOption{"--config-dir", "DIR", "Where recursor.conf is, which says where the control socket is"},
    ClientOption{"--config-name", "NAME", "Talk to the recursor of that name: recursor-NAME.conf"},
    ClientOption{"--socket-dir", "DIR", "Where the control socket is, whatever recursor.conf says"},
    ClientOption{"--timeout", "SECONDS", "Give up after so long; 5, for explain 10"},
    ClientOption{"--completion", "bash|zsh", "Print completion for that shell and end"},
    ClientOption{"--man", "", "Print rec_control(1) and end"},
    ClientOption{"--markdown", "", "Print docs/rec_control.md and end"},
    ClientOption{"--help", "", "Show how it is called and end"},
    ClientOption{"--version", "", "Show name, version and features and end"}};

constexpr std::string_view kSummary = "[--config-dir=DIR] [--config-name=NAME] [--socket-dir=DIR] [--timeout=SECONDS] "
                                      "COMMAND [ARGUMENTS]";

// About several commands at once; a title, then what is to be said.
struct Remark {
  std::string_view title, text;
};
constexpr std::array kRemarks{
    Remark{"Files",
           "FILE is made by rec_control, with the rights of whoever calls it, and must not be there yet; - stands for "
           "the standard output. The recursor writes into it, but opens nothing itself."},
    Remark{
        "Changes",
        "What set-*, add-* and clear-* commands change lasts until the recursor ends, or the next reload of what they "
        "change; recursor.conf is never written."},
    Remark{
        "Top lists",
        "Each worker remembers the last stats-ringbuffer-entries questions, clients and servers. What was not in the "
        "packet cache is there one by one. Of questions answered from the packet cache, one of each batch that was "
        "read at once is there, with the number it stands for; under load, one for 64 questions or more. So the lists "
        "are exact while a resolver is idle, and a fair sample when it is not. The first line has the number of "
        "questions that all rows stand for. pub in a name: all names below one that can be registered are counted as "
        "one, by public-suffix-list-file, for which Debian has the package publicsuffix."},
    Remark{
        "The live screen",
        "top shows rates, the distribution of the clients' waiting times, the share of each cache, answers by rcode, "
        "upstream questions, and the busiest names and clients, every second or every --interval seconds, until q is "
        "pressed. Without a terminal, or with --once, it prints them once: since the start of the recursor, or, with "
        "--interval, over that time. Times come from histograms whose steps are powers of four, so they are "
        "estimates."}};

std::string upperCase(std::string_view text) {
  std::string out(text);
  for (char& c : out) {
    if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 'a' + 'A');
  }
  return out;
}

std::string optionText(const ClientOption& option) {
  return std::string(option.name) + (option.value.empty() ? "" : "=" + std::string(option.value));
}

// Bars stand for themselves in a table.
std::string cell(std::string_view text) {
  std::string out;
  for (const char c : text) out += c == '|' ? std::string("\\|") : std::string(1, c);
  return out;
}

} // namespace

std::span<const ClientOption> clientOptions() { return kOptions; }

std::string usageText() {
  std::string text = "rec_control " + std::string(kSummary) +
                     "\n\nSends a command to the running recursor. 'rec_control help' lists the commands.\n\n";
  constexpr std::size_t kColumn = 24;
  for (const ClientOption& option : kOptions) {
    std::string name = optionText(option);
    name.resize(std::max(name.size() + 1, kColumn), ' ');
    text += name + std::string(option.help) + "\n";
  }
  return text;
}

std::string controlManPage() {
  ManPage page("rec_control", "administer a running recursor");
  page.synopsis("rec_control", kSummary);
  page.section("DESCRIPTION");
  page.paragraph("Sends one command to the recursor over its control socket and prints the answer. A command and its "
                 "arguments may also be one word with blanks.");
  page.section("OPTIONS");
  for (const ClientOption& option : kOptions) {
    page.item(option.name, option.value.empty() ? "" : "=" + std::string(option.value), std::string(option.help) + ".");
  }
  page.section("COMMANDS");
  for (const Command& command : allCommands())
    page.item(command.name, command.arguments, std::string(command.help) + ".");
  for (const Remark& remark : kRemarks) {
    page.section(upperCase(remark.title));
    page.paragraph(remark.text);
  }
  page.section("EXIT STATUS");
  page.paragraph("0, or not 0 and the reason on stderr.");
  page.section("SEE ALSO");
  page.paragraph("recursor(1)");
  return page.text();
}

std::string controlMarkdown() {
  std::string page = "# rec_control\n\n"
                     "`rec_control COMMAND [ARGUMENTS]` sends one command to the running recursor and prints the "
                     "answer; exit code 0, or another one and the reason on stderr. It finds the control socket as the "
                     "recursor does, from `recursor.conf`. This page, `rec_control help`, `man rec_control` and the "
                     "completion of shells are made from `recursor/control/commands.def`.\n\n"
                     "| option | |\n|---|---|\n";
  for (const ClientOption& option : kOptions) {
    page += "| `" + cell(optionText(option)) + "` | " + std::string(option.help) + " |\n";
  }
  page += "\n## Commands\n\n| command | arguments | |\n|---|---|---|\n";
  for (const Command& command : allCommands()) {
    const std::string arguments = command.arguments.empty() ? "" : "`" + cell(command.arguments) + "`";
    page += "| `" + std::string(command.name) + "` | " + arguments + " | " + cell(command.help) + " |\n";
  }
  for (const Remark& remark : kRemarks) {
    page += "\n## " + std::string(remark.title) + "\n\n" + std::string(remark.text) + "\n";
  }
  return page;
}

std::optional<std::string> pageFor(std::string_view argument) {
  if (argument == "--man") return controlManPage();
  if (argument == "--markdown") return controlMarkdown();
  if (argument == "--completion=bash") return controlCompletion(Shell::Bash);
  if (argument == "--completion=zsh") return controlCompletion(Shell::Zsh);
  return std::nullopt;
}

} // namespace rec
