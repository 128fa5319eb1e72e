// rec_control limits: the limits in force, and whom they concern right now.
#include "recursor/control/limitcommands.hh"

#include <array>

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

} // namespace rec
