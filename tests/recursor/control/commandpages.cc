// The pages and completions that are made from the tables of commands and settings.
#include "recursor/control/commandpages.hh"

#include <catch2/catch.hpp>

#include "recursor/config/configfile.hh"
#include "recursor/config/manpage.hh"
#include "recursor/config/settings.hh"
#include "tests/sourceroot.hh"

using namespace rec;

namespace {

using Words = std::vector<std::string>;

bool has(const std::string& text, std::string_view part) { return text.find(part) != std::string::npos; }

std::string escaped(std::string_view name) {
  std::string out;
  for (const char c : name) out += c == '-' ? std::string("\\-") : std::string(1, c);
  return out;
}

} // namespace

TEST_CASE("the manual, the markdown page and the completions name every command") {
  const std::string man = controlManPage(), markdown = controlMarkdown();
  const std::string bash = controlCompletion(Shell::Bash), zsh = controlCompletion(Shell::Zsh);
  for (const Command& command : allCommands()) {
    const std::string name(command.name);
    INFO(name);
    CHECK(has(man, "\\fB" + escaped(name) + "\\fR"));
    CHECK(has(markdown, "| `" + name + "` |"));
    const bool inBash = has(bash, " " + name + " ") || has(bash, "'" + name + " ") || has(bash, " " + name + "'");
    CHECK(inBash);
    CHECK(has(zsh, "'" + name + ":"));
  }
  for (const ClientOption& option : clientOptions()) {
    CHECK(has(man, escaped(option.name)));
    CHECK(has(bash, option.name));
    CHECK(has(zsh, option.name));
    CHECK(has(usageText(), option.name));
  }
}

TEST_CASE("recursor's manual names every setting, its completions all that work") {
  const std::string man = recursorManPage();
  const std::string bash = recursorCompletion(Shell::Bash), zsh = recursorCompletion(Shell::Zsh);
  for (const SettingInfo& info : allSettings()) {
    INFO(info.name);
    CHECK(has(man, "\\fB" + escaped(info.name) + "\\fR\n"));
    const std::string option = "--" + std::string(info.name) + "=";
    CHECK(has(bash, "\n" + option) == (info.status == SettingStatus::Works));
    CHECK(has(zsh, "'" + option + "-[") == (info.status == SettingStatus::Works));
  }
}

TEST_CASE("what completes an argument is read from the command's row") {
  CHECK(completedArguments("list|add NAME...|shadow LIST on|off").words == Words{"list", "add", "shadow", "on", "off"});
  CHECK(completedArguments("NAME [--json] [--subnet=NETWORK]").words == Words{"--json", "--subnet="});
  const auto file = completedArguments("FILE [r|n|p|a]");
  CHECK(file.files);
  CHECK(file.words == Words{"r", "n", "p", "a"});
  CHECK(completedArguments("[SETTING...]").settings);
  CHECK(completedArguments("METRIC...").metrics);
  CHECK(completedArguments("NAME[$]...").words.empty());
}

TEST_CASE("text in a manual page is never taken for a request or an escape") {
  ManPage page("x", "y");
  page.paragraph(".SH \\n 'quoted' word-with-hyphens");
  CHECK(has(page.text(), "\n\\&.SH \\en 'quoted' word\\-with\\-hyphens\n"));
  CHECK(shellQuoted("it's") == "'it'\\''s'");
  CHECK(zshText("a[b]: it's") == "a\\[b\\]\\: it'\\''s");
}

TEST_CASE("docs/rec_control.md is what the table says") {
  CHECK(readFile(SOURCE_ROOT "/docs/rec_control.md").value() == controlMarkdown());
}
