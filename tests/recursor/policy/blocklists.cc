// Block lists as a policy: what wins, whom a list concerns, what an answer is made of; options and schedules.
#include "recursor/policy/blocklists.hh"

#include <catch2/catch.hpp>

using rec::BlockListOptions;
using rec::BlockLists;
using rec::PolicyAction;
using rec::PolicySubject;
using rec::Schedule;

namespace {

const base::Address kClient = *base::Address::parse("192.0.2.7");
const rec::Settings kSettings = rec::defaultSettings();

BlockLists::List list(const std::string& text, const std::map<std::string, std::vector<std::string>>& options = {}) {
  static int number = 0;
  const auto made = rec::listOptions(kSettings, {"/lists/list" + std::to_string(++number), options, "lua:1"});
  INFO((made ? "" : made.error().message));
  REQUIRE(made);
  rec::ListCompiler compiler(made->name, made->format, nullptr, text.size());
  compiler.feed(text);
  const auto compiled = compiler.finish({});
  REQUIRE(compiled);
  return {*made, BlockLists::sourceOf(*made, std::make_shared<rec::PolicyHits>()), *compiled};
}

rec::PolicyVerdict verdictOn(const BlockLists& lists, const std::string& name, const base::Address& client = kClient,
                             const std::set<std::string>* tags = nullptr, base::WallTime now = {}) {
  const dns::Question question{*dns::Name::parse(name), dns::RRType::A, dns::RRClass::IN};
  return lists.onName(question.name, {.client = client, .question = question, .now = now, .tags = tags});
}

std::string whyNot(const std::map<std::string, std::vector<std::string>>& options) {
  const auto made = rec::listOptions(kSettings, {"/lists/ads", options, "lua:7"});
  return made ? "" : made.error().message;
}

} // namespace

TEST_CASE("a listed name is denied, with the list, the rule, an extended error and a SOA to keep it by") {
  const BlockLists lists({list("ads.example\n0.0.0.0 host.example\n*.below.example\n/^track[0-9]/\n")});
  const auto tree = verdictOn(lists, "x.Ads.example.");
  CHECK(tree.action == PolicyAction::NXDomain);
  CHECK(tree.trigger == "||ads.example^");
  CHECK(tree.hit == "x.ads.example");
  CHECK_FALSE(tree.variable);
  REQUIRE(tree.source->error);
  CHECK(tree.source->error->code == dns::EdeCode::Blocked);
  REQUIRE(tree.denial);
  CHECK(tree.denial->owner() == *dns::Name::parse("x.ads.example."));
  CHECK(tree.denial->ttl() == 60);
  CHECK(verdictOn(lists, "host.example.").trigger == "host.example");
  CHECK_FALSE(verdictOn(lists, "x.host.example.").matched());
  CHECK(verdictOn(lists, "a.below.example.").trigger == "*.below.example");
  CHECK(verdictOn(lists, "track7.org.").trigger == "/^track[0-9]/");
  CHECK_FALSE(verdictOn(lists, "example.").matched());
  CHECK_FALSE(verdictOn(lists, ".").matched());
}

TEST_CASE("of the names of a batch, those that a list has are known before they are looked up") {
  const BlockLists lists({list("ads.example\n"), list("@@||good.test^\n")});
  const std::vector<dns::Name> asked{*dns::Name::parse("x.Ads.Example."), *dns::Name::parse("good.test."), dns::Name()};
  rec::NameBatch batch;
  for (const dns::Name& name : asked) batch.names.push_back({.wire = name.wire()});
  for (const int round : {1, 2}) {
    INFO("round " << round);
    lists.prefetch(batch);
    CHECK(batch.names[0].found);
    CHECK(batch.names[1].found);
    CHECK_FALSE(batch.names[2].found);
    CHECK(batch.hashes.size() == 5);
  }
}

TEST_CASE("what is allowed wins among lists of one priority, and a list of a lower number over those behind") {
  const BlockLists same({list("ads.example\n"), list("good.ads.example\n", {{"action", {"allow"}}}),
                         list("||other.example^\n@@||fine.other.example^\n")});
  CHECK(verdictOn(same, "ads.example.").action == PolicyAction::NXDomain);
  CHECK(verdictOn(same, "x.good.ads.example.").action == PolicyAction::NoAction);
  CHECK(verdictOn(same, "fine.other.example.").action == PolicyAction::NoAction);
  const BlockLists first({list("allow.example\n", {{"action", {"allow"}}, {"priority", {"5"}}}),
                          list("allow.example\n", {{"priority", {"1"}}, {"name", {"mine"}}})});
  CHECK(verdictOn(first, "allow.example.").source->name == "mine");
  CHECK(first.priority() == rec::kBlockListsFrom + 1);
}

