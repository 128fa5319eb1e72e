// The control commands, against a fake resolver.
#include "recursor/control/commands.hh"

#include <fcntl.h>
#include <unistd.h>

#include <catch2/catch.hpp>
#include <set>

#include "recursor/config/configfile.hh"
#include "tests/recursor/config/tempdir.hh"
#include "tests/recursor/control/faketarget.hh"

using namespace rec;

namespace {

Reply run(FakeTarget& target, const std::vector<std::string>& words, base::Fd file = {}) {
  return runCommand(target, words, std::move(file));
}

} // namespace

TEST_CASE("every command has a name of its own and stands in help") {
  FakeTarget target;
  std::set<std::string_view> names;
  const auto help = run(target, {"help"}).text;
  for (const auto& command : allCommands()) {
    CHECK(names.insert(command.name).second);
    CHECK(help.find(std::string(command.name)) != std::string::npos);
  }
}

TEST_CASE("an unknown command is an error that names it") {
  FakeTarget target;
  CHECK(run(target, {"nonsense"}).status == 1);
  CHECK(run(target, {"nonsense"}).text == "Unknown command 'nonsense', try 'help'\n");
  CHECK(run(target, {}).status == 1);
}

TEST_CASE("ping answers only when all workers do") {
  FakeTarget target;
  CHECK(run(target, {"ping"}).text == "pong\n");
  target.workersAnswer = false;
  CHECK(run(target, {"ping"}).status == 1);
}

TEST_CASE("get shows values in order and UNKNOWN for metrics that do not exist") {
  FakeTarget target;
  target.counters.add(Metric::Questions, 5);
  CHECK(run(target, {"get", "questions", "nonsense", "cache-hits"}).text == "5\nUNKNOWN\n0\n");
  CHECK(run(target, {"get-all"}).text.find("\nquestions\t5\n") != std::string::npos);
}

TEST_CASE("parameters are shown as name and quoted value") {
  FakeTarget target;
  CHECK(run(target, {"get-parameter", "max-qperq", "quiet", "nonsense"}).text ==
        "max-qperq=\"60\"\nquiet=\"yes\"\nnonsense not known\n");
  CHECK(run(target, {"get-default-parameter", "max-qperq"}).text == "max-qperq=\"50\"\n");
  CHECK(run(target, {"get-parameter"}).text.find("local-port=\"53\"\n") != std::string::npos);
}

TEST_CASE("wiping adds up the counts and takes names, subtrees and types") {
  FakeTarget target;
  CHECK(run(target, {"wipe-cache", "a.example", "b.example$"}).text ==
        "wiped 4 records, 2 negative records, 6 packets\n");
  CHECK(run(target, {"wipe-cache-typed", "AAAA", "$"}).status == 0);
  CHECK(target.calls == std::vector<std::string>{"wipe a.example.", "wipe b.example.$", "wipe .$ AAAA"});
  CHECK(run(target, {"wipe-cache-typed", "NONSENSE", "a"}).status == 1);
  CHECK(run(target, {"wipe-cache-typed"}).status == 1);
}

TEST_CASE("nothing is wiped when one of the names is wrong") {
  FakeTarget target;
  CHECK(run(target, {"wipe-cache", "a.example", "a..example"}).status == 1);
  CHECK(target.calls.empty());
}

TEST_CASE("dumps go to the client's file and are counted") {
  const TempDir dir;
  FakeTarget target;
  const auto path = dir.write("dump", "");
  const auto reply = run(target, {"dump-cache", path}, base::Fd(::open(path.c_str(), O_WRONLY)));
  CHECK(reply.text == "dumped 4 records\n");
  CHECK(readFile(path).value() == "line of table 0\nline of table 1\nline of table 2\nline of table 8\n");
  CHECK(run(target, {"dump-nsspeeds", path}, base::Fd(::open(path.c_str(), O_WRONLY))).text ==
        "dump-nsspeeds: dumped 1 records\n");
  CHECK(run(target, {"dump-dot-probe-map", path}, base::Fd(::open(path.c_str(), O_WRONLY))).text ==
        "dump-dot-probe-map: dumped 1 records\n");
  CHECK(target.calls.back() == "dump " + std::to_string(static_cast<int>(Dump::DotProbes)));
  target.calls.clear();
  CHECK(run(target, {"dump-cache", path, "rn"}, base::Fd(::open(path.c_str(), O_WRONLY))).status == 0);
  CHECK(target.calls == std::vector<std::string>{"dump 0", "dump 1"});
  CHECK(run(target, {"dump-cache", path, "x"}, base::Fd(::open(path.c_str(), O_WRONLY))).status == 1);
}

