// reload-config, against a fake resolver.
#include <catch2/catch.hpp>

#include "recursor/control/commands.hh"
#include "tests/recursor/control/faketarget.hh"

using namespace rec;

namespace {

Reply run(FakeTarget& target, const std::vector<std::string>& words) { return runCommand(target, words, {}); }

void change(FakeTarget& target, std::string_view name) {
  target.reload.changes.push_back({findSetting(name), "1", "2"});
}

} // namespace

TEST_CASE("reload-config shows what changes, and that it has been done") {
  FakeTarget target;
  change(target, "max-qperq");
  const Reply reply = run(target, {"reload-config"});
  CHECK(reply.status == 0);
  CHECK(reply.text == "max-qperq: '1' -> '2'\nok, 1 setting changed\n");
  CHECK(target.calls == std::vector<std::string>{"configuration"});
}

TEST_CASE("with a change that needs a restart reload-config does nothing, unless told to do the rest") {
  FakeTarget target;
  change(target, "max-qperq");
  change(target, "threads");
  const Reply refused = run(target, {"reload-config"});
  CHECK(refused.status == 1);
  CHECK(refused.text.find("threads: '1' -> '2' (needs a restart)\n") != std::string::npos);
  CHECK(refused.text.find("nothing has been changed: 1 setting would need a restart") != std::string::npos);
  CHECK(target.calls.empty());
  const Reply partial = run(target, {"reload-config", "--partial"});
  CHECK(partial.status == 0);
  CHECK(partial.text.find("ok, 1 setting changed, 1 setting left for a restart\n") != std::string::npos);
}

TEST_CASE("reload-config --dry-run only shows, whatever else is said") {
  FakeTarget target;
  change(target, "threads");
  target.reload.warnings.push_back("recursor.conf:1: careful");
  for (const auto& words : {std::vector<std::string>{"reload-config", "--dry-run"},
                            {"reload-config", "--partial", "--dry-run"},
                            {"reload-config", "--dry-run", "--partial"}}) {
    const Reply reply = run(target, words);
    CHECK(reply.status == 0);
    CHECK(reply.text.starts_with("warning: recursor.conf:1: careful\nthreads: "));
    CHECK(reply.text.find("nothing has been changed") != std::string::npos);
  }
  CHECK(target.calls.empty());
  CHECK(run(target, {"reload-config", "now"}).status == 1);
}

TEST_CASE("whatever the table says a setting is changed by is a command") {
  for (const SettingInfo& info : allSettings()) {
    INFO(info.name);
    CHECK((info.changedBy.empty() || findCommand(info.changedBy) != nullptr));
    CHECK((info.status == SettingStatus::Works || info.changedBy.empty()));
  }
}
