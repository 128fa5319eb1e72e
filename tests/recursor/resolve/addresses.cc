// Addresses of name servers without glue: found, merged, bounded, never in circles.
#include "recursor/resolve/addresses.hh"

#include "tests/recursor/resolve/smallinternet.hh"

using namespace rec;
using namespace rectest;
using namespace std::chrono_literals;
using dns::RCode;
using dns::RRType;

namespace {

using Bench = SmallInternet;

} // namespace

TEST_CASE("glue from outside of the referring zone is not used") {
  Bench bench;
  bench.internet.answerWith("192.0.2.2", R"(
    authority
      example.com. 86400 IN NS ns.helper.net.
    additional
      ns.helper.net. 86400 IN A 192.0.2.66)");
  bench.serveNet("ns.helper.net. 900 IN A 192.0.2.11\n");
  CHECK(bench.resolve(question("www.example.com")).answer() == "www.example.com. A 192.0.2.80\n");
  CHECK(bench.internet.askedOf("192.0.2.66").empty());
}

TEST_CASE("servers without glue are looked up, addresses of both families") {
  Bench bench;
  bench.serveNet("far.net. 900 IN NS ns.away.com.\n");
  bench.internet.serve("2001:db8::5", "far.net. 900 IN SOA ns.away.com. h.away.com. 1 2 3 4 60\n"
                                      "www.far.net. 900 IN A 192.0.2.85\n");
  bench.internet.answerWith("192.0.2.2", "aa\nanswer\nns.away.com. 900 IN AAAA 2001:db8::5");
  CHECK(bench.resolve(question("www.far.net")).answer() == "www.far.net. A 192.0.2.85\n");
}

TEST_CASE("with IPv6 alone, IPv4 servers are neither asked nor looked up") {
  Bench bench;
  bench.options->ipv4 = false;
  bench.options->hints = {NameServer{name("a.root.test"), {address("2001:db8::1")}}};
  bench.internet.serve("2001:db8::1", R"(
    . 86400 IN SOA a.root.test. host.root.test. 1 2 3 4 60
    . 518400 IN NS a.root.test.
    a.root.test. 518400 IN AAAA 2001:db8::1
    com. 172800 IN NS a.nic.com.
    a.nic.com. 172800 IN AAAA 2001:db8::2)");
  bench.internet.serve("2001:db8::2", R"(
    com. 900 IN SOA a.nic.com. host.nic.com. 1 2 3 4 60
    a.nic.com. 172800 IN AAAA 2001:db8::2
    far.com. 900 IN NS ns.far.org.com.
    ns.far.org.com. 900 IN AAAA 2001:db8::3)");
  bench.internet.serve("2001:db8::3", "far.com. 900 IN SOA a.far.com. h.far.com. 1 2 3 4 60\n"
                                      "www.far.com. 900 IN A 192.0.2.85\n");
  CHECK(bench.resolve(question("www.far.com")).answer() == "www.far.com. A 192.0.2.85\n");
  for (const auto& asked : bench.internet.asked()) {
    CHECK(asked.server.isV6());
  }
}

TEST_CASE("delegations that need each other end, and nothing is left behind") {
  Bench bench;
  bench.internet.answerWith("192.0.2.2", "\nauthority\none.com. 900 IN NS ns.two.net.\n");
  bench.serveNet("two.net. 900 IN NS ns.one.com.\n");
  const Result result = bench.resolve(question("www.one.com"));
  CHECK(result.outcome.rcode == RCode::ServFail);
  CHECK(result.why().find("ns.two.net.") != std::string::npos);
  CHECK(bench.internet.asked().size() < 20);
  CHECK(bench.roots.running() == 0);
}

TEST_CASE("a zone served by names inside itself without glue ends at once") {
  Bench bench;
  bench.internet.answerWith("192.0.2.2", "\nauthority\none.com. 900 IN NS ns.one.com.\n");
  CHECK(bench.resolve(question("www.one.com")).outcome.rcode == RCode::ServFail);
  CHECK(bench.internet.asked().size() < 10);
  CHECK(bench.resolve(question("ns.one.com")).outcome.rcode == RCode::ServFail);
  CHECK(bench.roots.running() == 0);
}

TEST_CASE("many servers without glue are looked up max-ns-address-qperq times at most") {
  Bench bench;
  bench.options->limits.maxAddressQueries = 4;
  std::string delegation;
  for (int i = 0; i < 13; ++i) {
    delegation += "victim.net. 900 IN NS ns" + std::to_string(i) + ".target.com.\n";
  }
  bench.serveNet(delegation);
  const Result result = bench.resolve(question("www.victim.net"));
  CHECK(result.outcome.rcode == RCode::ServFail);
  CHECK(result.why().find("max-ns-address-qperq (4)") != std::string::npos);
  std::size_t addressQuestions = 0;
  for (const std::string& text : bench.internet.askedOf("192.0.2.2")) {
    addressQuestions += text.starts_with("ns") || text.starts_with("target") ? 1U : 0U;
  }
  CHECK(addressQuestions <= 8);
  CHECK(result.outcome.errors.size() == 2);
  CHECK(bench.counters.get(Metric::MaxNsAddressQperqExceeded) > 0);
}

