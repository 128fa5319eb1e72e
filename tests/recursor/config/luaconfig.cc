// lua-config-file: trust anchors, their replacement, and scripts that go wrong.
#include "recursor/config/luaconfig.hh"

#include <catch2/catch.hpp>

#include "tests/recursor/config/tempdir.hh"

using namespace rec;

namespace {

constexpr const char* kDs = "12345 8 2 E06D44B80B8F1D39A95C0B0D7C65D08458E880409BBC683457104237C7F8EC8D";

base::Result<LuaConfig> run(const std::string& script) {
  const TempDir dir;
  return runLuaConfig(dir.write("config.lua", script));
}

dns::Name name(const char* text) { return dns::Name::parse(text).value(); }

} // namespace

TEST_CASE("without a script the root's two keys are trusted") {
  const auto config = runLuaConfig("");
  REQUIRE(config);
  const auto& root = config->trustAnchors.at(dns::Name());
  REQUIRE(root.size() == 2);
  CHECK(root[0].keyTag == 20326);
  CHECK(root[1].text() == "38696 8 2 683d2d0acb8c9b712a1948b27f741219298d0a450d612c483af444a4c0fb2b16");
}

TEST_CASE("anchors given for the root replace the built-in ones") {
  const auto config = run(std::string("addTA('.', \"") + kDs + "\")\n");
  REQUIRE(config);
  REQUIRE(config->trustAnchors.at(dns::Name()).size() == 1);
  CHECK(config->trustAnchors.at(dns::Name())[0].keyTag == 12345);
}

TEST_CASE("anchors given for another zone leave the root's alone") {
  const auto config = run(std::string("addTA('example.org', { '") + kDs + "', '" + kDs + "' })\n");
  REQUIRE(config);
  CHECK(config->trustAnchors.at(dns::Name()).size() == 2);
  CHECK(config->trustAnchors.at(name("example.org")).size() == 1);
}

TEST_CASE("anchors are cleared by name or all at once") {
  CHECK(run("clearTA('.')")->trustAnchors.empty());
  CHECK(run(std::string("addTA('example.org', '") + kDs + "') clearTA()")->trustAnchors.empty());
  CHECK(run(std::string("addTA('example.org', '") + kDs + "') clearTA('example.org')")->trustAnchors.size() == 1);
}

TEST_CASE("negative anchors keep their reason") {
  const auto config =
      run("addNTA('a.example', 'broken') addNTA('b.example') addNTA('c.example') clearNTA('c.example')");
  REQUIRE(config);
  CHECK(config->negativeTrustAnchors.size() == 2);
  CHECK(config->negativeTrustAnchors.at(name("a.example")) == "broken");
  CHECK(run("addNTA('a.example') clearNTA()")->negativeTrustAnchors.empty());
}

TEST_CASE("anchors are read from files of DS and DNSKEY records") {
  const TempDir dir;
  const auto ds = dir.write("ds", std::string(". 86400 IN DS ") + kDs + "\n");
  // The root's key of 2017, whose DS is 20326 8 2 E06D44B8...
  const auto key = dir.write(
      "key",
      ". IN DNSKEY 257 3 8 AwEAAaz/tAm8yTn4Mfeh5eyI96WSVexTBAvkMgJzkKTOiW1vkIbzxeF3+/4RgWOq7HrxRixHlFlExOLAJr5emLvN"
      "7SWXgnLh4+B5xQlNVz8Og8kvArMtNROxVQuCaSnIDdD5LKyWbRd2n9WGe2R8PzgCmr3EgVLrjyBxWezF0jLHwVN8efS3rCj/EWgvIWgb9tar"
      "pVUDK/b58Da+sqqls3eNbuv7pr+eoZG+SrDK6nWeL3c6H5Apxz7LjVc1uTIdsIXxuOLYA4/ilBmSVIzuDWfdRUfhHdY6+cn8HFRm+2hM8AnX"
      "GXws9555KrUB5qihylGa8subX2Nn6UwNR1AkUTV74bU=\n");
  const auto fromKey = run("readTrustAnchorsFromFile('" + key + "', 12)");
  INFO((fromKey ? "" : fromKey.error().message));
  REQUIRE(fromKey);
  CHECK(fromKey->trustAnchors.empty()); // the built-in ones are replaced
  REQUIRE(fromKey->fileAnchors.at(dns::Name()).size() == 1);
  CHECK(fromKey->fileAnchors.at(dns::Name())[0] == builtInLuaConfig().trustAnchors.at(dns::Name())[0]);
  CHECK(fromKey->anchorFile == key);
  CHECK(fromKey->anchorFileInterval == std::chrono::hours(12));
  CHECK(run("readTrustAnchorsFromFile('" + ds + "')")->fileAnchors.at(dns::Name()).size() == 1);
  CHECK(run("readTrustAnchorsFromFile('" + ds + "') clearTA('.')")->fileAnchors.empty());
  CHECK_FALSE(run("readTrustAnchorsFromFile('" + ds + "') readTrustAnchorsFromFile('" + ds + "')"));
  CHECK_FALSE(run("readTrustAnchorsFromFile('/no/such/file')"));
}

TEST_CASE("mistakes in the script are named with file and line") {
  const TempDir dir;
  const auto errorOf = [&dir](const std::string& script) {
    const auto path = dir.write("config.lua", script);
    const auto config = runLuaConfig(path);
    REQUIRE_FALSE(config);
    CHECK(config.error().message.starts_with(path + ":"));
    return config.error().message.substr(path.size());
  };
  CHECK(errorOf("\naddTA('.', 'nonsense')").starts_with(":2: addTA: 'nonsense' is not a DS record"));
  CHECK(errorOf("addTA('.')") == ":1: addTA: argument 2: a string is needed");
  CHECK(errorOf("addTA('.', {})") == ":1: addTA: argument 2: the table has no strings");
  CHECK(errorOf("\n\nzoneToCache('x')") == ":3: zoneToCache: not supported (yet)");
  CHECK(errorOf("noSuchFunction()").find("noSuchFunction") != std::string::npos);
  CHECK(errorOf("addTA(").starts_with(":1: "));
  CHECK(errorOf("while true do end").find("does not come to an end") != std::string::npos);
  CHECK(errorOf("while true do pcall(function() while true do end end) end").find("not come to an end") !=
        std::string::npos);
  CHECK_FALSE(runLuaConfig("/no/such/file"));
}