TEST_CASE("a dump without a file, or to something that could make us wait, is refused") {
  FakeTarget target;
  int ends[2];
  REQUIRE(::pipe(ends) == 0);
  const base::Fd reader(ends[0]);
  CHECK(run(target, {"dump-cache", "-"}, base::Fd(ends[1])).text == "a regular file is needed\n");
  CHECK(run(target, {"dump-cache", "-"}).text == "a file is needed\n");
  CHECK(target.calls.empty());
}

TEST_CASE("a dump to a full device fails with the reason") {
  FakeTarget target;
  CHECK(run(target, {"dump-edns", "x"}, base::Fd(::open("/dev/full", O_WRONLY))).status == 1);
}

TEST_CASE("current queries are listed with their client and age") {
  FakeTarget target;
  target.queries.push_back({dns::Name::parse("www.example").value(), dns::RRType::AAAA,
                            base::Address::parse("192.0.2.1:4000").value(), true, 2, std::chrono::milliseconds(17)});
  const auto text = run(target, {"current-queries"}).text;
  CHECK(text.starts_with("1 currently outstanding questions\nqname "));
  CHECK(text.find("www.example. ") != std::string::npos);
  CHECK(text.find("AAAA   192.0.2.1:4000 ") != std::string::npos);
  CHECK(text.ends_with(" 17\n - done\n"));
}

TEST_CASE("trace-regex sets a filter that matches names and writes to the descriptor, and unsets it") {
  FakeTarget target;
  int ends[2];
  REQUIRE(::pipe(ends) == 0);
  const base::Fd reader(ends[0]);
  CHECK(run(target, {"trace-regex", "^www\\.", "-"}, base::Fd(ends[1])).text == "ok\n");
  REQUIRE(target.filter != nullptr);
  CHECK(target.filter->matches(dns::Name::parse("WWW.example").value()));
  CHECK_FALSE(target.filter->matches(dns::Name::parse("mail.example").value()));
  target.filter->write("a step\n");
  char buffer[16];
  CHECK(::read(reader.get(), buffer, sizeof buffer) == 7);
  CHECK(run(target, {"trace-regex"}).text == "unset\n");
  CHECK(target.filter == nullptr);
  CHECK(run(target, {"trace-regex", "(", "-"}).text == "Regular expression did not compile\n");
}

TEST_CASE("a trace to a reader that does not read loses lines and never waits") {
  int ends[2];
  REQUIRE(::pipe(ends) == 0);
  const base::Fd reader(ends[0]);
  const auto filter = TraceFilter::make("x", base::Fd(ends[1])).value();
  const std::string line(1000, 'x');
  for (int i = 0; i < 200; ++i) filter->write(line + "\n");
  SUCCEED("all lines were taken or dropped");
}

TEST_CASE("limits are set when they are numbers") {
  FakeTarget target;
  CHECK(run(target, {"set-minimum-ttl", "5"}).text == "New minimum TTL: 5\n");
  CHECK(run(target, {"set-max-cache-entries", "1000"}).text == "New max cache entries: 1000\n");
  CHECK(run(target, {"set-max-packetcache-entries", "1000"}).text == "New max packetcache entries: 1000\n");
  CHECK(run(target, {"set-ecs-minimum-ttl", "60"}).text == "New minimum ECS TTL: 60\n");
  CHECK(target.calls == std::vector<std::string>{"ttl 5", "entries 1000", "packets 1000", "ecs ttl 60"});
  CHECK(run(target, {"set-ecs-minimum-ttl", "-1"}).status == 1);
  CHECK(run(target, {"set-minimum-ttl", "x"}).status == 1);
  CHECK(run(target, {"set-minimum-ttl"}).status == 1);
}

TEST_CASE("the access lists are read again") {
  FakeTarget target;
  CHECK(run(target, {"reload-acls"}).text == "ok\n");
  CHECK(target.calls == std::vector<std::string>{"access lists"});
}

TEST_CASE("a reload that fails says why") {
  FakeTarget target;
  CHECK(run(target, {"reload-zones"}).text == "zones:3: no = after the zone\n");
  CHECK(run(target, {"reload-zones"}).status == 1);
}

TEST_CASE("quitting happens after the reply") {
  FakeTarget target;
  const auto reply = run(target, {"stop"});
  CHECK(reply.text == "bye nicely\n");
  CHECK(target.calls.empty());
  reply.afterwards();
  run(target, {"quit"}).afterwards();
  CHECK(target.calls == std::vector<std::string>{"quit nicely", "quit"});
}

TEST_CASE("trust anchors are listed as PowerDNS lists them") {
  FakeTarget target;
  CHECK(run(target, {"get-tas"}).text.starts_with("Configured Trust Anchors:\n.\n\t\t20326 8 2 e06d44b8"));
  CHECK(run(target, {"get-ntas"}).text == "Configured Negative Trust Anchors:\n");
}