TEST_CASE("a list for some clients, tags or times concerns nobody else, and says that its verdicts depend on them") {
  const std::set<std::string> kids{"kids"};
  const BlockLists forClients({list("ads.example\n", {{"clients", {"192.0.2.0/24", "!192.0.2.9"}}})});
  CHECK(verdictOn(forClients, "ads.example.").matched());
  CHECK(verdictOn(forClients, "ads.example.").variable);
  const auto other = verdictOn(forClients, "ads.example.", *base::Address::parse("192.0.2.9"));
  CHECK_FALSE(other.matched());
  CHECK(other.variable);
  CHECK_FALSE(verdictOn(forClients, "other.example.").variable);
  const BlockLists forTags({list("ads.example\n", {{"forTags", {"kids"}}})});
  CHECK_FALSE(verdictOn(forTags, "ads.example.").matched());
  CHECK(verdictOn(forTags, "ads.example.", kClient, &kids).matched());
}

TEST_CASE("a list in shadow mode is noted and decides nothing; one behind it does") {
  const BlockLists lists({list("ads.example\n", {{"shadow", {"yes"}}, {"name", {"new"}}}), list("ads.example\n")});
  const auto verdict = verdictOn(lists, "ads.example.");
  CHECK(verdict.action == PolicyAction::NXDomain);
  REQUIRE(verdict.shadowed.size() == 1);
  CHECK(verdict.shadowed[0]->name == "new");
}

TEST_CASE("each action is what its word says; addresses are answered with") {
  const auto actionOf = [](const std::vector<std::string>& words) {
    return verdictOn(BlockLists({list("ads.example\n", {{"action", words}, {"ttl", {"30"}}})}), "ads.example.");
  };
  CHECK(actionOf({"nodata"}).action == PolicyAction::NoData);
  CHECK(actionOf({"refused"}).action == PolicyAction::Refused);
  CHECK(actionOf({"drop"}).action == PolicyAction::Drop);
  CHECK(actionOf({"truncate"}).action == PolicyAction::Truncate);
  CHECK(actionOf({"passthru"}).action == PolicyAction::NoAction);
  CHECK(actionOf({"zero"}).custom.size() == 2);
  const auto sinkhole = actionOf({"192.0.2.80", "192.0.2.81"});
  CHECK(sinkhole.action == PolicyAction::Custom);
  REQUIRE(sinkhole.custom.size() == 1);
  CHECK(sinkhole.custom[0].count() == 2);
  CHECK(sinkhole.custom[0].ttl() == 30);
}

TEST_CASE("options that are unknown or make no sense are refused with the place they stand at") {
  CHECK(whyNot({{"colour", {"blue"}}}) == "lua:7: blockList: 'colour' is no option");
  CHECK(whyNot({{"action", {"nonsense"}}}) ==
        "lua:7: blockList: action: 'nonsense' is neither an action nor an address");
  CHECK_FALSE(whyNot({{"format", {"xml"}}}).empty());
  CHECK_FALSE(whyNot({{"clients", {"here"}}}).empty());
  CHECK_FALSE(whyNot({{"priority", {"-1"}}}).empty());
  CHECK_FALSE(whyNot({{"error", {"none"}}, {"errorText", {"why"}}}).empty());
  CHECK(whyNot({{"errorText", {"see", "https://example.com"}}, {"error", {"censored"}}}).empty());
}

TEST_CASE("a schedule has days and times of the machine's own time zone, and spans that end on the next day") {
  ::setenv("TZ", "UTC", 1);
  ::tzset();
  // 2026-01-05 is a Monday.
  const auto at = [](int day, int hour, int minute) {
    return base::WallTime(std::chrono::seconds(1767571200 + day * 86400 + hour * 3600 + minute * 60));
  };
  const auto school = Schedule::parse("mon-fri 08:00-16:00; sat,sun 22:00-06:00");
  REQUIRE(school);
  CHECK(school->contains(at(0, 8, 0)));
  CHECK_FALSE(school->contains(at(0, 16, 0)));
  CHECK_FALSE(school->contains(at(0, 7, 59)));
  CHECK_FALSE(school->contains(at(5, 12, 0)));
  CHECK(school->contains(at(5, 23, 0)));
  CHECK(school->contains(at(6, 5, 59)));
  CHECK(school->contains(at(7, 3, 0))); // Sunday's, on Monday morning
  CHECK_FALSE(school->contains(at(5, 3, 0)));
  CHECK(Schedule::parse("")->contains(at(3, 3, 3)));
  CHECK(Schedule::parse("fri-mon")->contains(at(6, 0, 0)));
  CHECK_FALSE(Schedule::parse("fri-mon")->contains(at(2, 0, 0)));
  for (const char* wrong : {"someday", "mon 8-", "25:00-26:00", "08:00-09:00 10:00-11:00"}) {
    CHECK_FALSE(Schedule::parse(wrong));
  }
}
