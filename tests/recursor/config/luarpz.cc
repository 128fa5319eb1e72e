// rpzFile and rpzPrimary of lua-config-file: every option, and what is refused.
#include <catch2/catch.hpp>

#include "recursor/config/luaconfig.hh"
#include "tests/recursor/config/tempdir.hh"

using namespace rec;

namespace {

base::Result<LuaConfig> run(const std::string& script) {
  const TempDir dir;
  return runLuaConfig(dir.write("config.lua", script));
}

std::string errorOf(const std::string& script) {
  const auto config = run(script);
  return config ? "" : config.error().message;
}

} // namespace

TEST_CASE("rpzFile takes a path and options") {
  const auto config =
      run("rpzFile('/a/zone')\nrpzFile('/b', {policyName='b', defpol=Policy.Custom, defcontent='x.y',\n"
          "defttl=5, defpolOverrideLocalData=false, tags={'p', 'q'}, overridesGettag=false, maxTTL=9,\n"
          "zoneSizeHint=100, extendedErrorCode=15, extendedErrorExtra='no', includeSOA=true, wipePacketCache=false,\n"
          "ignoreDuplicates=true})\n");
  REQUIRE(config);
  REQUIRE(config->rpzs.size() == 2);
  CHECK(config->rpzs[0].name == "rpzFile");
  CHECK(config->rpzs[0].file == "/a/zone");
  CHECK_FALSE(config->rpzs[0].defpol);
  const RpzConfig& rpz = config->rpzs[1];
  CHECK(rpz.name == "b");
  CHECK(rpz.defpol == RpzPolicyKind::Custom);
  CHECK(rpz.defcontent == *dns::Name::parse("x.y"));
  CHECK(rpz.defttl == 5U);
  CHECK_FALSE(rpz.defpolOverrideLocalData);
  CHECK(rpz.tags == std::set<std::string>{"p", "q"});
  CHECK_FALSE(rpz.overridesGettag);
  CHECK(rpz.maxTtl == 9);
  CHECK(rpz.zoneSizeHint == 100);
  CHECK(rpz.extendedErrorCode == 15);
  CHECK(rpz.extendedErrorExtra == "no");
  CHECK(rpz.includeSoa);
  CHECK_FALSE(rpz.wipePacketCache);
  CHECK(rpz.ignoreDuplicates);
}

TEST_CASE("rpzPrimary takes one address or several, a zone and options; rpzMaster is its old name") {
  const auto config =
      run("rpzPrimary({'192.0.2.1', '[2001:db8::1]:5353'}, 'zone.test', {tsigname='k', tsigalgo='hmac-sha512',\n"
          "tsigsecret='c2VjcmV0', refresh=60, maxReceivedMBytes=7, localAddress='192.0.2.9', axfrTimeout=30,\n"
          "dumpFile='/d', seedFile='/s'})\nrpzMaster('192.0.2.2', 'old.test')\n");
  REQUIRE(config);
  REQUIRE(config->rpzs.size() == 2);
  const RpzConfig& rpz = config->rpzs[0];
  REQUIRE(rpz.primaries.size() == 2);
  CHECK(rpz.primaries[0].textWithPort() == "192.0.2.1:53");
  CHECK(rpz.primaries[1].textWithPort() == "[2001:db8::1]:5353");
  CHECK(rpz.zone == *dns::Name::parse("zone.test."));
  CHECK(rpz.name == "zone.test");
  CHECK(rpz.tsig->algorithm == dnssec::TsigAlgorithm::Sha512);
  CHECK(rpz.tsig->secret.size() == 6);
  CHECK(rpz.refresh.count() == 60);
  CHECK(rpz.maxReceivedMBytes == 7);
  CHECK(rpz.localAddress->text() == "192.0.2.9");
  CHECK(rpz.axfrTimeout.count() == 30);
  CHECK(rpz.dumpFile == "/d");
  CHECK(rpz.seedFile == "/s");
  CHECK(config->rpzs[1].name == "old.test");
}

TEST_CASE("zones of the same name are told apart by a number") {
  const auto config = run("rpzFile('/a')\nrpzFile('/b')\nrpzFile('/c', {policyName='x'})\nrpzFile('/d')\n");
  REQUIRE(config);
  REQUIRE(config->rpzs.size() == 4);
  CHECK(config->rpzs[0].name == "rpzFile");
  CHECK(config->rpzs[1].name == "rpzFile-2");
  CHECK(config->rpzs[2].name == "x");
  CHECK(config->rpzs[3].name == "rpzFile-3");
}

TEST_CASE("a transfer without a limit is one without a limit") {
  const auto config = run("rpzPrimary('192.0.2.1', 'z', {axfrTimeout=0})\n");
  REQUIRE(config);
  CHECK(config->rpzs[0].axfrTimeout.count() == 0);
}

TEST_CASE("a mistake in a response policy zone names the line and the option") {
  CHECK(errorOf("\nrpzFile('/a', {defpoll=1})\n").find(":2: rpzFile: there is no option 'defpoll'") !=
        std::string::npos);
  CHECK(errorOf("rpzFile('/a', {refresh=1})\n").find("refresh: only of rpzPrimary") != std::string::npos);
  CHECK(errorOf("rpzFile('/a', {defpol=Policy.Custom})\n").find("defcontent is needed") != std::string::npos);
  CHECK(errorOf("rpzFile('/a', {maxTTL=-1})\n").find("maxTTL: a number") != std::string::npos);
  CHECK(errorOf("rpzFile('/a', {includeSOA=1})\n").find("includeSOA: true or false") != std::string::npos);
  CHECK(errorOf("rpzFile('')\n").find("a path is needed") != std::string::npos);
  CHECK_FALSE(errorOf("rpzPrimary('nonsense', 'z')\n").empty());
  CHECK_FALSE(errorOf("rpzPrimary('192.0.2.1')\n").empty());
  for (const std::string half : {"tsigsecret='c2VjcmV0'", "tsigalgo='hmac-sha1'"}) { // else it would be unsigned
    CHECK(errorOf("rpzPrimary('192.0.2.1', 'z', {" + half + "})\n").find("need tsigname") != std::string::npos);
  }
  CHECK(errorOf("rpzPrimary('192.0.2.1', 'z', {tsigname='k', tsigsecret='?'})\n").find("Base64") != std::string::npos);
}