TEST_CASE("get-upstreams shows what is known of each upstream") {
  FakeTarget target;
  auto good = std::make_shared<rec::UpstreamResolver>(rec::Endpoint::parse("192.0.2.53").value());
  auto silent = std::make_shared<rec::UpstreamResolver>(rec::Endpoint::parse("tls://192.0.2.54#a.example").value());
  good->asked();
  static_cast<void>(good->ended(rec::Ending::Useful, std::chrono::milliseconds(5), 1));
  silent->asked();
  static_cast<void>(silent->ended(rec::Ending::Failed, std::chrono::milliseconds(1500), 1));
  target.upstreamList = {good, silent};
  const rec::Reply reply = run(target, {"get-upstreams"});
  CHECK(reply.text.find("\n192.0.2.53:53 ") != std::string::npos);
  CHECK(reply.text.find(" up             5.0") != std::string::npos);
  CHECK(reply.text.find("\ntls://192.0.2.54:853 ") != std::string::npos);
  CHECK(reply.text.find(" down ") != std::string::npos);
}

TEST_CASE("top lists show shares of all entries and the rest") {
  FakeTarget target;
  CHECK(run(target, {"top-queries"}).text == "Over last 0 entries:\n");
  target.topList = {8, {{"www.example.com|A", 5}, {"example.com|MX", 1}}};
  CHECK(run(target, {"top-remotes"}).text == "Over last 8 entries:\n62.50%\twww.example.com|A\n12.50%\texample.com|MX\n"
                                             "\n25.00%\trest\n");
  CHECK(target.calls == std::vector<std::string>{"top queries 20", "top remotes 20"});
}

TEST_CASE("servers that are never throttled are added, shown and removed, all or none") {
  FakeTarget target;
  CHECK(run(target, {"add-dont-throttle-names", "b.example, a.example"}).text ==
        "Added b.example, a.example to the list of nameservers that may not be throttled\n");
  CHECK(run(target, {"add-dont-throttle-names", "c.example", "a..b"}).status == 1);
  CHECK(run(target, {"get-dont-throttle-names"}).text == "b.example\na.example\n");
  CHECK(run(target, {"clear-dont-throttle-names", "B.example"}).status == 0);
  CHECK(run(target, {"get-dont-throttle-names"}).text == "a.example\n");
  CHECK(run(target, {"clear-dont-throttle-names", "*"}).status == 0);
  CHECK(target.neverThrottled.empty());
  CHECK(run(target, {"add-dont-throttle-netmasks", "10.0.0.0/8", "2001:db8::/32", "192.0.2.1"}).status == 0);
  CHECK(run(target, {"add-dont-throttle-netmasks", "10.0.0.0/8"}).status == 0);
  CHECK(run(target, {"get-dont-throttle-netmasks"}).text == "2001:db8::/32, 192.0.2.1/32, 10.0.0.0/8\n");
  CHECK(target.lists.isNeverThrottled(*base::Address::parse("10.1.2.3:53")));
  CHECK(run(target, {"clear-dont-throttle-netmasks", "10.0.0.0/8", "192.0.2.1"}).status == 0);
  CHECK(run(target, {"clear-dont-throttle-netmasks", "10.0.0.0/80"}).status == 1);
  CHECK(run(target, {"get-dont-throttle-netmasks"}).text == "2001:db8::/32\n");
}

TEST_CASE("servers without cookies are kept, and cookies cleared, by address") {
  FakeTarget target;
  CHECK(run(target, {"add-cookies-unsupported", "192.0.2.1", "2001:db8::1"}).status == 0);
  CHECK(target.lists.isWithoutCookies(*base::Address::parse("192.0.2.1:53")));
  CHECK_FALSE(target.lists.isWithoutCookies(*base::Address::parse("192.0.2.2:53")));
  CHECK(run(target, {"clear-cookies", "192.0.2.1"}).text == "cleared the cookies of 1 server\n");
  CHECK(run(target, {"clear-cookies", "*"}).text == "cleared the cookies of 7 servers\n");
  CHECK(run(target, {"clear-cookies", "192.0.2.1", "*"}).status == 1);
  CHECK(run(target, {"add-cookies-unsupported"}).status == 1);
  CHECK(target.calls == std::vector<std::string>{"clear cookies 192.0.2.1", "clear cookies"});
}

TEST_CASE("types of questions are listed by name") {
  FakeTarget target;
  CHECK(run(target, {"get-qtypelist"}).text == "A\t5\nTYPE65400\t1\n");
}

TEST_CASE("what makes no sense here says why") {
  FakeTarget target;
  CHECK(run(target, {"get-remotelogger-stats"}).status == 1);
  CHECK(run(target, {"set-event-trace-enabled", "1"}).status == 1);
  CHECK(run(target, {"top"}).status == 1);
}
