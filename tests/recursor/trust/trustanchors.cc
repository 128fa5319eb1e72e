// Trust anchors: which one is in force for a name, how changes add up, and who is told of them.
#include "recursor/trust/trustanchors.hh"

#include <catch2/catch.hpp>

#include "recursor/trust/configured.hh"

using namespace rec;

namespace {

constexpr const char* kOne = "11111 8 2 E06D44B80B8F1D39A95C0B0D7C65D08458E880409BBC683457104237C7F8EC8D";
constexpr const char* kTwo = "22222 8 2 683D2D0ACB8C9B712A1948B27F741219298D0A450D612C483AF444A4C0FB2B16";

dns::Name name(const char* text) { return dns::Name::parse(text).value(); }

std::map<dns::Name, std::vector<TrustAnchor>> anchors(const char* zone, const char* ds) {
  return {{name(zone), {TrustAnchor::parse(ds).value()}}};
}

AnchorSnapshot withRoot() { return givenAnchors(builtInLuaConfig()); }

struct Fixture {
  base::ManualClock clock;
  TrustAnchors trust{withRoot()};
  std::vector<std::string> changed;

  Fixture() {
    trust.onChange([this](const dns::Name& zone) { changed.push_back(zone.text()); });
  }
  std::string anchorOf(const char* text) {
    const auto snapshot = trust.snapshot();
    const auto* set = snapshot->anchorFor(name(text), clock.wall());
    return set == nullptr ? "none" : set->owner().text();
  }
  std::string waived(const char* text) {
    const auto snapshot = trust.snapshot();
    const auto* entry = snapshot->waivedBy(name(text), clock.wall());
    return entry == nullptr ? "none" : entry->first.text();
  }
};

} // namespace

TEST_CASE("the deepest anchor at or above a name is in force") {
  Fixture test;
  REQUIRE(test.trust.add(name("example.org"), kOne));
  CHECK(test.anchorOf("example.org") == "example.org.");
  CHECK(test.anchorOf("a.b.EXAMPLE.org") == "example.org.");
  CHECK(test.anchorOf("org") == ".");
  CHECK(test.anchorOf("notexample.org") == ".");
  CHECK(test.waived("a.example.org") == "none");
}

TEST_CASE("without anchors nothing must validate") {
  const AnchorSnapshot nothing;
  CHECK(nothing.anchorFor(name("example.org"), {}) == nullptr);
  CHECK(nothing.waivedBy(name("example.org"), {}) == nullptr);
}

TEST_CASE("a negative anchor waives what is at and below it") {
  Fixture test;
  test.trust.addNegative(name("example.org"), {"broken", std::nullopt});
  CHECK(test.anchorOf("www.example.org") == "none");
  CHECK(test.waived("www.example.org") == "example.org.");
  CHECK(test.anchorOf("org") == ".");
  CHECK(test.waived("org") == "none");
}

TEST_CASE("a positive anchor below a negative one validates again, at the same place the negative one wins") {
  Fixture test;
  test.trust.addNegative(name("example.org"), {"broken", std::nullopt});
  REQUIRE(test.trust.add(name("island.example.org"), kOne));
  CHECK(test.anchorOf("a.island.example.org") == "island.example.org.");
  CHECK(test.waived("a.island.example.org") == "none");
  CHECK(test.anchorOf("a.example.org") == "none");
  test.trust.addNegative(name("island.example.org"), {"too", std::nullopt});
  CHECK(test.anchorOf("a.island.example.org") == "none");
  CHECK(test.waived("a.island.example.org") == "island.example.org.");
}

TEST_CASE("a negative anchor for the root waives everything but islands") {
  Fixture test;
  test.trust.addNegative(dns::Name(), {"test", std::nullopt});
  REQUIRE(test.trust.add(name("island.example"), kOne));
  CHECK(test.anchorOf("example") == "none");
  CHECK(test.anchorOf("www.island.example") == "island.example.");
}

TEST_CASE("a negative anchor ends with its time, and its end is told when it is dropped") {
  Fixture test;
  test.trust.addNegative(name("example.org"), {"broken", test.clock.wall() + std::chrono::hours(1)});
  test.trust.addNegative(name("for.ever"), {"", std::nullopt});
  test.changed.clear();
  test.clock.advance(std::chrono::minutes(59));
  test.trust.dropExpired(test.clock.wall());
  CHECK(test.anchorOf("example.org") == "none");
  CHECK(test.changed.empty());
  test.clock.advance(std::chrono::minutes(1));
  CHECK(test.anchorOf("example.org") == ".");
  CHECK(test.waived("example.org") == "none");
  test.trust.dropExpired(test.clock.wall());
  CHECK(test.changed == std::vector<std::string>{"example.org."});
  CHECK(test.trust.snapshot()->negative.size() == 1);
}

