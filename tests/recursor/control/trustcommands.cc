// The control commands about trust anchors, against a fake resolver.
#include "recursor/control/trustcommands.hh"

#include <catch2/catch.hpp>

#include "tests/recursor/control/faketarget.hh"

using namespace rec;

namespace {

constexpr const char* kDigest = "E06D44B80B8F1D39A95C0B0D7C65D08458E880409BBC683457104237C7F8EC8D";

Reply run(FakeTarget& target, const std::vector<std::string>& words) { return runCommand(target, words, {}); }

std::string textOf(FakeTarget& target, const std::vector<std::string>& words) {
  const auto reply = run(target, words);
  CHECK(reply.status == 0);
  return reply.text;
}

std::string reasonOf(FakeTarget& target, const std::vector<std::string>& words) {
  const auto reply = run(target, words);
  CHECK(reply.status == 1);
  return reply.text;
}

} // namespace

TEST_CASE("a trust anchor is added, shown and removed") {
  FakeTarget target;
  CHECK(textOf(target, {"add-ta", "example.com", "11111", "8", "2", kDigest}) ==
        "Added Trust Anchor for example.com with data 11111 8 2 " + std::string(kDigest) + "\n");
  CHECK(textOf(target, {"add-ta", "example.com.", "22222 8 2 " + std::string(kDigest)}).starts_with("Added"));
  CHECK(target.anchors.snapshot()->positive.at(dns::Name::parse("example.com").value()).count() == 2);
  CHECK(textOf(target, {"get-tas"}).find("example.com\n\t\t11111 8 2 e06d44") != std::string::npos);
  CHECK(textOf(target, {"clear-ta", "example.com", "x.y"}) == "Removed Trust Anchor(s) for example.com x.y\n");
  CHECK(target.anchors.snapshot()->positive.size() == 1);
}

TEST_CASE("mistakes with trust anchors change nothing") {
  FakeTarget target;
  CHECK(reasonOf(target, {"add-ta"}) == "No TA specified, doing nothing\n");
  CHECK(reasonOf(target, {"add-ta", "a..b", "1"}).starts_with("Can't add Trust Anchor: "));
  CHECK(reasonOf(target, {"add-ta", "example", "nonsense"}).starts_with("Unable to add Trust Anchor for example: "));
  CHECK(reasonOf(target, {"clear-ta"}) == "No Trust Anchor to clear\n");
  REQUIRE(run(target, {"add-ta", "example", "11111", "8", "2", kDigest}).status == 0);
  CHECK(reasonOf(target, {"clear-ta", "example", "."}) == "Refusing to remove root Trust Anchor, no Anchors removed\n");
  CHECK(reasonOf(target, {"clear-ta", "example", "a..b"}).ends_with(". No Anchors removed\n"));
  CHECK(target.anchors.snapshot()->positive.size() == 2);
}

TEST_CASE("negative anchors have a reason of several words") {
  FakeTarget target;
  CHECK(textOf(target, {"add-nta", "a.example", "broken", "by them"}) ==
        "Added Negative Trust Anchor for a.example with reason 'broken by them'\n");
  CHECK(textOf(target, {"add-nta", "b.example"}) == "Added Negative Trust Anchor for b.example with reason ''\n");
  CHECK(textOf(target, {"get-ntas"}) == "Configured Negative Trust Anchors:\na.example\tbroken by them\nb.example\t\n");
  CHECK(textOf(target, {"clear-nta", "a.example"}) == "Removed Negative Trust Anchors for  a.example\n");
  CHECK(textOf(target, {"clear-nta", "*"}) == "Cleared all Negative Trust Anchors.\n");
  CHECK(textOf(target, {"get-ntas"}) == "Configured Negative Trust Anchors:\n");
}

TEST_CASE("negative anchors may have a life time, wherever it is written") {
  FakeTarget target;
  const auto left = [&target](const std::vector<std::string>& words) {
    std::vector<std::string> all{"add-nta", "a.example"};
    all.insert(all.end(), words.begin(), words.end());
    CHECK(run(target, all).status == 0);
    const auto text = textOf(target, {"get-ntas"});
    return text.substr(text.find('\t') + 1);
  };
  CHECK(left({"why", "--lifetime", "90"}) == "why (90 s left)\n");
  CHECK(left({"--lifetime=1h", "why", "not"}) == "why not (3600 s left)\n");
  CHECK(left({"--lifetime", "2d"}) == " (172800 s left)\n");
  CHECK(left({"--lifetime", "30m"}) == " (1800 s left)\n");
  CHECK(left({"--lifetime", "0"}) == "\n");
  CHECK(left({"--lifetimes", "0"}) == "--lifetimes 0\n");
  for (const auto& wrong : {"--lifetime", "--lifetime=", "--lifetime=x", "--lifetime=-1", "--lifetime=1w"}) {
    CHECK(reasonOf(target, {"add-nta", "a.example", wrong}).starts_with("Can't add Negative Trust Anchor: --lifetime"));
  }
}

