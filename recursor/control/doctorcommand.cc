// rec_control doctor [--json] [--offline] [--root=FOLDER] [CHECK...]: see doctorcommand.hh.
#include "recursor/control/doctorcommand.hh"

#include <sys/timex.h>

#include <algorithm>
#include <cstdio>

#include "recursor/config/configuration.hh"
#include "recursor/control/json.hh"
#include "recursor/doctor/checks.hh"
#include "recursor/doctor/wireprober.hh"

namespace rec {
namespace {

constexpr std::string_view kRoot = "--root=";
constexpr std::size_t kNameColumn = 18;

const char* word(Health health) {
  switch (health) {
  case Health::Ok: return "ok";
  case Health::Unknown: return "unknown";
  case Health::Advice: return "advice";
  case Health::Fault: return "fault";
  }
  return "";
}

std::string padded(std::string text, std::size_t width) {
  text.resize(std::max(text.size() + 1, width), ' ');
  return text;
}

std::string line(const Check& check, const DoctorFinding& finding) {
  constexpr std::size_t kHealthColumn = 8;
  std::string text =
      padded(word(finding.health), kHealthColumn) + padded(std::string(check.name), kNameColumn) + finding.found + "\n";
  for (const std::string& command : finding.remedy) {
    text += std::string(kHealthColumn + kNameColumn, ' ') + command + "\n";
  }
  return text;
}

std::string json(const Check& check, const DoctorFinding& finding) {
  std::vector<std::string> remedy;
  for (const std::string& command : finding.remedy) {
    remedy.push_back(jsonString(command));
  }
  return jsonObject({{"check", jsonString(check.name)},
                     {"result", jsonString(word(finding.health))},
                     {"found", jsonString(finding.found)},
                     {"do", jsonArray(remedy)}});
}

bool isChosen(const Check& check, const DoctorOptions& options) {
  return options.checks.empty() || std::ranges::find(options.checks, check.name) != options.checks.end();
}

DoctorExit exitFor(Health worst) {
  return worst == Health::Fault    ? DoctorExit::Fault
         : worst == Health::Advice ? DoctorExit::Advice
                                   : DoctorExit::NothingToDo;
}

// Another machine's files say nothing of this one's clock.
std::optional<ClockState> clockState(const DoctorOptions& options) {
  timex state{};
  const int result = options.root.empty() ? ::adjtimex(&state) : -1;
  if (result < 0) {
    return std::nullopt;
  }
  return ClockState{(state.status & STA_UNSYNC) == 0, std::chrono::microseconds(state.maxerror)};
}

std::optional<int> runningRecursor(const Host& host, const Settings& settings) {
  const SocketPlace place = socketPlace(settings);
  const auto pid = Host().number(place.directory + "/" + place.name + ".pid");
  const bool runs = pid && host.exists("/proc/" + std::to_string(*pid) + "/limits");
  return runs ? std::optional(static_cast<int>(*pid)) : std::nullopt;
}

// Whether any of the chosen checks looks at the way to servers: only then they are asked.
bool asksServers(const DoctorOptions& options) {
  constexpr std::string_view first = "roots"; // the checks from there on
  const auto checks = allChecks();
  const auto from = std::ranges::find(checks, first, &Check::name);
  return !options.offline &&
         std::any_of(from, checks.end(), [&](const Check& check) { return isChosen(check, options); });
}

} // namespace

base::Result<DoctorOptions> doctorOptions(std::span<const std::string> words) {
  DoctorOptions options;
  for (const std::string& word : words) {
    const bool known = std::ranges::find(allChecks(), word, &Check::name) != allChecks().end();
    if (word == "--json") {
      options.asJson = true;
    } else if (word == "--offline") {
      options.offline = true;
    } else if (word.starts_with(kRoot)) {
      options.root = word.substr(kRoot.size());
    } else if (known) {
      options.checks.push_back(word);
    } else {
      return base::Error{"doctor: '" + word + "' is neither --json, --offline, --root=FOLDER nor a check"};
    }
  }
  return options;
}

DoctorReport examine(const Examined& examined, const DoctorOptions& options) {
  std::string text;
  std::vector<std::string> rows;
  Health worst = Health::Ok;
  std::size_t faults = 0, hints = 0, unseen = 0;
  for (const Check& check : allChecks()) {
    if (!isChosen(check, options)) continue;
    const DoctorFinding finding = check.run(examined);
    worst = std::max(worst, finding.health);
    faults += finding.health == Health::Fault ? 1 : 0;
    hints += finding.health == Health::Advice ? 1 : 0;
    unseen += finding.health == Health::Unknown ? 1 : 0;
    text += line(check, finding);
    rows.push_back(json(check, finding));
  }
  if (options.asJson) {
    return {jsonArray(rows) + "\n", exitFor(worst)};
  }
  text += std::to_string(faults) + " faults, " + std::to_string(hints) + " advices, " + std::to_string(unseen) +
          " unknown\n";
  return {std::move(text), exitFor(worst)};
}

int runDoctor(const Settings& settings, std::span<const std::string> words) {
  const auto options = doctorOptions(words);
  if (!options) {
    std::fprintf(stderr, "%s\n", options.error().message.c_str());
    return static_cast<int>(DoctorExit::CannotRun);
  }
  const Host host(options->root);
  Examined examined{host, settings, runningRecursor(host, settings), clockState(*options)};
  std::optional<PathReport> paths;
  if (asksServers(*options)) {
    WireProber prober(settings.queryLocalAddress);
    auto asked = examinePaths(settings, prober);
    if (!asked) {
      std::fprintf(stderr, "doctor: %s\n", asked.error().message.c_str());
      return static_cast<int>(DoctorExit::CannotRun);
    }
    paths = std::move(*asked);
    examined.paths = &*paths;
  }
  const DoctorReport report = examine(examined, *options);
  std::fputs(report.text.c_str(), stdout);
  return static_cast<int>(report.exit);
}

base::Result<int> doctor(ClientCall& call) {
  CommandLine own = call.line;
  own.words.clear();
  std::erase_if(own.assignments, [](const Assignment& option) { return option.key == "timeout"; });
  const auto configuration = loadConfiguration(own);
  if (!configuration) {
    return configuration.error();
  }
  return runDoctor(*(*configuration)->settings, call.arguments);
}

} // namespace rec
