// rec_control limits: the limits in force, and whom they concern right now.
#include "recursor/control/limitcommands.hh"

#include <array>

#include "recursor/limits/rebindguard.hh"

namespace rec {
namespace {

constexpr std::array<std::string_view, 5> kLimits{"rate-limit-resolutions", "rate-limit-random-subdomains",
                                                  "wait-limit", "wait-limit-zone", "fetches-per-zone"};

std::string inForce(const Configuration& configuration) {
  std::string text = "rate-limiting=" + configuration.text("rate-limiting");
  for (const std::string_view name : kLimits) {
    text += ", " + std::string(name) + "=" + configuration.text(name);
  }
  return text + "\n";
}

std::string seconds(base::MonoTime::duration time) {
  return std::to_string(std::chrono::duration_cast<std::chrono::seconds>(time).count()) + " s";
}

} // namespace

Reply limits(CommandCall& call) {
  const auto rows = call.target.limited();
  std::string text = inForce(*call.target.configuration());
  for (const LimitedNow::Row& row : rows) {
    text +=
        std::to_string(row.count) + " " + LimitedNow::text(row.what) + ", for " + seconds(row.last - row.since) + "\n";
  }
  return success(text + (rows.empty() ? "nobody is limited\n" : ""));
}

std::string limitText(ControlTarget& target, const base::Address& client, const dns::Name& name) {
  std::string text;
  for (const bool tcp : {false, true}) {
    const LimitReason reason = target.limitOf(client, tcp, name);
    if (reason != LimitReason::None) {
      text += "Limits      beyond " + std::string(settingOf(reason)) + (tcp ? " over TCP" : " over UDP") +
              ": limited now, unless a cache has the answer\n";
    }
  }
  return text;
}

std::string rebindText(ControlTarget& target, const std::vector<AgedRRset>& answer) {
  const RebindGuard guard(*target.configuration()->settings);
  const auto finding = guard.look(answer, [&target](const dns::Name& owner) { return target.isOperators(owner); });
  if (!finding) {
    return {};
  }
  const bool isRefused = guard.action() == RebindGuard::Action::Refuse;
  return "Rebinding   " + finding->address.text() + " of " + finding->owner.text() +
         " is private: " + (isRefused ? "the question is refused" : "such addresses are removed") +
         " (stop-dns-rebind)\n";
}

} // namespace rec
