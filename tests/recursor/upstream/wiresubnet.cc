// WireExchange with the client's network in the question (RFC 7871): what comes back, and who cannot do it.
#include <catch2/catch.hpp>

#include "tests/recursor/upstream/wirebench.hh"

using namespace rec;
using test::inTurn;
using test::Packet;
using test::silent;
using Bench = test::WireBench;

namespace {

// A client's network goes along.
struct Telling : Bench {
  explicit Telling(test::Server overUdp) : Bench(std::move(overUdp)) {
    question.subnet = *base::Netmask::parse("198.51.100.0/24");
  }
};

bool told(const test::FakeTransport& transport, std::size_t query) {
  return transport.query(query).edns->clientSubnet.has_value();
}

} // namespace

TEST_CASE("a client subnet goes along and comes back with a scope") {
  Telling bench(inTurn({{.scope = 20}}));
  const ServerReply reply = bench.ask();
  CHECK(bench.udp->query(0).edns->clientSubnet == dns::ClientSubnet{*base::Netmask::parse("198.51.100.0/24"), 0});
  CHECK(reply.subnet == SubnetEcho::Echoed);
  CHECK(reply.message.edns->clientSubnet->scope == 20);
  CHECK(bench.udp->sent.size() == 1);
  CHECK(bench.count(Metric::EcsQueries) == 1);
  CHECK(bench.count(Metric::EcsResponses) == 1);
  CHECK(bench.count(Metric::EcsV4ResponseBits20) == 1);
}

TEST_CASE("an IPv6 scope is counted as one, and scope 0 not at all") {
  Telling bench(inTurn({{.scope = 48}, {.scope = 0}}));
  bench.question.subnet = *base::Netmask::parse("2001:db8::/56");
  CHECK(bench.ask().subnet == SubnetEcho::Echoed);
  CHECK(bench.ask().message.edns->clientSubnet->scope == 0);
  CHECK(bench.count(Metric::EcsV6ResponseBits48) == 1);
  CHECK(bench.count(Metric::EcsResponses) == 2);
}

TEST_CASE("an answer without the client subnet sent is asked for again without it, unless that is allowed") {
  Telling bench(inTurn({{}}));
  const ServerReply reply = bench.ask();
  CHECK(reply.status == ExchangeStatus::Answered);
  CHECK(reply.subnet == SubnetEcho::Dropped);
  CHECK(bench.udp->sent.size() == 2);
  CHECK(told(*bench.udp, 0));
  CHECK_FALSE(told(*bench.udp, 1));
  CHECK(bench.count(Metric::EcsMissing) == 1);
  CHECK(bench.count(Metric::EcsFallbacks) == 1);
  Telling soft(inTurn({{}}));
  soft.options.hardenSubnets = false;
  CHECK(soft.ask().subnet == SubnetEcho::Missing);
  CHECK(soft.udp->sent.size() == 1);
  CHECK(soft.count(Metric::EcsMissing) == 1);
}

TEST_CASE("an answer to another client subnet is never believed (RFC 7871 7.3)") {
  for (const bool harden : {true, false}) {
    Telling bench(inTurn({{.scope = 24, .otherSubnet = true}}));
    bench.options.hardenSubnets = harden;
    CHECK(bench.ask().subnet == SubnetEcho::Dropped);
    CHECK(bench.udp->sent.size() == 2);
    CHECK_FALSE(told(*bench.udp, 1));
    CHECK(bench.count(Metric::EcsMismatched) == 1);
    CHECK(bench.count(Metric::EcsResponses) == 0);
  }
}

TEST_CASE("over TCP nobody else answers, so that an answer without the client subnet stands") {
  Telling bench(inTurn({{.tc = true}}));
  const ServerReply reply = bench.ask();
  CHECK(reply.subnet == SubnetEcho::Missing);
  CHECK(bench.udp->sent.size() == 1);
  CHECK(bench.tcp->sent.size() == 1);
  CHECK(told(*bench.tcp, 0));
}

TEST_CASE("a server that answers FORMERR or REFUSED to a client subnet is asked again without, and goes on with EDNS") {
  for (const bool opt : {true, false}) {
    Telling bench(inTurn({{.rcode = dns::RCode::FormErr, .opt = opt}, {}}));
    CHECK(bench.ask().subnet == SubnetEcho::Dropped);
    CHECK(bench.udp->query(1).edns.has_value());
    CHECK_FALSE(told(*bench.udp, 1));
    CHECK(bench.count(Metric::EcsRefused) == 1);
    CHECK(bench.state().edns == EdnsStatus::Good);
  }
  Telling refused(inTurn({{.rcode = dns::RCode::Refused}}));
  CHECK(refused.ask().message.header.rcode == dns::RCode::Refused);
  CHECK(refused.udp->sent.size() == 2);
}

TEST_CASE("SERVFAIL to a client subnet is asked again without it, and says nothing of other networks") {
  Telling bench(inTurn({{.scope = 0}, {.rcode = dns::RCode::ServFail}, {}}));
  CHECK(bench.ask().told);
  const ServerReply reply = bench.ask();
  CHECK(reply.message.header.rcode == dns::RCode::NoError);
  CHECK(reply.subnet == SubnetEcho::Withheld);
  CHECK_FALSE(reply.told);
  CHECK(bench.udp->sent.size() == 3);
  CHECK_FALSE(told(*bench.udp, 2));
  CHECK(bench.count(Metric::EcsMissing) == 0);
  Telling failing(inTurn({{.scope = 0}, {.rcode = dns::RCode::ServFail}, {.rcode = dns::RCode::ServFail}}));
  failing.ask();
  CHECK(failing.ask().message.header.rcode == dns::RCode::ServFail);
  CHECK(failing.udp->sent.size() == 3);
}

TEST_CASE("a server that is silent twice is asked once without the client subnet") {
  Telling bench(silent());
  bench.speeds.reportEdns(bench.server, EdnsStatus::Good, bench.clock.mono());
  CHECK(bench.ask().told);
  CHECK(bench.ask().told);
  const ServerReply third = bench.ask();
  CHECK_FALSE(third.told);
  CHECK(bench.udp->query(2).edns.has_value());
  CHECK_FALSE(told(*bench.udp, 2));
  CHECK(bench.ask().told);
}

TEST_CASE("a server asked without EDNS only to see whether it answers then was not told") {
  std::size_t asked = 0;
  Telling bench([&asked](std::span<const std::byte> sent) {
    return asked++ == 0 ? std::vector<Packet>{} : std::vector<Packet>{test::reply(sent)};
  });
  CHECK(bench.ask().status == ExchangeStatus::TimedOut);
  const ServerReply reply = bench.ask();
  CHECK(reply.withoutEdns);
  CHECK(reply.subnet == SubnetEcho::Withheld);
}

TEST_CASE("a server that does no EDNS is not sent a client subnet once that is known") {
  Telling bench(inTurn({{.opt = false}}));
  CHECK(bench.ask().subnet == SubnetEcho::Dropped);
  const std::size_t before = bench.udp->sent.size();
  CHECK(bench.ask().subnet == SubnetEcho::NotSent);
  CHECK(bench.udp->sent.size() == before + 1);
  CHECK_FALSE(told(*bench.udp, before));
}
