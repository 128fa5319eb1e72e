// What a configuration that is read again changes, and taking over a part of it.
#include <catch2/catch.hpp>

#include "recursor/config/configdiff.hh"
#include "recursor/config/startup.hh"
#include "tests/recursor/config/tempdir.hh"

using namespace rec;

namespace {

std::shared_ptr<const Configuration> configured(const TempDir& dir, const std::string& content) {
  dir.write("recursor.conf", content);
  const auto started = startUp({"--config-dir=" + dir.path()});
  INFO(started.error);
  REQUIRE(started.configuration);
  return started.configuration;
}

bool mayChange(const SettingInfo& info) { return info.status != SettingStatus::Works || !info.changedBy.empty(); }

} // namespace

TEST_CASE("the differences are in the order of the table and say what needs a restart") {
  const TempDir dir;
  const auto before = configured(dir, "max-cache-ttl=100\nlocal-port=5301\n");
  const auto after = configured(dir, "local-port=5302\nquiet=no\n");
  CHECK(describeChanges(changesBetween(*before, *after)) ==
        "local-port: '5301' -> '5302' (needs a restart)\nmax-cache-ttl: '100' -> '86400'\nquiet: 'yes' -> 'no'\n");
}

TEST_CASE("the same value in another spelling is no change, and neither is the default written out") {
  const TempDir dir;
  const auto before = configured(dir, "quiet=on\nallow-from=10.0.0.0/8,::1\n");
  const auto after = configured(dir, "quiet=yes\nallow-from=10.0.0.0/8 ::1\nmax-qperq=50\n");
  CHECK(changesBetween(*before, *after).empty());
}

TEST_CASE("a configuration taken over in part keeps the rest as it was") {
  const TempDir dir;
  const auto before = configured(dir, "max-cache-ttl=100\nthreads=2\nlocal-port=5301\n");
  const auto after = configured(dir, "max-cache-ttl=200\nthreads=4\nlocal-port=5302\n");
  const auto taken = takeOver(*before, *after, mayChange);
  REQUIRE(taken);
  CHECK((*taken)->settings->maxCacheTtl == 200);
  CHECK((*taken)->settings->threads == 2);
  CHECK((*taken)->text("local-port") == "5301");
}

TEST_CASE("a part that does not fit the rest is an error") {
  const TempDir dir;
  const auto before = configured(dir, "dnssec=validate\n");
  Configuration wrong = *before;
  wrong.written["dns64-prefix"] = {"10.0.0.0/8", "there"};
  const auto taken = takeOver(*before, wrong, [](const SettingInfo& info) { return info.name == "dns64-prefix"; });
  REQUIRE_FALSE(taken);
  CHECK(taken.error().message.starts_with("there: dns64-prefix: "));
}

TEST_CASE("what is read again is looked at with all that it names") {
  const TempDir dir;
  dir.write("acl", "10.0.0.0/8\n");
  const auto before = configured(dir, "allow-from-file=" + dir.path() + "/acl\n");
  dir.write("acl", "192.0.2.0/24\n");
  const auto taken = takeOver(*before, *before, mayChange);
  REQUIRE(taken);
  CHECK((*taken)->settings->allowFrom.contains(*base::Address::parse("192.0.2.1")));
  CHECK_FALSE((*taken)->settings->allowFrom.contains(*base::Address::parse("10.0.0.1")));
}

TEST_CASE("a reload knows what it contains") {
  ConfigReload reload;
  CHECK_FALSE(reload.needsRestart());
  reload.changes.push_back({findSetting("max-qperq"), "1", "2"});
  CHECK(reload.has("max-qperq"));
  CHECK_FALSE(reload.hasAnyOf({"quiet", "threads"}));
  CHECK_FALSE(reload.needsRestart());
  reload.changes.push_back({findSetting("threads"), "1", "2"});
  CHECK(reload.hasAnyOf({"quiet", "threads"}));
  CHECK(reload.needsRestart());
}