TEST_CASE("nta-lifetime is for those that are given none") {
  FakeTarget target;
  auto settings = defaultSettings();
  settings.ntaLifetime = std::chrono::seconds(60);
  auto configuration = std::make_shared<Configuration>(*target.config);
  configuration->settings = std::make_shared<const Settings>(settings);
  target.config = configuration;
  REQUIRE(run(target, {"add-nta", "a"}).status == 0);
  REQUIRE(run(target, {"add-nta", "b", "--lifetime=0"}).status == 0);
  CHECK(textOf(target, {"get-ntas"}) == "Configured Negative Trust Anchors:\na\t (60 s left)\nb\t\n");
}

TEST_CASE("mistakes with negative anchors change nothing") {
  FakeTarget target;
  REQUIRE(run(target, {"add-nta", "a"}).status == 0);
  CHECK(reasonOf(target, {"add-nta"}) == "No NTA specified, doing nothing\n");
  CHECK(reasonOf(target, {"add-nta", "a..b"}).starts_with("Can't add Negative Trust Anchor: "));
  CHECK(reasonOf(target, {"clear-nta"}) == "No Negative Trust Anchor specified, doing nothing.\n");
  CHECK(reasonOf(target, {"clear-nta", "a", "*"}).ends_with("Nothing removed\n"));
  CHECK(reasonOf(target, {"clear-nta", "a", "a..b"}).ends_with(". No Negative Anchors removed\n"));
  CHECK(target.anchors.snapshot()->negative.size() == 1);
}

TEST_CASE("the algorithms are listed on one line, the disabled ones marked") {
  FakeTarget target;
  auto settings = defaultSettings();
  settings.dnssecDisabledAlgorithms = {"RSASHA1", "13"};
  auto configuration = std::make_shared<Configuration>(*target.config);
  configuration->settings = std::make_shared<const Settings>(settings);
  target.config = configuration;
  const auto text = textOf(target, {"list-dnssec-algos"});
  CHECK(text.find("RSASHA1(disabled) ") != std::string::npos);
  CHECK(text.find("ECDSAP256SHA256(disabled) ") != std::string::npos);
  CHECK(text.find(" RSASHA256 ") != std::string::npos);
  CHECK(text.ends_with("\n"));
}

TEST_CASE("the log of bogus answers is switched while running") {
  FakeTarget target;
  CHECK(textOf(target, {"set-dnssec-log-bogus", "yes"}) == "DNSSEC Bogus logging enabled\n");
  CHECK(target.bogusLogged);
  CHECK(textOf(target, {"set-dnssec-log-bogus", "on"}) == "DNSSEC Bogus logging was already enabled\n");
  CHECK(textOf(target, {"set-dnssec-log-bogus", "no"}) == "DNSSEC Bogus logging disabled\n");
  CHECK_FALSE(target.bogusLogged);
  CHECK(reasonOf(target, {"set-dnssec-log-bogus", "x"}) == "Unknown DNSSEC Bogus setting: 'x'\n");
  CHECK(reasonOf(target, {"set-dnssec-log-bogus"}) == "No DNSSEC Bogus logging setting specified\n");
}

TEST_CASE("the Lua configuration is read again, errors are passed on") {
  FakeTarget target;
  CHECK(textOf(target, {"reload-lua-config"}) == "Reloaded Lua configuration file '/etc/lua'\n");
  CHECK(textOf(target, {"reload-lua-config", "/other"}) == "Reloaded Lua configuration file '/other'\n");
  CHECK(reasonOf(target, {"reload-lua-config", "/broken"}) == "Unable to load Lua script: /broken:1: nonsense\n");
  CHECK(reasonOf(target, {"reload-lua-config", "a", "b"}) == "one file is needed, or none\n");
}

TEST_CASE("the aggressive cache changes its size, unless it was off at the start") {
  FakeTarget target;
  CHECK(textOf(target, {"set-max-aggr-nsec-cache-size", "5000"}) == "New aggressive NSEC cache size: 5000\n");
  CHECK(target.calls == std::vector<std::string>{"aggressive 5000"});
  CHECK(run(target, {"set-max-aggr-nsec-cache-size", "x"}).status == 1);
  CHECK(reasonOf(target, {"set-max-aggr-nsec-cache-size"}) == "Need to supply new aggressive NSEC cache size\n");
  auto settings = defaultSettings();
  settings.aggressiveNsecCacheSize = 0;
  auto configuration = std::make_shared<Configuration>(*target.config);
  configuration->settings = std::make_shared<const Settings>(settings);
  target.config = configuration;
  CHECK(reasonOf(target, {"set-max-aggr-nsec-cache-size", "5"}) ==
        "Aggressive NSEC cache is disabled by startup config\n");
}
