// What counts against which account, who is limited, and who never is.
#include "recursor/limits/clientlimits.hh"

#include <catch2/catch.hpp>

using namespace std::chrono_literals;
using rec::ClientLimits;
using rec::LimitReason;

namespace {

dns::Name name(const std::string& text) { return dns::Name::parse(text).value(); }

struct Bench {
  explicit Bench(const ClientLimits::Options& options) : limits(options, limited, suffixes) {}

  ClientLimits::Verdict ask(const std::string& asked, const std::string& client = "192.0.2.1", bool tcp = false,
                            const std::string& zone = "") {
    return limits.judge(about(asked, client, tcp, zone), now);
  }
  LimitReason reason(const std::string& asked, const std::string& client = "192.0.2.1", bool tcp = false) {
    return ask(asked, client, tcp).reason;
  }
  ClientLimits::Asked about(const std::string& asked, const std::string& client = "192.0.2.1", bool tcp = false,
                            const std::string& zone = "") {
    names.push_back(std::make_unique<std::pair<base::Address, dns::Name>>(*base::Address::parse(client), name(asked)));
    return {names.back()->first, tcp, names.back()->second, zone.empty() ? dns::Name() : name(zone)};
  }
  void deny(int times, const std::string& zone, const std::string& client = "192.0.2.1", bool tcp = false) {
    for (int i = 0; i < times; ++i) {
      limits.denied(about("r" + std::to_string(i) + "." + zone, client, tcp), name(zone), now);
    }
  }

  rec::LimitedNow limited;
  rec::PublicSuffixes suffixes = rec::PublicSuffixes::builtIn();
  base::MonoTime now{1000s};
  ClientLimits limits;
  std::vector<std::unique_ptr<std::pair<base::Address, dns::Name>>> names;
};

} // namespace

TEST_CASE("resolutions of one network are limited by the second, and nobody else's") {
  Bench bench({.resolutions = 10});
  for (int i = 0; i < 20; ++i) CHECK(bench.reason("n" + std::to_string(i) + ".example.com") == LimitReason::None);
  CHECK(bench.reason("x.example.com") == LimitReason::Resolutions);
  CHECK(bench.reason("x.example.com", "192.0.2.2") == LimitReason::None);
  CHECK(bench.reason("x.example.com", "192.0.2.1", true) == LimitReason::None);
  bench.now += 1s;
  CHECK(bench.reason("x.example.com") == LimitReason::None);
  REQUIRE(bench.limited.rows(bench.now).size() == 1);
  CHECK(bench.limited.rows(bench.now)[0].what.setting == "rate-limit-resolutions");
}

TEST_CASE("clients of one prefix are one network") {
  Bench bench({.resolutions = 1, .ipv4Bits = 24, .ipv6Bits = 56});
  static_cast<void>(bench.ask("a.example.com", "192.0.2.1"));
  static_cast<void>(bench.ask("b.example.com", "192.0.2.77"));
  CHECK(bench.reason("c.example.com", "192.0.2.200") == LimitReason::Resolutions);
  CHECK(bench.reason("c.example.com", "192.0.3.1") == LimitReason::None);
  static_cast<void>(bench.ask("a.example.com", "2001:db8:0:1::1"));
  static_cast<void>(bench.ask("a.example.com", "2001:db8:0:22::1"));
  CHECK(bench.reason("c.example.com", "2001:db8:0:ff::9") == LimitReason::Resolutions);
  CHECK(bench.reason("c.example.com", "2001:db8:0:100::9") == LimitReason::None);
}

TEST_CASE("random names below a zone are limited for the network that asks for them, below that zone") {
  Bench bench({.subdomains = 5});
  bench.deny(10, "victim.example");
  CHECK(bench.reason("x.victim.example") == LimitReason::RandomSubdomains);
  CHECK(bench.reason("a.b.victim.example") == LimitReason::RandomSubdomains);
  CHECK(bench.reason("victim.example") == LimitReason::None); // the zone's own name is not random
  CHECK(bench.reason("x.other.example") == LimitReason::None);
  CHECK(bench.reason("x.victim.example", "192.0.2.2") == LimitReason::None);
  CHECK(bench.reason("x.victim.example", "192.0.2.1", true) == LimitReason::None); // over TCP nobody asked so far
  bench.now += 1s;
  CHECK(bench.reason("x.victim.example") == LimitReason::None); // some are let through each second
  bench.deny(10, "victim.example");
  CHECK(bench.reason("x.victim.example") == LimitReason::RandomSubdomains);
}

TEST_CASE("names that are known to exist are resolved while their zone is limited") {
  Bench bench({.subdomains = 5});
  bench.limits.exists(name("www.victim.example"));
  bench.deny(10, "victim.example");
  CHECK(bench.ask("x.victim.example").reason == LimitReason::RandomSubdomains);
  const auto verdict = bench.ask("WWW.victim.example");
  CHECK(verdict.reason == LimitReason::None);
  CHECK(verdict.isKnown);
}

