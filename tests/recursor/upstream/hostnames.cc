// Upstreams given by name: a system resolver that the test plays.
#include "recursor/upstream/hostnames.hh"

#include <catch2/catch.hpp>
#include <future>

#include "recursor/config/zones.hh"
#include "recursor/upstream/upstreams.hh"

using namespace rec;
using namespace std::chrono_literals;

namespace {

base::Address address(std::string_view text) { return base::Address::parse(text).value(); }

struct Bench {
  explicit Bench(std::chrono::seconds ttl = 60s) : hosts({ttl, 0s, true}, loops, lookup()) {
    hosts.use({"dns.example.net"});
  }
  HostNames::Lookup lookup() {
    return [this](const std::string& host) -> base::Result<HostNames::Addresses> {
      asked.push_back(host);
      if (during) during();
      const auto known = answers.find(host);
      if (known == answers.end()) return base::Error{"no such name"};
      return known->second;
    };
  }
  std::vector<ForwardZone> zones(const char* text) {
    return withAddresses(parseForwardZones(text, true).value(), hosts);
  }

  std::map<std::string, HostNames::Addresses> answers{
      {"dns.example.net", {address("192.0.2.1"), address("2001:db8::1")}}};
  std::vector<std::string> asked;
  std::function<void()> during; // a look-up
  LoopWatch loops;
  HostNames hosts;
  base::MonoTime now{1h};
};

} // namespace

TEST_CASE("all addresses of a host become upstreams, with what was said of the host") {
  Bench bench;
  CHECK(bench.hosts.refresh(bench.now));
  const auto zones = bench.zones(".=tls://dns.example.net:8853;192.0.2.9");
  const auto& servers = zones.at(0).servers;
  REQUIRE(servers.size() == 3);
  CHECK(servers[0].text() == "tls://192.0.2.1:8853#dns.example.net");
  CHECK(servers[1].text() == "tls://[2001:db8::1]:8853#dns.example.net");
  CHECK(servers[0].authName == "dns.example.net");
  CHECK(servers[2].text() == "192.0.2.9:53");
}

TEST_CASE("a host that is not found stays without addresses, and is looked up again, ever more seldom") {
  Bench bench;
  bench.answers.clear();
  CHECK_FALSE(bench.hosts.refresh(bench.now));
  CHECK(bench.asked.size() == 1);
  const auto zones = bench.zones(".=dns.example.net");
  REQUIRE(zones.at(0).servers.size() == 1);
  CHECK_FALSE(zones.at(0).servers[0].hasAddress());
  CHECK_FALSE(bench.hosts.refresh(bench.now));
  CHECK(bench.asked.size() == 1);
  CHECK_FALSE(bench.hosts.refresh(bench.now += 1s));
  CHECK(bench.asked.size() == 2);
  CHECK_FALSE(bench.hosts.refresh(bench.now += 1s));
  CHECK(bench.asked.size() == 2);
  bench.answers["dns.example.net"] = {address("192.0.2.7")};
  CHECK(bench.hosts.refresh(bench.now += 1s));
  CHECK(bench.hosts.of("dns.example.net") == HostNames::Addresses{address("192.0.2.7")});
}

TEST_CASE("when the time is over a host is looked up again; a failure leaves the addresses as they were") {
  Bench bench;
  CHECK(bench.hosts.refresh(bench.now));
  CHECK_FALSE(bench.hosts.refresh(bench.now += 59s));
  CHECK(bench.asked.size() == 1);
  CHECK_FALSE(bench.hosts.refresh(bench.now += 1s)); // the same
  CHECK(bench.asked.size() == 2);
  const auto before = bench.answers;
  bench.answers.clear();
  CHECK_FALSE(bench.hosts.refresh(bench.now += 60s));
  CHECK(bench.hosts.of("dns.example.net") == before.at("dns.example.net"));
  bench.answers["dns.example.net"] = {address("192.0.2.2")};
  CHECK(bench.hosts.refresh(bench.now += 1s));
  CHECK(bench.hosts.of("dns.example.net") == HostNames::Addresses{address("192.0.2.2")});
}

