// The sources of trust anchors read again: files that change, break or vanish, and scripts.
#include "recursor/trust/trustkeeper.hh"

#include <catch2/catch.hpp>

#include "recursor/trust/configured.hh"
#include "tests/recursor/config/tempdir.hh"

using namespace rec;

namespace {

constexpr const char* kDigest = " 8 2 E06D44B80B8F1D39A95C0B0D7C65D08458E880409BBC683457104237C7F8EC8D";

struct Fixture {
  TempDir dir;
  base::ManualClock clock;
  std::string script = dir.path() + "/config.lua";
  LuaConfig config;
  TrustAnchors anchors;
  TrustKeeper keeper;

  Fixture(const std::string& file, const std::string& lua)
      : config(load(file, lua)), anchors(givenAnchors(config), anchorSets(config.fileAnchors)),
        keeper(anchors, config, script, clock) {}

  LuaConfig load(const std::string& file, const std::string& lua) {
    dir.write("anchors", file);
    dir.write("config.lua", "file = '" + dir.path() + "/anchors'\n" + lua);
    return runLuaConfig(script).value();
  }
  std::string tags(const char* zone) {
    std::string text;
    const auto snapshot = anchors.snapshot();
    const auto found = snapshot->positive.find(dns::Name::parse(zone).value());
    if (found == snapshot->positive.end()) return "none";
    for (const auto rdata : found->second.rdatas()) text += anchorText(rdata).substr(0, 5) + " ";
    return text;
  }
  void hoursPass(int hours) {
    clock.advance(std::chrono::hours(hours));
    keeper.tick();
  }
};

std::string ds(const char* zone, const char* tag) { return std::string(zone) + " IN DS " + tag + kDigest + "\n"; }

} // namespace

TEST_CASE("the anchor file is read again when its hours are over") {
  Fixture test(ds("example.", "11111"), "readTrustAnchorsFromFile(file, 2)");
  CHECK(test.tags("example") == "11111 ");
  test.dir.write("anchors", ds("example.", "22222") + ds("other.", "33333"));
  test.hoursPass(1);
  CHECK(test.tags("example") == "11111 ");
  test.hoursPass(1);
  CHECK(test.tags("example") == "22222 ");
  CHECK(test.tags("other") == "33333 ");
  CHECK(test.tags(".") == "20326 38696 ");
  test.dir.write("anchors", ds("example.", "22222"));
  test.hoursPass(2);
  CHECK(test.tags("other") == "none");
}

TEST_CASE("a broken or missing anchor file keeps the old anchors, and is tried again") {
  Fixture test(ds("example.", "11111"), "readTrustAnchorsFromFile(file, 2)");
  test.dir.write("anchors", "example. IN DS nonsense\n");
  test.hoursPass(2);
  CHECK(test.tags("example") == "11111 ");
  std::filesystem::remove(test.dir.path() + "/anchors");
  test.hoursPass(2);
  CHECK(test.tags("example") == "11111 ");
  test.dir.write("anchors", ds("example.", "22222"));
  test.hoursPass(2);
  CHECK(test.tags("example") == "22222 ");
}

TEST_CASE("a file cannot take the root's anchors away") {
  Fixture test(ds(".", "11111"), "readTrustAnchorsFromFile(file, 2)");
  CHECK(test.tags(".") == "11111 ");
  test.dir.write("anchors", ds("example.", "22222"));
  test.hoursPass(2);
  CHECK(test.tags(".") == "11111 ");
  CHECK(test.tags("example") == "none");
}

TEST_CASE("an interval of 0 never reads the file again") {
  Fixture test(ds("example.", "11111"), "readTrustAnchorsFromFile(file, 0)");
  test.dir.write("anchors", ds("example.", "22222"));
  test.hoursPass(1000);
  CHECK(test.tags("example") == "11111 ");
}

TEST_CASE("the script is read again as a whole or not at all") {
  Fixture test("", "addTA('a', '11111" + std::string(kDigest) + "') addNTA('bad', 'x')");
  REQUIRE(test.anchors.add(dns::Name::parse("control").value(), "44444" + std::string(kDigest)));
  test.dir.write("config.lua", "addTA('b', '22222" + std::string(kDigest) + "') nonsense()");
  CHECK_FALSE(test.keeper.reload(""));
  CHECK(test.tags("a") == "11111 ");
  CHECK(test.tags("b") == "none");
  test.dir.write("config.lua", "addTA('b', '22222" + std::string(kDigest) + "')");
  CHECK(*test.keeper.reload("") == test.script);
  CHECK(test.tags("a") == "none");
  CHECK(test.tags("b") == "22222 ");
  CHECK(test.tags("control") == "none");
  CHECK(test.anchors.snapshot()->negative.empty());
}

TEST_CASE("another script may be given, and is the one read from then on") {
  Fixture test("", "");
  const auto other = test.dir.write("other.lua", "addTA('b', '22222" + std::string(kDigest) + "')");
  CHECK(*test.keeper.reload(other) == other);
  CHECK(test.tags("b") == "22222 ");
  CHECK_FALSE(test.keeper.reload("/no/such/file"));
  CHECK(*test.keeper.reload("") == other);
}

TEST_CASE("negative anchors whose time is over go") {
  Fixture test("", "");
  test.anchors.addNegative(dns::Name::parse("a").value(), {"", test.clock.wall() + std::chrono::minutes(90)});
  test.hoursPass(1);
  CHECK(test.anchors.snapshot()->negative.size() == 1);
  test.hoursPass(1);
  CHECK(test.anchors.snapshot()->negative.empty());
}
