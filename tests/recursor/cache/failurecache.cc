// FailureCache: remembering, doubling, forgetting.
#include "recursor/cache/failurecache.hh"

#include <catch2/catch.hpp>

#include "tests/recursor/cache/helpers.hh"

using namespace rec;
using namespace std::chrono_literals;
using dns::RRType;
using test::name;

namespace {

struct Fixture {
  void fail(std::string_view why = "all servers timed out") {
    cache.store(owner, RRType::A, {{.code = dns::EdeCode::NoReachableAuthority, .text = std::string(why)}},
                clock.wall());
  }
  bool known() { return cache.find(owner, RRType::A, clock.wall()).has_value(); }
  // How long the failure just stored is believed.
  std::chrono::seconds life() {
    std::chrono::seconds lived{0};
    for (; known(); lived += 1s) {
      clock.advance(1s);
    }
    return lived;
  }

  dns::Name owner = name("broken.test.");
  base::ManualClock clock;
  FailureCache cache{{.firstTtl = 5, .maxTtl = 30}};
};

} // namespace

TEST_CASE("a failure is found with its explanation, for its type only") {
  Fixture t;
  t.fail();
  const auto errors = t.cache.find(name("BROKEN.test."), RRType::A, t.clock.wall());
  REQUIRE(errors);
  CHECK(errors->front().text == "all servers timed out");
  CHECK_FALSE(t.cache.find(t.owner, RRType::AAAA, t.clock.wall()));
}

TEST_CASE("a failure that comes back is believed twice as long, up to the limit") {
  Fixture t;
  for (const auto expected : {5s, 10s, 20s, 30s, 30s}) {
    t.fail();
    CHECK(t.life() == expected);
  }
}

TEST_CASE("two reports of the same failure neither double nor prolong it") {
  Fixture t;
  t.fail();
  t.clock.advance(3s);
  t.fail("the other worker's words");
  CHECK(t.cache.find(t.owner, RRType::A, t.clock.wall())->front().text == "the other worker's words");
  CHECK(t.life() == 2s);
}

TEST_CASE("the doubling starts anew after a success and after a long silence") {
  Fixture t;
  t.fail();
  t.life();
  t.fail();
  CHECK(t.life() == 10s);
  t.cache.forget(t.owner, RRType::A);
  t.fail();
  CHECK(t.life() == 5s);
  t.clock.advance(31s);
  t.fail();
  CHECK(t.life() == 5s);
}

TEST_CASE("failures are wiped by name and subtree") {
  Fixture t;
  t.fail();
  CHECK(t.cache.wipe(name("test."), false) == 0);
  CHECK(t.cache.wipe(name("test."), true) == 1);
  t.fail();
  CHECK(t.cache.wipe(t.owner, false) == 1);
  CHECK(t.cache.entries() == 0);
}

TEST_CASE("a dump of failures shows the extended errors on one line") {
  Fixture t;
  t.fail("line\nbreak \"quoted\"");
  CHECK(test::written([&](std::FILE* out) { t.cache.dump(out, t.clock.wall()); }) ==
        "; failure cache dump follows\n;\nbroken.test. 5 IN A SERVFAIL ; origttl=5 ede=22 \"line?break ?quoted?\"\n");
}

TEST_CASE("a failure that may be over any moment is not remembered for longer than was said, however often it comes") {
  Fixture t;
  for (int i = 0; i < 4; ++i) {
    t.cache.store(t.owner, RRType::A, {{.code = dns::EdeCode::NetworkError, .text = "nobody there"}}, t.clock.wall(),
                  FailureCache::Cause::Unresolved, 1);
    CHECK(t.cache.isBrief(t.owner, RRType::A));
    CHECK(t.life() == 1s);
  }
  t.fail();
  CHECK_FALSE(t.cache.isBrief(t.owner, RRType::A));
  CHECK(t.life() > 1s);
}
