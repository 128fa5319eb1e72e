// Which servers of a zone are asked over TLS, what becomes of the name when that fails, what the trace says.
#include "recursor/resolve/asker.hh"

#include <set>

#include "tests/recursor/resolve/smallinternet.hh"

using namespace rec;
using namespace rectest;
using namespace std::chrono_literals;
using dns::RCode;

namespace {

constexpr DotServers::Options kProbing{.maxBusy = 4};

// The servers of example.com. at port 853, too, or one of them.
void serveTls(SmallInternet& bench, const std::string& servers = "192.0.2.11:853 192.0.2.12:853") {
  bench.internet.serve(servers, kExample);
}

void makeGood(SmallInternet& bench) {
  for (const char* server : {"192.0.2.11", "192.0.2.12"}) {
    REQUIRE(bench.dotServers.beginProbe(address(server), {name("example.com")}, bench.clock.mono()));
    bench.dotServers.endProbe(address(server), true, bench.clock.mono());
  }
}

// Ports that the servers of example.com. were asked at.
std::set<std::uint16_t> ports(const SmallInternet& bench) {
  std::set<std::uint16_t> found;
  for (const FakeInternet::Asked& asked : bench.internet.asked()) {
    if (asked.server.text() == "192.0.2.11" || asked.server.text() == "192.0.2.12") {
      found.insert(asked.server.port());
    }
  }
  return found;
}

std::string traced(const ResolverBench& bench) {
  std::string text;
  for (const std::string& line : bench.trace->describe()) {
    text += line + "\n";
  }
  return text;
}

} // namespace

TEST_CASE("a name server that dot-to-auth-names names is asked over TLS only") {
  SmallInternet bench;
  serveTls(bench);
  bench.options->tlsOnly = {name("ns1.example.com"), name("ns2.example.com")};
  bench.trace = std::make_shared<Trace>(bench.clock.mono());
  CHECK(bench.resolve(question("www.example.com")).answer() == "www.example.com. A 192.0.2.80\n");
  CHECK(ports(bench) == std::set<std::uint16_t>{853});
  CHECK(traced(bench).find("(example.com.) for www.example.com. A over DoT\n") != std::string::npos);
}

TEST_CASE("dot-to-auth-names covers the name servers below a name, and no others") {
  SmallInternet bench;
  serveTls(bench);
  bench.options->tlsOnly = {name("example.com")};
  CHECK(bench.resolve(question("www.example.com")).outcome.rcode == RCode::NoError);
  CHECK(ports(bench) == std::set<std::uint16_t>{853});
  for (const FakeInternet::Asked& asked : bench.internet.asked()) {
    CHECK((asked.server.port() == 53) == (asked.server.text() == "192.0.2.1" || asked.server.text() == "192.0.2.2"));
  }
}

TEST_CASE("when TLS fails with a server that has to be asked over it, the name fails and says so") {
  SmallInternet bench;
  bench.internet.disconnect("192.0.2.11:853");
  bench.internet.disconnect("192.0.2.12:853");
  bench.options->tlsOnly = {name("example.com")};
  const Result result = bench.resolve(question("www.example.com"));
  CHECK(result.outcome.rcode == RCode::ServFail);
  CHECK(ports(bench) == std::set<std::uint16_t>{853});
  CHECK(result.has(dns::EdeCode::NoReachableAuthority));
}

TEST_CASE("a server that has to be asked over TLS stays so however its address was learned") {
  SmallInternet bench;
  bench.internet.serve("192.0.2.13:853", kExample);
  for (const char* server : {"192.0.2.11", "192.0.2.12"}) {
    bench.internet.rewrite(server, [](const ServerQuestion&, dns::Message& answer) {
      answer.authority.push_back(rrset("example.com. 900 IN NS ns3.away.net."));
    });
  }
  bench.serveNet("ns3.away.net. 900 IN A 192.0.2.13\n");
  bench.options->tlsOnly = {name("away.net")};
  CHECK(bench.resolve(question("www.example.com")).outcome.rcode == RCode::NoError);
  bench.internet.silence("192.0.2.11");
  bench.internet.silence("192.0.2.12");
  CHECK(bench.resolve(question("alias.example.com")).outcome.rcode == RCode::NoError);
  const auto isPlain = [](const FakeInternet::Asked& asked) { return asked.server == address("192.0.2.13"); };
  CHECK(std::none_of(bench.internet.asked().begin(), bench.internet.asked().end(), isPlain));
}