TEST_CASE("with a TTL of 0 what was found is never looked up again") {
  Bench bench(0s);
  CHECK(bench.hosts.refresh(bench.now));
  CHECK_FALSE(bench.hosts.refresh(bench.now += 24h));
  CHECK(bench.asked.size() == 1);
}

TEST_CASE("what is used again is looked up again, whatever the TTL, and also when that comes during a look-up") {
  Bench bench(0s);
  CHECK(bench.hosts.refresh(bench.now));
  bench.answers["dns.example.net"] = {address("192.0.2.2")};
  bench.hosts.use({"dns.example.net"});
  CHECK(bench.hosts.refresh(bench.now));
  CHECK(bench.hosts.of("dns.example.net") == HostNames::Addresses{address("192.0.2.2")});
  bench.hosts.use({"dns.example.net"});
  bench.during = [&] { bench.hosts.use({"dns.example.net"}); };
  CHECK_FALSE(bench.hosts.refresh(bench.now));
  bench.during = nullptr;
  bench.answers["dns.example.net"] = {address("192.0.2.3")};
  CHECK(bench.hosts.refresh(bench.now));
  CHECK_FALSE(bench.hosts.refresh(bench.now += 24h));
  CHECK(bench.asked.size() == 4);
}

TEST_CASE("nobody waits for a system resolver that does not answer when the names are not needed any more") {
  struct Stuck {
    std::promise<void> begun, release;
    std::shared_future<void> released = release.get_future().share();
  };
  const auto stuck = std::make_shared<Stuck>(); // outlives the look-up
  LoopWatch loops;
  {
    HostNames hosts({60s, 0s, true}, loops, [stuck](const std::string&) -> base::Result<HostNames::Addresses> {
      stuck->begun.set_value();
      stuck->released.wait();
      return base::Error{"too late"};
    });
    hosts.use({"dns.example.net"});
    const base::SystemClock clock;
    hosts.start(clock, [] { FAIL("nothing was found"); });
    stuck->begun.get_future().wait();
    hosts.stop();
    CHECK(hosts.of("dns.example.net").empty());
  }
  stuck->release.set_value();
}

TEST_CASE("addresses of a family that nothing is asked over do not count") {
  Bench bench;
  HostNames onlyV4({60s, 0s, true, true, false}, bench.loops, bench.lookup());
  onlyV4.use({"dns.example.net"});
  CHECK(onlyV4.refresh(bench.now));
  CHECK(onlyV4.of("dns.example.net") == HostNames::Addresses{address("192.0.2.1")});
  bench.answers["dns.example.net"] = {address("2001:db8::2")};
  CHECK_FALSE(onlyV4.refresh(bench.now + 60s));
  CHECK(onlyV4.of("dns.example.net") == HostNames::Addresses{address("192.0.2.1")});
}

TEST_CASE("a host that is no longer used is forgotten") {
  Bench bench;
  CHECK(bench.hosts.refresh(bench.now));
  bench.hosts.use({"other.example.net"});
  CHECK_FALSE(bench.hosts.of("dns.example.net").empty()); // until the new zones are in force
  bench.hosts.forgetOthers({"other.example.net"});
  CHECK(bench.hosts.of("dns.example.net").empty());
  bench.hosts.use({"dns.example.net"});
  CHECK(bench.hosts.refresh(bench.now));
}

TEST_CASE("when addresses change, upstreams that stay keep what is known of them") {
  Bench bench;
  Upstreams upstreams;
  CHECK(bench.hosts.refresh(bench.now));
  const auto before = bench.zones(".=tls://dns.example.net");
  const auto kept = upstreams.get(before.at(0).servers.at(0));
  const auto lost = upstreams.get(before.at(0).servers.at(1));
  bench.answers["dns.example.net"] = {address("192.0.2.1"), address("192.0.2.2")};
  CHECK(bench.hosts.refresh(bench.now += 60s));
  const auto after = bench.zones(".=tls://dns.example.net");
  CHECK(upstreams.get(after.at(0).servers.at(0)) == kept);
  CHECK(upstreams.get(after.at(0).servers.at(1)) != lost);
}
