// The readable form of a trace.
#include "recursor/resolve/trace.hh"

#include <array>
#include <cstdio>

namespace rec {
namespace {

std::string asked(const Step& step) { return step.name.text() + " " + dns::text(step.type); }

std::string sentence(const Step& step) {
  const std::string server = step.server.valid() ? step.server.text() : std::string();
  switch (step.kind) {
  case StepKind::Question: return "wanted: " + asked(step);
  case StepKind::Local: return "local data answers " + asked(step);
  case StepKind::Cached: return "in the cache: " + asked(step) + step.detail;
  case StepKind::Zone: return "deepest known zone for " + asked(step) + " is " + step.zone.text() + " " + step.detail;
  case StepKind::Ask: return "asking " + server + " (" + step.zone.text() + ") for " + asked(step) + " " + step.detail;
  case StepKind::Merged:
    return "waiting for " + asked(step) + " of " + step.zone.text() + ", which is being asked for already";
  case StepKind::Hedge: return "later than usual, asking " + server + " as well " + step.detail;
  case StepKind::Records: return server + " answers " + asked(step) + step.detail;
  case StepKind::Alias: return server + " says " + step.name.text() + " is an alias for " + step.detail;
  case StepKind::Referral: return "referred to " + step.zone.text() + " " + step.detail;
  case StepKind::NoData: return server + " says " + asked(step) + " has no records of that type" + step.detail;
  case StepKind::NxDomain: return server + " says " + step.name.text() + " does not exist" + step.detail;
  case StepKind::BadServer: return server + " is of no use: " + step.detail;
  case StepKind::Address: return "address of name server " + asked(step) + " wanted";
  case StepKind::Trust: return "trust of " + step.zone.text() + " is " + step.detail;
  case StepKind::Validated: return asked(step) + " is " + step.detail;
  case StepKind::Limit: return "stopped by a limit: " + step.detail;
  case StepKind::Failed: return "failed: " + step.detail;
  }
  return {};
}

} // namespace

std::vector<std::string> Trace::describe() const {
  std::vector<std::string> lines;
  lines.reserve(d_steps.size());
  for (const Step& step : d_steps) {
    std::array<char, 32> time{};
    const auto millis = std::chrono::duration<double, std::milli>(step.at - d_start).count();
    std::snprintf(time.data(), time.size(), "%8.1f ms ", millis);
    std::string line = time.data() + std::string(2 * std::size_t{step.depth}, ' ') + sentence(step);
    line.erase(line.find_last_not_of(' ') + 1); // of details that are empty
    lines.push_back(std::move(line));
  }
  return lines;
}

} // namespace rec