TEST_CASE("a server of forward-zones with port 853 is asked over TLS when dot-to-port-853 says so") {
  for (const bool says : {true, false}) {
    SmallInternet bench;
    bench.internet.serve("192.0.2.50:853", kExample);
    bench.options->tlsAtPort853 = says;
    ForwardRule rule;
    rule.zone = name("example.com");
    rule.servers = {address("192.0.2.50:853")};
    bench.options->forwards.add(rule);
    bench.trace = std::make_shared<Trace>(bench.clock.mono());
    CHECK(bench.resolve(question("www.example.com")).outcome.rcode == RCode::NoError);
    CHECK((traced(bench).find("over DoT") != std::string::npos) == says);
  }
}

TEST_CASE("servers are probed behind the first answer and asked over TLS from then on") {
  SmallInternet bench(kProbing);
  serveTls(bench);
  CHECK(bench.resolve(question("www.example.com")).outcome.rcode == RCode::NoError);
  CHECK(bench.resolve(question("n1.example.com")).outcome.rcode == RCode::NXDomain);
  for (int i = 0; i < 20 && bench.counters.get(Metric::DotProbeSuccesses) < 2; ++i) {
    bench.resolve(question("n" + std::to_string(i + 2) + ".example.com"));
    bench.speeds.reportRtt(address("192.0.2.11"), std::chrono::milliseconds(i % 2 * 500 + 1), bench.clock.mono());
  }
  CHECK(bench.counters.get(Metric::DotProbeSuccesses) == 2);
  bench.internet.forget();
  CHECK(bench.resolve(question("alias.example.com")).outcome.rcode == RCode::NoError);
  CHECK(ports(bench) == std::set<std::uint16_t>{853});
}

TEST_CASE("when TLS fails with a server that had spoken it the trace says so, and the client has its answer") {
  SmallInternet bench(kProbing);
  serveTls(bench);
  makeGood(bench);
  bench.internet.disconnect("192.0.2.11:853");
  bench.internet.disconnect("192.0.2.12:853");
  bench.trace = std::make_shared<Trace>(bench.clock.mono());
  CHECK(bench.resolve(question("www.example.com")).answer() == "www.example.com. A 192.0.2.80\n");
  CHECK(traced(bench).find("without TLS, since DoT failed: unreachable\n") != std::string::npos);
  CHECK(bench.counters.get(Metric::DotFallbacks) == 1);
}

TEST_CASE("servers that hang over TLS cost no answer, and no more than the time of a question") {
  SmallInternet bench(kProbing);
  serveTls(bench);
  makeGood(bench);
  bench.resolve(question("com", dns::RRType::NS)); // those above have been probed then
  bench.internet.silence("192.0.2.11:853");
  bench.internet.silence("192.0.2.12:853");
  const base::MonoTime start = bench.clock.mono();
  CHECK(bench.resolve(question("www.example.com")).answer() == "www.example.com. A 192.0.2.80\n");
  CHECK(bench.clock.mono() - start <= bench.options->maxTotal);
  bench.internet.forget();
  const base::MonoTime later = bench.clock.mono();
  CHECK(bench.resolve(question("alias.example.com")).outcome.rcode == RCode::NoError);
  CHECK(bench.clock.mono() - later <= 1600ms); // the other one, at most
}

TEST_CASE("with all of it off a resolution asks the same exchange the same questions, and nothing is remembered") {
  SmallInternet bench;
  serveTls(bench);
  bool isUsual = true;
  for (const char* server : {"192.0.2.11", "192.0.2.12"}) {
    bench.internet.rewrite(server, [&](const ServerQuestion& asked, dns::Message&) {
      isUsual = isUsual && asked.encryption == Encryption::None && asked.zone == nullptr;
    });
  }
  CHECK(bench.resolve(question("www.example.com")).outcome.rcode == RCode::NoError);
  CHECK(isUsual);
  CHECK(ports(bench) == std::set<std::uint16_t>{53});
  CHECK(bench.internet.asked().size() == 4); // priming, root, com., example.com.
  CHECK(bench.dotServers.entries() == 0);
  CHECK(bench.counters.get(Metric::DotProbes) == 0);
}
