// recursor.conf and the command line: syntax, precedence, status and errors.
#include "recursor/config/configuration.hh"
#include "recursor/config/keepwarm.hh"
#include "recursor/config/subnetlist.hh"

#include <catch2/catch.hpp>
#include <fstream>
#include <set>
#include <sstream>

#include "recursor/config/configprint.hh"
#include "recursor/config/startup.hh"
#include "recursor/config/values.hh"
#include "tests/recursor/config/tempdir.hh"
#include "tests/sourceroot.hh"

using namespace rec;

namespace {

// The configuration of a recursor.conf with `content`, and options.
Startup start(const TempDir& dir, const std::string& content, std::vector<std::string> options = {}) {
  dir.write("recursor.conf", content);
  options.insert(options.begin(), "--config-dir=" + dir.path());
  return startUp(options);
}

std::string errorOf(const std::string& content, const std::vector<std::string>& options = {}) {
  const TempDir dir;
  const auto started = start(dir, content, options);
  CHECK(started.configuration == nullptr);
  CHECK(started.exitCode == 1);
  auto text = started.error;
  const auto at = text.find(dir.path());
  if (at != std::string::npos) text.erase(at, dir.path().size() + 1);
  return text;
}

Settings settingsOf(const std::string& content, const std::vector<std::string>& options = {}) {
  const TempDir dir;
  const auto started = start(dir, content, options);
  INFO(started.error);
  REQUIRE(started.configuration != nullptr);
  return *started.configuration->settings;
}

std::vector<std::string> warningsOf(const std::string& content) {
  const TempDir dir;
  const auto started = start(dir, content);
  INFO(started.error);
  REQUIRE(started.configuration != nullptr);
  return started.configuration->warnings;
}

} // namespace

TEST_CASE("every setting has a name of its own, a default that parses, and a member named after it") {
  std::set<std::string_view> names;
  for (const auto& info : allSettings()) {
    CHECK(names.insert(info.name).second);
    CHECK(findSetting(info.name) == &info);
    CHECK_FALSE(info.help.empty());
  }
  const auto settings = defaultSettings();
  CHECK(settings.threads >= 1);
  CHECK(settings.maxQperq == 50);
  CHECK(settings.networkTimeout == std::chrono::milliseconds(1500));
  CHECK(settings.localAddress.at(1).textWithPort() == "[::1]:53");
  CHECK(settings.dontQuery.contains(base::Address::parse("10.1.2.3").value()));
}

TEST_CASE("keys and values lose their blanks, comments and continuations are understood") {
  const auto settings = settingsOf("# a comment\n  max-qperq =  60   # after a value\nserver-id=a#b\n\n"
                                   "allow-from=10.0.0.0/8, \\\n  192.0.2.0/24\n");
  CHECK(settings.maxQperq == 60);
  CHECK(settings.serverId == "a#b");
  CHECK(settings.allowFrom.contains(base::Address::parse("192.0.2.7").value()));
}

TEST_CASE("a later line replaces an earlier one and += adds to it or to the default") {
  CHECK(settingsOf("max-qperq=1\nmax-qperq=2\n").maxQperq == 2);
  const auto added = settingsOf("allow-from+=203.0.113.0/24\n").allowFrom;
  CHECK(added.contains(base::Address::parse("203.0.113.9").value()));
  CHECK(added.contains(base::Address::parse("127.0.0.1").value()));
  const auto replaced = settingsOf("allow-from=203.0.113.0/24\nallow-from += 198.51.100.0/24\n").allowFrom;
  CHECK_FALSE(replaced.contains(base::Address::parse("127.0.0.1").value()));
  CHECK(replaced.contains(base::Address::parse("198.51.100.1").value()));
}

TEST_CASE("a key alone means yes and an empty value is a value") {
  CHECK(settingsOf("daemon\n").daemon);
  CHECK(settingsOf("dont-query=\n").dontQuery.empty());
  CHECK(settingsOf("", {"--dont-query="}).dontQuery.empty());
  CHECK(settingsOf("", {"--daemon"}).daemon);
}

TEST_CASE("options override the file") {
  CHECK(settingsOf("max-qperq=60\nquiet=yes", {"--max-qperq=70", "--quiet=no"}).maxQperq == 70);
  CHECK_FALSE(settingsOf("max-qperq=60\nquiet=yes", {"--max-qperq=70", "--quiet=no"}).quiet);
}

