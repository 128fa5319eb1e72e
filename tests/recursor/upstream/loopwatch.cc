// What was asked of an upstream and comes back.
#include "recursor/upstream/loopwatch.hh"

#include <catch2/catch.hpp>

using namespace rec;

namespace {
dns::Name name(std::string_view text) { return dns::Name::parse(text).value(); }
} // namespace

TEST_CASE("a question for the name of a check is noticed, in any letter case, as long as the check is under way") {
  LoopWatch watch;
  auto check = watch.begin(name("corp.example"));
  REQUIRE(check);
  CHECK(check->name().parent() == name("corp.example"));
  const dns::Name copy = name("LOOP-" + check->name().text().substr(5));
  CHECK_FALSE(check->cameBack());
  CHECK(watch.notice(copy));
  CHECK(check->cameBack());
  check.reset();
  CHECK_FALSE(watch.notice(copy));
}

TEST_CASE("no other name is taken for that of a check, and no two checks have the same") {
  LoopWatch watch;
  const auto one = watch.begin(dns::Name());
  const auto two = watch.begin(dns::Name());
  CHECK(one->name() != two->name());
  CHECK_FALSE(watch.notice(dns::Name()));
  CHECK_FALSE(watch.notice(name("loop-check-0123456789abcdef0123456789abcdef")));
  CHECK_FALSE(watch.notice(name("www.example.com")));
  CHECK(watch.notice(two->name()));
  CHECK_FALSE(one->cameBack());
}

TEST_CASE("below a name that leaves no room there is no check") {
  LoopWatch watch;
  dns::Name longest;
  while (auto longer = longest.withLabel(std::string(20, 'x'))) {
    longest = *longer;
  }
  CHECK(watch.begin(longest) == nullptr);
}
