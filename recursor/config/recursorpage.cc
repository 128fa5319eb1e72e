// recursor(1): see manpage.hh. All settings come from their table.
#include "recursor/config/configprint.hh"
#include "recursor/config/manpage.hh"
#include "recursor/config/settings.hh"

namespace rec {
namespace {

void addOptions(ManPage& page) {
  page.section("OPTIONS");
  page.paragraph("Every setting is an option as well, --name=value, and overrides the file; --name+=value adds to a "
                 "list.");
  page.item("--config-dir", "=DIR", "Where recursor.conf is.");
  page.item("--config-name", "=NAME", "Read recursor-NAME.conf; the names of pid file and control socket change too.");
  page.item("--config", "[=default|diff|check]",
            "Show the settings in effect, all defaults, or what differs from them, or check the configuration; and "
            "end.");
  page.item("--config", "=man|completion-bash|completion-zsh|settings-markdown|metrics-markdown",
            "Print this page, completion for a shell, or pages of the documentation; and end.");
  page.item("--help", "", "Show a summary and end.");
  page.item("--version", "", "Show name, version and features and end.");
}

std::string about(const SettingInfo& info) {
  std::string text = std::string(info.help) + ". " + typeText(info);
  text += info.defaultText.empty() ? "." : "; default: " + std::string(info.defaultText) + ".";
  return info.changedBy.empty() ? text
                                : text + " Changed while running by rec_control " + std::string(info.changedBy) + ".";
}

void addSettings(ManPage& page, SettingStatus status) {
  for (const SettingInfo& info : allSettings()) {
    if (info.status != status) continue;
    page.item(info.name, "", status == SettingStatus::Works ? about(info) : std::string(info.help) + ".");
  }
}

void addBehaviour(ManPage& page) {
  page.section("SIGNALS");
  page.item("SIGTERM, SIGINT", "", "End.");
  page.item("SIGUSR1", "", "Log statistics.");
  page.item("SIGUSR2", "", "Log everything from now on.");
  page.section("EXIT STATUS");
  page.paragraph("0 after it was told to end, 1 with a line on stderr when it cannot start.");
  page.section("SEE ALSO");
  page.paragraph("rec_control(1)");
}

} // namespace

std::string recursorManPage() {
  ManPage page("recursor", "resolve names of the Domain Name System");
  page.synopsis("recursor", "[--config-dir=DIR] [--config-name=NAME] [--SETTING=VALUE ...]");
  page.section("DESCRIPTION");
  page.paragraph("Answers the questions of DNS clients by walking the tree of names from its root, or by asking other "
                 "resolvers; validates DNSSEC, applies block lists, response policy zones and Lua scripts. It is "
                 "administered with rec_control(1).");
  addOptions(page);
  page.section("SETTINGS");
  page.paragraph("In recursor.conf, one a line, as name=value. Lists are separated by commas or blanks.");
  addSettings(page, SettingStatus::Works);
  page.section("SETTINGS WITHOUT A MEANING HERE");
  page.paragraph("Settings of the PowerDNS Recursor that are accepted with a warning, and why.");
  addSettings(page, SettingStatus::Meaningless);
  page.section("SETTINGS NOT SUPPORTED");
  page.paragraph("Settings of the PowerDNS Recursor of which only the default is accepted.");
  addSettings(page, SettingStatus::Unsupported);
  addBehaviour(page);
  return page.text();
}

} // namespace rec