TEST_CASE("include-dir is read in the order of names, after the file") {
  const TempDir dir;
  std::filesystem::create_directory(dir.path() + "/more");
  dir.write("more/20.conf", "max-qperq=20\n");
  dir.write("more/10.conf", "max-qperq=10\nserver-id=ten\n");
  dir.write("more/30.txt", "max-qperq=30\n");
  const auto started = start(dir, "include-dir=" + dir.path() + "/more\nmax-qperq=5\n");
  REQUIRE(started.configuration != nullptr);
  CHECK(started.configuration->settings->maxQperq == 20);
  CHECK(started.configuration->settings->serverId == "ten");
}

TEST_CASE("config-name chooses the file and the name of the control socket") {
  const TempDir dir;
  dir.write("recursor-two.conf", "socket-dir=/somewhere\nmax-qperq=7\n");
  const auto started = startUp({"--config-dir=" + dir.path(), "--config-name=two"});
  REQUIRE(started.configuration != nullptr);
  CHECK(started.configuration->settings->maxQperq == 7);
  CHECK(socketPlace(*started.configuration->settings).name == "recursor-two");
}

TEST_CASE("mistakes are one line with file, line, key and reason") {
  CHECK(errorOf("quiet=yes\nno-such-thing=1\n") == "recursor: recursor.conf:2: no-such-thing: unknown setting\n");
  CHECK(errorOf("max-qperq=many\n") == "recursor: recursor.conf:1: max-qperq: 'many' is not a number\n");
  CHECK(errorOf("local-port=70000\n") == "recursor: recursor.conf:1: local-port: 70000 is out of bounds, 1 to 65535\n");
  CHECK(errorOf("quiet=perhaps\n") == "recursor: recursor.conf:1: quiet: 'perhaps' is neither yes nor no\n");
  CHECK(errorOf("dnssec=maybe\n").find("recursor.conf:1: dnssec: 'maybe' is none of off,") != std::string::npos);
  CHECK(errorOf("=5\n") == "recursor: recursor.conf:1: no setting before the =\n");
  CHECK(errorOf("max-qperq+=5\n") == "recursor: recursor.conf:1: max-qperq: is not a list, += cannot add to it\n");
  CHECK(errorOf("", {"--nonsense=1"}) == "recursor: command line: nonsense: unknown setting\n");
  CHECK(errorOf("", {"nonsense"}) == "recursor: command line: nonsense: not an option\n");
  CHECK(errorOf("allow-from=10.0.0.0/40\n").find("recursor.conf:1: allow-from: ") != std::string::npos);
  CHECK(errorOf("allow-from-file=/no/such/file\n")
            .find("recursor.conf:1: allow-from-file: /no/such/file: cannot be read") != std::string::npos);
  CHECK(errorOf("udp-source-port-min=5000\nudp-source-port-max=4000\n").find("is above") != std::string::npos);
}

TEST_CASE("edns-subnet-allow-list is networks and domains, and anything else is a mistake") {
  const auto list =
      SubnetList::parse({"example.com", "!private.example.com", "192.0.2.0/24", "2001:db8::1", "!192.0.2.9"});
  REQUIRE(list);
  CHECK(list->hasDomain(*dns::Name::parse("www.example.com")));
  CHECK_FALSE(list->hasDomain(*dns::Name::parse("www.private.example.com")));
  CHECK_FALSE(list->hasDomain(*dns::Name::parse("com")));
  CHECK(list->hasServer(*base::Address::parse("192.0.2.8:53")));
  CHECK_FALSE(list->hasServer(*base::Address::parse("192.0.2.9:53")));
  CHECK(list->hasServer(*base::Address::parse("[2001:db8::1]:53")));
  CHECK(SubnetList::parse({}).value().empty());
  CHECK(SubnetList::parse({"example.com", "!example.com"})->hasDomain(*dns::Name::parse("example.com")) == false);
  for (const char* bad : {"a..b", "192.0.2.0/33", "example.com/24", "192.0.2.1:53", "!"}) {
    INFO(bad);
    CHECK(errorOf("edns-subnet-allow-list=" + std::string(bad) + "\n").find("edns-subnet-allow-list: '") !=
          std::string::npos);
  }
  CHECK(errorOf("ecs-ipv4-bits=33\n").find("recursor.conf:1: ecs-ipv4-bits: ") != std::string::npos);
  CHECK(errorOf("ecs-scope-zero-address=192.0.2.1, 192.0.2.2\n").find("one address only") != std::string::npos);
}

