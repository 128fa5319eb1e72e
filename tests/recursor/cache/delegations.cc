// Delegations: the deepest cut, lifetimes, what is configured, the root's hints.
#include "recursor/cache/delegations.hh"

#include <catch2/catch.hpp>

#include "tests/recursor/cache/helpers.hh"

using namespace rec;
using namespace std::chrono_literals;
using test::name;

namespace {

struct Fixture {
  void learn(std::string_view zone, std::string_view server, std::chrono::seconds life = 100s) {
    cache.store({.zone = name(zone), .servers = {{name(server), {}}}, .expires = clock.wall() + life, .fixed = false});
  }
  void configure(std::string_view zone, std::string_view server) {
    cache.store({.zone = name(zone), .servers = {{name(server), {test::address("192.0.2.1")}}}, .fixed = true});
  }
  // The zone and first server of what find() finds.
  std::string find(std::string_view owner, bool above = false) {
    const DelegationPtr found = cache.find(name(owner), clock.wall(), above);
    return found ? found->zone.text() + " " + found->servers.front().name.text() : "";
  }

  base::ManualClock clock;
  Delegations cache{{}};
};

} // namespace

TEST_CASE("the deepest cut at or above a name is found, or strictly above it") {
  Fixture t;
  CHECK(t.find("www.example.com.").empty());
  t.learn(".", "a.root.");
  t.learn("com.", "a.gtld.");
  t.learn("Example.com.", "ns.example.com.");
  CHECK(t.find("www.EXAMPLE.com.") == "Example.com. ns.example.com.");
  CHECK(t.find("example.com.") == "Example.com. ns.example.com.");
  CHECK(t.find("example.com.", true) == "com. a.gtld.");
  CHECK(t.find("example.org.") == ". a.root.");
  CHECK(t.find(".") == ". a.root.");
  CHECK(t.find(".", true).empty());
}

TEST_CASE("a cut that has run out is passed over") {
  Fixture t;
  t.learn("com.", "a.gtld.", 1000s);
  t.learn("example.com.", "ns.example.com.", 100s);
  t.clock.advance(100s);
  CHECK(t.find("www.example.com.") == "com. a.gtld.");
}

TEST_CASE("what the parent says now replaces what it said before, shorter life included") {
  Fixture t;
  t.learn("example.com.", "old.", 1000s);
  t.learn("example.com.", "new.", 10s);
  CHECK(t.find("example.com.") == "example.com. new.");
  t.clock.advance(10s);
  CHECK(t.find("example.com.").empty());
  CHECK(t.cache.entries() == 1);
}

TEST_CASE("what is configured lasts, and what is learned about the same zone does not replace it") {
  Fixture t;
  t.configure("corp.example.", "forwarder.");
  t.learn("corp.example.", "ns.");
  t.clock.advance(24h * 365);
  CHECK(t.find("www.corp.example.") == "corp.example. forwarder.");
  CHECK(t.cache.wipe(dns::Name(), true) == 1);
  CHECK(t.find("www.corp.example.") == "corp.example. forwarder.");
  t.cache.clearFixed();
  CHECK(t.find("www.corp.example.").empty());
}

TEST_CASE("root hints stand back while a primed set lives and serve again afterwards") {
  Fixture t;
  t.configure(".", "hint.");
  CHECK(t.find("com.") == ". hint.");
  t.learn(".", "primed.");
  CHECK(t.find("com.") == ". primed.");
  t.clock.advance(100s);
  CHECK(t.find("com.") == ". hint.");
}

TEST_CASE("learned cuts are wiped by name and subtree") {
  Fixture t;
  t.learn("com.", "a.");
  t.learn("example.com.", "b.");
  t.learn("www.example.com.", "c.");
  CHECK(t.cache.wipe(name("example.com."), false) == 1);
  CHECK(t.find("x.www.example.com.") == "www.example.com. c.");
  CHECK(t.cache.wipe(name("com."), true) == 2);
  CHECK(t.cache.entries() == 0);
}

TEST_CASE("a dump of delegations shows servers and glue") {
  Fixture t;
  t.configure(".", "hint.");
  t.learn("com.", "a.gtld.");
  CHECK(test::written([&](std::FILE* out) { CHECK(t.cache.dump(out, t.clock.wall()) == 2); }) ==
        "; delegation dump follows\n;\n. 0 IN NS hint. ; fixed 192.0.2.1:53\ncom. 100 IN NS a.gtld. ;\n");
}

TEST_CASE("cuts take no more memory than they may") {
  constexpr std::size_t kMost = 200'000;
  Delegations cache({.shards = 1, .maxBytes = kMost});
  const base::ManualClock clock;
  for (int i = 0; i < 2000; ++i) {
    cache.store({.zone = name("z" + std::to_string(i) + ".test."),
                 .servers = std::vector<NameServer>(13, NameServer{name("ns.test."), {}}),
                 .expires = clock.wall() + 100s});
  }
  CHECK(cache.entries() > 10);
  CHECK(cache.bytes() <= kMost);
}