TEST_CASE("negative anchors are cleared one by one or all at once") {
  Fixture test;
  for (const char* zone : {"a", "b", "c"}) test.trust.addNegative(name(zone), {"", std::nullopt});
  CHECK(test.trust.clearNegative(name("A")));
  CHECK_FALSE(test.trust.clearNegative(name("a")));
  CHECK(test.trust.clearAllNegative() == 2);
  CHECK(test.trust.snapshot()->negative.empty());
  CHECK(test.changed == std::vector<std::string>{"a.", "b.", "c.", "a.", "b.", "c."});
}

TEST_CASE("anchors of all sources add up, each is replaced alone") {
  Fixture test;
  REQUIRE(test.trust.add(name("example"), kOne));
  test.trust.replaceFile(anchorSets(anchors("example", kTwo)));
  CHECK(test.trust.snapshot()->positive.at(name("example")).count() == 2);
  test.trust.replaceFile(anchorSets(anchors("example", kOne)));
  CHECK(test.trust.snapshot()->positive.at(name("example")).count() == 1);
  test.trust.replaceFile({});
  CHECK(test.trust.snapshot()->positive.at(name("example")).count() == 1);
  REQUIRE(test.trust.clear(name("example")));
  CHECK(test.trust.snapshot()->positive.size() == 1);
}

TEST_CASE("only given anchors are replaced, cleared ones do not come back") {
  LuaConfig config = builtInLuaConfig();
  config.trustAnchors.merge(anchors("example", kOne));
  TrustAnchors trust(givenAnchors(config));
  const auto other = anchorSets(anchors("example", kTwo)).at(name("example"));
  CHECK(trust.replace(name("example"), other));
  CHECK(trust.snapshot()->positive.at(name("example")).sameData(other));
  REQUIRE(trust.clear(name("example")));
  CHECK_FALSE(trust.replace(name("example"), other));
  CHECK_FALSE(trust.snapshot()->positive.contains(name("example")));
  CHECK(trust.replace(dns::Name(), {}));
  CHECK(trust.snapshot()->positive.empty());
}

TEST_CASE("the root's anchors cannot be cleared, broken ones not added") {
  Fixture test;
  CHECK_FALSE(test.trust.clear(dns::Name()));
  CHECK_FALSE(test.trust.add(name("example"), "nonsense"));
  CHECK_FALSE(test.trust.add(name("example"), "1 8 2 ABCD"));
  CHECK(test.changed.empty());
  CHECK(test.trust.snapshot()->positive.size() == 1);
}

TEST_CASE("only zones whose anchors differ are told, and a reset forgets what was added while running") {
  Fixture test;
  REQUIRE(test.trust.add(name("example"), kOne));
  test.trust.addNegative(name("broken"), {"x", std::nullopt});
  test.changed.clear();
  REQUIRE(test.trust.add(name("example"), kOne));
  test.trust.replaceFile({});
  CHECK(test.changed.empty());
  test.trust.reset(withRoot(), {});
  CHECK(test.changed == std::vector<std::string>{"example.", "broken."});
}

TEST_CASE("a reader takes a new snapshot only after a change") {
  Fixture test;
  AnchorReader reader(test.trust);
  const auto* before = &reader.current();
  CHECK(&reader.current() == before);
  CHECK(before->positive.size() == 1);
  REQUIRE(test.trust.add(name("example"), kOne));
  CHECK(reader.current().positive.size() == 2);
}

TEST_CASE("anchors are shown as PowerDNS shows them") {
  Fixture test;
  REQUIRE(test.trust.add(name("example"), kOne));
  test.trust.addNegative(name("broken.example"), {"bad keys", std::nullopt});
  test.trust.addNegative(name("c"), {"", test.clock.wall() + std::chrono::seconds(90)});
  const auto snapshot = test.trust.snapshot();
  CHECK(trustAnchorText(*snapshot) ==
        "Configured Trust Anchors:\n.\n"
        "\t\t20326 8 2 e06d44b80b8f1d39a95c0b0d7c65d08458e880409bbc683457104237c7f8ec8d\n"
        "\t\t38696 8 2 683d2d0acb8c9b712a1948b27f741219298d0a450d612c483af444a4c0fb2b16\n"
        "example\n\t\t11111 8 2 e06d44b80b8f1d39a95c0b0d7c65d08458e880409bbc683457104237c7f8ec8d\n");
  CHECK(negativeAnchorText(*snapshot, test.clock.wall()) ==
        "Configured Negative Trust Anchors:\nc\t (90 s left)\nbroken.example\tbad keys\n");
}