TEST_CASE("keepwarm is names with types, and anything else is a mistake") {
  const auto questions = parseKeepwarm({"www.example.com", "example.com/mx|TXT"});
  REQUIRE(questions);
  REQUIRE(questions->size() == 4);
  CHECK(questions->at(0).type == dns::RRType::A);
  CHECK(questions->at(1).type == dns::RRType::AAAA);
  CHECK(questions->at(2).type == dns::RRType::MX);
  CHECK(questions->at(3).name == *dns::Name::parse("example.com"));
  CHECK(errorOf("keepwarm=example.com/NONE\n") ==
        "recursor: recursor.conf:1: keepwarm: 'example.com/NONE': 'NONE' is not a record type\n");
  CHECK(errorOf("keepwarm=example.com/ANY\n").find("'ANY' is not a record type") != std::string::npos);
  CHECK(errorOf("keepwarm=a..b\n").find("recursor.conf:1: keepwarm: 'a..b': ") != std::string::npos);
}

TEST_CASE("a missing file is an error only when the directory was asked for") {
  const auto started = startUp({"--config-dir=/no/such/directory"});
  CHECK(started.exitCode == 1);
  CHECK(started.error.find("/no/such/directory/recursor.conf: cannot be read") != std::string::npos);
}

TEST_CASE("unknown settings may be ignored by name") {
  const auto warnings = warningsOf("future-thing=1\nignore-unknown-settings=other future-thing\n");
  REQUIRE(warnings.size() == 1);
  CHECK(warnings[0].find("future-thing: unknown setting, ignored as asked") != std::string::npos);
}

TEST_CASE("dns64-prefix has one of the lengths of RFC 6052") {
  const std::string form = "is not an IPv6 prefix of 32, 40, 48, 56, 64 or 96 bits\n";
  for (const std::string value : {"64:ff9b::/95", "64:ff9b::", "10.0.0.0/8", "64:ff9b::/128"}) {
    const std::string error = errorOf("dns64-prefix=" + value + "\n");
    CHECK(error.starts_with("recursor: recursor.conf:1: dns64-prefix: '"));
    CHECK(error.ends_with(form));
  }
  CHECK(errorOf("dns64-prefix=sixty-four\n").find("recursor.conf:1: dns64-prefix: ") != std::string::npos);
  CHECK(warningsOf("dns64-prefix=\n").empty());
  CHECK(warningsOf("dns64-prefix=64:ff9b::/96\n").empty());
  CHECK(warningsOf("dns64-prefix=fe80::21b:aabb:0:0/96\n").size() == 1);
}

TEST_CASE("what is not supported is refused, unless it is the default or empty") {
  CHECK(errorOf("snmp-agent=yes\n").find("snmp-agent: not supported (yet)") != std::string::npos);
  CHECK(errorOf("edns-padding-tag=5\n").find("not supported") != std::string::npos);
  CHECK(warningsOf("snmp-agent=no\nmax-generate-steps=0\nproxy-protocol-from=\ncarbon-interval=30\n").empty());
}

TEST_CASE("an empty allow-from is warned of where others than this machine can ask") {
  REQUIRE(warningsOf("allow-from=\nlocal-address=127.0.0.1, 192.0.2.1\n").size() == 1);
  CHECK(warningsOf("allow-from=\nlocal-address=192.0.2.1\n").front().find("allow-from: is empty: everybody may ask") !=
        std::string::npos);
  CHECK(warningsOf("allow-from=\nlocal-address=127.0.0.9, ::1\n").empty());
  CHECK(warningsOf("allow-from=!192.0.2.1\nlocal-address=192.0.2.1\n").empty());
}

TEST_CASE("what has no meaning here is accepted with one warning that says why") {
  const auto warnings = warningsOf("stack-size=300000\nmax-mthreads=4096\n");
  REQUIRE(warnings.size() == 2);
  CHECK(warnings[1].find("stack-size: has no meaning here: questions are coroutines") != std::string::npos);
  CHECK(warningsOf("security-poll-suffix=\n").empty());
  CHECK(warningsOf("security-poll-suffix=secpoll.example.\n").size() == 1);
  CHECK(errorOf("stack-size=big\n").find("'big' is not a number") != std::string::npos);
}

TEST_CASE("an algorithm to be disabled must be one") {
  CHECK(warningsOf("dnssec-disabled-algorithms=RSASHA1, 7\n").empty());
  CHECK(errorOf("dnssec-disabled-algorithms=ROT13\n").find("'ROT13' is no DNSSEC algorithm") != std::string::npos);
}

