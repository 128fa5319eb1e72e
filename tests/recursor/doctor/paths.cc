// The doctor's checks of the way to servers, with a prober that says what a test wants.
#include "recursor/doctor/paths.hh"

#include "recursor/config/zones.hh"
#include "tests/recursor/doctor/fakehost.hh"

using doctortest::FakeHost;
using doctortest::mentions;
using rec::Health;
using rec::Probe;

namespace {

// All servers answer everything, the DNSKEY set in 1900 octets; then `spoil` is asked about each.
struct Network final : rec::Prober {
  std::vector<rec::ProbedServer> ask(const std::vector<base::Address>& servers) override {
    std::vector<rec::ProbedServer> paths;
    for (const base::Address& server : servers) {
      rec::ProbedServer path{server, true};
      for (rec::ProbeAnswer& answer : path.answers) answer = {true, false, 60};
      path.of(Probe::Signed) = {true, false, 1097};
      path.of(Probe::Large).size = path.of(Probe::Tcp).size = keys;
      if (spoil) spoil(path);
      paths.push_back(path);
    }
    return paths;
  }
  std::function<void(rec::ProbedServer&)> spoil;
  std::size_t keys = 1900;
};

struct Bench : FakeHost {
  rec::DoctorFinding look(std::string_view name) {
    report = *rec::examinePaths(settings, network);
    paths = &report;
    return check(name);
  }
  Health health(std::string_view name) { return look(name).health; }
  Network network;
  rec::PathReport report;
};

constexpr std::array kPathChecks{"roots", "ipv6", "edns", "large-udp", "fragments", "tcp"};

void lose(rec::ProbedServer& path, std::initializer_list<Probe> probes) {
  for (const Probe probe : probes) path.of(probe) = {};
}

} // namespace

TEST_CASE("where everything arrives nothing is found") {
  Bench bench;
  for (const char* name : kPathChecks) CHECK(bench.health(name) == Health::Ok);
  CHECK(mentions(bench.look("roots"), "26 of 26"));
}

TEST_CASE("when no root server answers that is found, and the rest is left open") {
  Bench bench;
  bench.network.spoil = [](rec::ProbedServer& path) { path.answers = {}; };
  CHECK(bench.health("roots") == Health::Fault);
  for (const char* name : {"ipv6", "edns", "large-udp", "fragments", "tcp"})
    CHECK(bench.health(name) == Health::Unknown);
}

TEST_CASE("one root server that is away is named, and nobody's fault") {
  Bench bench;
  bench.network.spoil = [](rec::ProbedServer& path) {
    if (path.server.text() == "198.41.0.4") path.answers = {};
  };
  CHECK(bench.health("roots") == Health::Advice);
  CHECK(mentions(bench.look("roots"), "silent: 198.41.0.4"));
  for (const char* name : {"ipv6", "edns", "large-udp", "fragments", "tcp"}) CHECK(bench.health(name) == Health::Ok);
}

TEST_CASE("IPv6 with a route on which packets get lost is found; IPv6 that is not there is not") {
  Bench bench;
  bench.network.spoil = [](rec::ProbedServer& path) {
    if (path.server.isV6()) path.answers = {};
  };
  CHECK(bench.health("ipv6") == Health::Fault);
  CHECK(mentions(bench.look("ipv6"), "query-local-address=0.0.0.0"));
  CHECK(bench.health("roots") == Health::Ok);
  bench.network.spoil = [](rec::ProbedServer& path) {
    if (path.server.isV6()) path = {path.server, false};
  };
  CHECK(bench.health("ipv6") == Health::Ok);
  bench.settings.queryLocalAddress = {*base::Address::parse("0.0.0.0")};
  CHECK(bench.health("ipv6") == Health::Ok);
  CHECK(bench.report.servers.size() == 13);
}

TEST_CASE("EDNS that is dropped on the way is found") {
  Bench bench;
  bench.network.spoil = [](rec::ProbedServer& path) {
    lose(path, {Probe::Edns, Probe::Signed, Probe::Large, Probe::Tcp});
  };
  CHECK(bench.health("edns") == Health::Fault);
  CHECK(bench.health("large-udp") == Health::Unknown);
  CHECK(bench.health("tcp") == Health::Unknown);
}

TEST_CASE("UDP packets of more than 512 octets that get lost are found") {
  Bench bench;
  bench.network.spoil = [](rec::ProbedServer& path) { lose(path, {Probe::Signed, Probe::Large}); };
  CHECK(bench.health("large-udp") == Health::Fault);
  bench.network.spoil = [](rec::ProbedServer& path) {
    path.of(Probe::Signed) = {true, true, 40};
  }; // cut off by the server
  CHECK(bench.health("large-udp") == Health::Unknown);
  bench.network.spoil = [](rec::ProbedServer& path) { lose(path, {Probe::Signed, Probe::Large}); };
  CHECK(bench.health("edns") == Health::Ok);
}

TEST_CASE("fragments that get lost are found: a fault where the settings ask for them") {
  Bench bench;
  bench.network.spoil = [](rec::ProbedServer& path) { lose(path, {Probe::Large}); };
  CHECK(bench.health("fragments") == Health::Advice);
  bench.settings.ednsOutgoingBufsize = 4096;
  CHECK(bench.health("fragments") == Health::Fault);
  CHECK(mentions(bench.look("fragments"), "edns-outgoing-bufsize=1232"));
  bench.network.keys = 1100; // too short to tell
  CHECK(bench.health("fragments") == Health::Unknown);
  bench.settings.ednsOutgoingBufsize = 1232;
  CHECK(bench.health("fragments") == Health::Ok);
}

TEST_CASE("TCP that does not get through is found") {
  Bench bench;
  bench.network.spoil = [](rec::ProbedServer& path) { lose(path, {Probe::Tcp}); };
  CHECK(bench.health("tcp") == Health::Fault);
}

TEST_CASE("who forwards everything needs no root servers") {
  Bench bench;
  bench.settings.forwardZonesRecurse = *rec::parseForwardZones(".=192.0.2.1", true);
  for (const char* name : kPathChecks) CHECK(bench.health(name) == Health::Ok);
  CHECK(bench.report.servers.empty());
}
