// The table of what is limited now.
#include "recursor/stats/limitednow.hh"

#include <catch2/catch.hpp>

using namespace std::chrono_literals;
using rec::LimitedNow;

namespace {

LimitedNow::Case of(const std::string& network, const std::string& zone = "") {
  LimitedNow::Case made{.setting = "wait-limit", .network = base::Netmask::parse(network).value()};
  if (!zone.empty()) made.zone = dns::Name::parse(zone).value();
  return made;
}

constexpr base::MonoTime kNow{1000s};

} // namespace

TEST_CASE("what is limited is listed once, the most limited first, until ten seconds after the last time") {
  LimitedNow limited;
  limited.note(of("192.0.2.1/32"), kNow);
  for (int i = 0; i < 3; ++i) limited.note(of("192.0.2.1/32", "example.com"), kNow + 4s);
  const auto rows = limited.rows(kNow + 5s);
  REQUIRE(rows.size() == 2);
  CHECK(rows[0].count == 3);
  CHECK(LimitedNow::text(rows[0].what) == "questions of 192.0.2.1/32 over UDP for names of example.com. (wait-limit)");
  CHECK(LimitedNow::text(rows[1].what) == "questions of 192.0.2.1/32 over UDP (wait-limit)");
  CHECK(limited.count(kNow + 12s) == 1);
  CHECK(limited.rows(kNow + 60s).empty());
}

TEST_CASE("what is limited again after a while begins anew") {
  LimitedNow limited;
  limited.note(of("192.0.2.1/32"), kNow);
  limited.note(of("192.0.2.1/32"), kNow + 60s);
  const auto rows = limited.rows(kNow + 61s);
  REQUIRE(rows.size() == 1);
  CHECK(rows[0].count == 1);
  CHECK(rows[0].since == kNow + 60s);
}

TEST_CASE("however many are limited, the table stays small and takes new ones when others are over") {
  LimitedNow limited;
  for (int i = 0; i < 5000; ++i) {
    limited.note(of("10.0." + std::to_string(i / 250) + "." + std::to_string(i % 250) + "/32"), kNow);
  }
  CHECK(limited.count(kNow) == 1000);
  limited.note(of("192.0.2.1/32"), kNow + 30s);
  CHECK(limited.count(kNow + 30s) == 1);
}

TEST_CASE("a zone that is limited for everybody says so") {
  const LimitedNow::Case zone{.setting = "fetches-per-zone", .zone = dns::Name::parse("example.com").value()};
  CHECK(LimitedNow::text(zone) == "questions for names of example.com. (fetches-per-zone)");
}
