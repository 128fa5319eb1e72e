// LimitedNow: which networks of clients, and which zones, are being limited, and since when: for rec_control and for a
// line in the log, which comes every half minute at most. Told by whoever limits, from any thread (one mutex).
// Bounded: when many are limited at once the newest are not listed; the metrics count them all.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "lib/base/clock.hh"
#include "lib/base/netmask.hh"
#include "lib/dns/name.hh"

namespace rec {

class LimitedNow {
 public:
  static constexpr std::chrono::seconds kRecent{10}; // "now"

  struct Case {
    std::string_view setting;             // the limit
    std::optional<base::Netmask> network; // whose questions; nothing: everybody's
    bool tcp = false;
    std::optional<dns::Name> zone; // of names of that zone; nothing: of all
    friend bool operator==(const Case&, const Case&) = default;
  };
  struct Row {
    Case what;
    std::uint64_t count = 0; // questions that were limited
    base::MonoTime since, last;
  };

  // `inForce`: false when it is only counted (log-only).
  void note(const Case& what, base::MonoTime now, bool inForce = true);
  // Those of the last ten seconds, the most limited first.
  [[nodiscard]] std::vector<Row> rows(base::MonoTime now) const;
  [[nodiscard]] std::size_t count(base::MonoTime now) const;
  // "questions of 192.0.2.1/32 over UDP for names of example.com. (rate-limit-random-subdomains)"
  [[nodiscard]] static std::string text(const Case& what);

 private:
  struct CaseHash {
    std::size_t operator()(const Case& what) const;
  };
  [[nodiscard]] bool makeRoom(base::MonoTime now);
  [[nodiscard]] std::string line(const Case& what, base::MonoTime now, bool inForce);

  mutable std::mutex d_mutex; // guards all below
  std::unordered_map<Case, Row, CaseHash> d_rows;
  base::MonoTime d_cleaned{}, d_logged{};
  std::size_t d_unlogged = 0; // cases that began since the last line
};

} // namespace rec