TEST_CASE("the file with client networks replaces allow-from") {
  const TempDir dir;
  const auto acl = dir.write("acl", "# clients\n192.0.2.0/24 # one\n!192.0.2.9\n2001:db8::/32, 10.0.0.0/8\n");
  const auto started = start(dir, "allow-from-file=" + acl + "\n");
  INFO(started.error);
  REQUIRE(started.configuration != nullptr);
  const auto& allowed = started.configuration->settings->allowFrom;
  CHECK(allowed.contains(base::Address::parse("192.0.2.8").value()));
  CHECK_FALSE(allowed.contains(base::Address::parse("192.0.2.9").value()));
  CHECK_FALSE(allowed.contains(base::Address::parse("127.0.0.1").value()));
}

TEST_CASE("values of every kind are read") {
  const auto settings =
      settingsOf("cpu-map=0=0 1=2,3\nudp-source-port-avoid=5 6,7\nsocket-mode=0640\nlogging-facility=3\n"
                 "dont-throttle-names=a.example b.example\nlocal-address=192.0.2.1:5353 [::1]:54\n");
  CHECK(settings.cpuMap.at(1) == std::vector<unsigned>{2, 3});
  CHECK(settings.udpSourcePortAvoid == std::vector<std::uint16_t>{5, 6, 7});
  CHECK(settings.socketMode == 0640);
  CHECK(settings.dontThrottleNames.size() == 2);
  CHECK(settings.localAddress.at(0).port() == 5353);
  CHECK(settings.localAddress.at(1).port() == 54);
}

TEST_CASE("help, version and config print and end without reading more than they need") {
  CHECK(startUp({"--help"}).output.find("--max-qperq") != std::string::npos);
  const auto version = startUp({"--version", "--config-dir=/no/such"});
  CHECK(version.exitCode == 0);
  CHECK(version.output.find("\nFeatures: lua") != std::string::npos);
  CHECK(startUp({"--config=default"}).output.find("# max-qperq=50\n") != std::string::npos);
  const TempDir dir;
  CHECK(start(dir, "max-qperq=60\nquiet=yes\n", {"--config=diff"}).output.find("max-qperq=60\n") != std::string::npos);
  CHECK(start(dir, "max-qperq=60\nquiet=yes\n", {"--config=diff"}).output.find("quiet") == std::string::npos);
  CHECK(start(dir, "max-qperq=60\n", {"--config"}).output.find("\nmax-qperq=60\n") != std::string::npos);
  CHECK(start(dir, "max-qperq=60\n", {"--config=check"}).exitCode == 0);
  CHECK(start(dir, "max-qperq=x\n", {"--config=check"}).exitCode == 1);
  CHECK(start(dir, "", {"--config=other"}).exitCode == 1);
}

TEST_CASE("the control socket is found without understanding the rest of the file") {
  const TempDir dir;
  dir.write("recursor.conf", "socket-dir=/var/x\nunheard-of=1\n");
  const auto place = findSocketPlace(parseCommandLine({"--config-dir=" + dir.path()}).value());
  REQUIRE(place);
  CHECK(place->directory == "/var/x");
  CHECK(place->name == "recursor");
  CHECK(findSocketPlace(parseCommandLine({"--socket-dir=/y", "--config-dir=/no"}).value())->directory == "/y");
}

TEST_CASE("words of the command line are kept in order") {
  const auto line = parseCommandLine({"--socket-dir=/y", "dump-cache", "-", "r"}).value();
  CHECK(line.words == std::vector<std::string>{"dump-cache", "-", "r"});
  CHECK(line.assignments.size() == 1);
}

TEST_CASE("docs/settings.md is what the table says") {
  std::ifstream file(SOURCE_ROOT "/docs/settings.md");
  std::ostringstream page;
  page << file.rdbuf();
  INFO("make it anew with: recursor --config=settings-markdown > docs/settings.md");
  const bool upToDate = page.str() == settingsMarkdown();
  CHECK(upToDate);
}

TEST_CASE("the example configuration is accepted, with its comments taken away too") {
  const auto example = readFile(SOURCE_ROOT "/etc/recursor.conf").value();
  CHECK(warningsOf(example).empty());
  std::string bare;
  std::istringstream lines(example);
  for (std::string line; std::getline(lines, line);) {
    const auto equals = line.find('=');
    const bool isSetting = line.starts_with("# ") && equals != std::string::npos && line.find(' ', 2) > equals;
    if (isSetting && line.find("include-dir") == std::string::npos) bare += line.substr(2) + "\n";
  }
  CHECK(warningsOf(bare).empty());
  CHECK(settingsOf(bare).forwardZonesRecurse.size() == 1);
}