TEST_CASE("names that are not registered count for no zone") {
  Bench bench({.subdomains = 2});
  for (const char* suffix : {"com", "co.uk"}) {
    bench.deny(50, suffix);
    CHECK(bench.reason(std::string("x.") + suffix) == LimitReason::None);
    CHECK(bench.reason(std::string("www.x.") + suffix) == LimitReason::None);
  }
}

TEST_CASE("failures without an SOA count for the zone that was asked, or for the registered name") {
  Bench bench({.subdomains = 2});
  for (int i = 0; i < 4; ++i) {
    const std::string random = "r" + std::to_string(i);
    bench.limits.denied(bench.about(random + ".sub.dead.example", "192.0.2.1", false, "sub.dead.example"), {},
                        bench.now);
    bench.limits.denied(bench.about(random + ".a.forwarded.co.uk"), {}, bench.now);
    // An SOA of somebody else, behind an alias, is not the name's.
    bench.limits.denied(bench.about(random + ".alias.example", "192.0.2.1", false, "alias.example"), name("else.org"),
                        bench.now);
  }
  CHECK(bench.reason("x.sub.dead.example") == LimitReason::RandomSubdomains);
  CHECK(bench.reason("x.dead.example") == LimitReason::None);
  CHECK(bench.reason("x.forwarded.co.uk") == LimitReason::RandomSubdomains);
  CHECK(bench.reason("x.alias.example") == LimitReason::RandomSubdomains);
  CHECK(bench.reason("x.else.org") == LimitReason::None);
}

TEST_CASE("so many questions of a network wait at once, fewer for one zone, and what ends makes room") {
  Bench bench({.waiting = 4, .zoneWaiting = 2});
  std::vector<ClientLimits::Verdict> waiting;
  for (int i = 0; i < 2; ++i) waiting.push_back(bench.ask(std::to_string(i) + ".slow.example"));
  CHECK(bench.reason("x.slow.example") == LimitReason::ZoneWaiting);
  CHECK(bench.reason("x.slow.example", "192.0.2.9") == LimitReason::None);
  waiting.push_back(bench.ask("slow.example")); // the zone's own name
  waiting.push_back(bench.ask("www.quick.example"));
  CHECK(waiting.back().reason == LimitReason::None);
  CHECK(bench.reason("other.example") == LimitReason::Waiting);
  waiting.pop_back();
  CHECK(bench.reason("other.example") == LimitReason::None);
  CHECK(bench.reason("x.slow.example") == LimitReason::ZoneWaiting);
  waiting.erase(waiting.begin());
  CHECK(bench.reason("x.slow.example") == LimitReason::None);
}

TEST_CASE("names known to exist wait beyond the limit of their zone, and are counted there") {
  Bench bench({.zoneWaiting = 1});
  bench.limits.exists(name("www.slow.example"));
  auto first = bench.ask("x.slow.example");
  {
    auto known = bench.ask("www.slow.example");
    CHECK(known.reason == LimitReason::None);
    CHECK(known.isKnown);
    first = ClientLimits::Verdict();
    CHECK(bench.reason("y.slow.example") == LimitReason::ZoneWaiting);
  }
  CHECK(bench.reason("y.slow.example") == LimitReason::None);
}

TEST_CASE("without limits nothing is limited") {
  Bench bench(ClientLimits::Options{});
  bench.deny(1000, "victim.example");
  std::vector<ClientLimits::Verdict> waiting;
  for (int i = 0; i < 1000; ++i) waiting.push_back(bench.ask(std::to_string(i) + ".victim.example"));
  CHECK(std::ranges::all_of(waiting, [](const auto& verdict) { return verdict.reason == LimitReason::None; }));
}

TEST_CASE("who wants to know is told the same, and nothing is counted") {
  Bench bench({.resolutions = 2, .subdomains = 2, .zoneWaiting = 1});
  for (int i = 0; i < 100; ++i) {
    CHECK(bench.limits.wouldJudge(bench.about("a.example"), bench.now) == LimitReason::None);
  }
  bench.deny(4, "victim.example");
  CHECK(bench.limits.wouldJudge(bench.about("a.victim.example"), bench.now) == LimitReason::RandomSubdomains);
  const auto slow = bench.ask("a.slow.example");
  CHECK(bench.limits.wouldJudge(bench.about("b.slow.example"), bench.now) == LimitReason::ZoneWaiting);
  for (int i = 0; i < 4; ++i) static_cast<void>(bench.ask("b.example"));
  CHECK(bench.limits.wouldJudge(bench.about("c.example"), bench.now) == LimitReason::Resolutions);
}

TEST_CASE("very long names cost no more than others") {
  Bench bench({.subdomains = 1});
  std::string deep;
  for (int i = 0; i < 100; ++i) deep += "a.";
  CHECK(bench.reason(deep + "example") == LimitReason::None);
  CHECK(bench.reason(".") == LimitReason::None);
  CHECK(bench.reason("example") == LimitReason::None);
}