TEST_CASE("a chain of servers without glue ends at max-recursion-depth") {
  Bench bench;
  bench.options->limits.maxDepth = 3;
  std::string delegations;
  for (int i = 0; i < 20; ++i) {
    delegations += "z" + std::to_string(i) + ".net. 900 IN NS ns.z" + std::to_string(i + 1) + ".net.\n";
  }
  bench.serveNet(delegations);
  const Result result = bench.resolve(question("www.z0.net"));
  CHECK(result.outcome.rcode == RCode::ServFail);
  CHECK(result.why().find("max-recursion-depth (3)") != std::string::npos);
  CHECK(bench.internet.count("z9.net") == 0);
  bench.options->limits.maxDepth = 0; // no limit: another one ends it
  CHECK(bench.resolve(question("ftp.z0.net")).why().find("max-recursion-depth") == std::string::npos);
}

TEST_CASE("address look-ups for the same server are merged, over clients and zones") {
  Bench bench;
  bench.serveNet("one.net. 900 IN NS ns.away.com.\ntwo.net. 900 IN NS ns.away.com.\n");
  bench.resolve(question("net", RRType::NS));
  bench.resolve(question("com", RRType::NS));
  bench.internet.hold("192.0.2.2");
  const ResultPtr one = bench.start(question("www.one.net"));
  const ResultPtr two = bench.start(question("www.two.net"));
  bench.drive();
  CHECK(bench.internet.waiting() == 1);
  bench.internet.release("192.0.2.2");
  bench.drive();
  CHECK(one->done);
  CHECK(two->done);
  CHECK(bench.internet.count("away.com") == 1);
  CHECK(bench.roots.running() == 0);
}

TEST_CASE("an address look-up goes on for others when the client that began it goes away") {
  Bench bench;
  bench.serveNet("one.net. 900 IN NS ns.away.com.\ntwo.net. 900 IN NS ns.away.com.\n");
  bench.internet.hold("192.0.2.2");
  auto gone = std::make_shared<Result>();
  ResultPtr stays;
  {
    auto task = bench.client(question("www.one.net"), gone);
    task.start();
    bench.drive();
    stays = bench.start(question("www.two.net"));
    bench.drive();
    CHECK(bench.internet.waiting() == 1);
  }
  CHECK(bench.internet.waiting() == 1);
  bench.internet.release("192.0.2.2");
  bench.drive();
  CHECK(stays->done);
  CHECK(bench.roots.running() == 0);
}

TEST_CASE("cancelling everything at shutdown is safe at any point of a walk") {
  for (const char* held : {"192.0.2.1", "192.0.2.2", "192.0.2.3", "192.0.2.11"}) {
    Bench bench;
    bench.serveNet("one.net. 900 IN NS ns.away.com.\ntwo.net. 900 IN NS ns.one.net.\n");
    bench.internet.hold(held);
    for (const char* owner : {"www.one.net", "www.two.net", "www.example.com", "ns.one.net"}) {
      bench.start(question(owner));
    }
    bench.drive();
    bench.roots.cancelAll();
    CHECK(bench.roots.running() == 0);
    CHECK(bench.internet.waiting() == 0);
    bench.drive();
  }
}

TEST_CASE("an address look-up that ended with the limits of another client is begun anew") {
  Bench bench;
  bench.serveNet("one.net. 900 IN NS ns.away.com.\ntwo.net. 900 IN NS ns.away.com.\n");
  bench.internet.serve("192.0.2.2", "away.com. 900 IN SOA a.nic.com. h.nic.com. 1 2 3 4 60\n"
                                    "ns.away.com. 900 IN A 192.0.2.18\n");
  bench.internet.serve("192.0.2.18", "two.net. 900 IN SOA ns.away.com. h.away.com. 1 2 3 4 60\n"
                                     "www.two.net. 900 IN A 192.0.2.19\n");
  bench.resolve(question("net", RRType::NS));
  bench.resolve(question("com", RRType::NS));
  bench.internet.hold("192.0.2.2");
  bench.options->limits.maxQueries = 2;
  const ResultPtr poor = bench.start(question("www.one.net"));
  bench.options->limits.maxQueries = 50;
  const ResultPtr rich = bench.start(question("www.two.net"));
  bench.drive();
  CHECK(bench.internet.waiting() == 1);
  bench.internet.release("192.0.2.2");
  bench.drive();
  CHECK(poor->outcome.rcode == RCode::ServFail);
  CHECK(rich->answer() == "www.two.net. A 192.0.2.19\n");
}

TEST_CASE("a failure for want of a name server's address tells why there was none") {
  Bench bench;
  bench.serveNet("one.net. 900 IN NS ns.example.com.\n");
  bench.internet.answerWith("192.0.2.11", RCode::Refused);
  bench.internet.answerWith("192.0.2.12", RCode::Refused);
  const Result result = bench.resolve(question("www.one.net"));
  CHECK(result.outcome.rcode == RCode::ServFail);
  INFO(result.why());
  CHECK(result.why().find("192.0.2.11 REFUSED") != std::string::npos);
  CHECK(result.why().find("ns.example.com. has no usable A") != std::string::npos);
}
