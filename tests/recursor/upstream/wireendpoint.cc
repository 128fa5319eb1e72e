// WireExchange with an upstream whose transport is prescribed: TCP, TLS or HTTPS alone, padding, and no way around it.
#include <catch2/catch.hpp>

#include "tests/recursor/upstream/wirebench.hh"

using namespace rec;
using namespace std::chrono_literals;
using test::inTurn;
using test::Packet;
using test::Reply;
using Bench = test::WireBench;

namespace {

std::shared_ptr<const Endpoint> endpoint(std::string_view text) {
  return std::make_shared<const Endpoint>(Endpoint::parse(text).value());
}

} // namespace

TEST_CASE("an upstream over TCP is asked over TCP alone") {
  Bench bench(inTurn({Reply{}}), inTurn({Reply{.tc = true}}));
  bench.question.endpoint = endpoint("tcp://198.51.100.1");
  const ServerReply reply = bench.ask();
  CHECK(reply.status == ExchangeStatus::Answered);
  CHECK(reply.overTcp);
  CHECK(bench.udp->sent.empty());
  CHECK_FALSE(bench.tcp->query(0).edns->cookie);
  CHECK(bench.tcp->query(0).question->name.identicalTo(bench.question.question.name));
}

TEST_CASE("a TLS upstream that fails is asked over nothing else, and says why") {
  Bench bench(inTurn({Reply{}}));
  bench.question.endpoint = endpoint("tls://198.51.100.1#dns.example.net");
  bench.tls->failure = {WireStatus::Unreachable, {}, "certificate of 198.51.100.1:853 is not for dns.example.net"};
  const ServerReply reply = bench.ask();
  CHECK(reply.status == ExchangeStatus::Unreachable);
  CHECK(reply.detail == "certificate of 198.51.100.1:853 is not for dns.example.net");
  CHECK(bench.udp->sent.empty());
  CHECK(bench.tcp->sent.empty());
}

TEST_CASE("what is encrypted is padded to multiples of 128 octets, unless padding is off") {
  for (const bool padding : {true, false}) {
    Bench bench(inTurn({Reply{}}));
    bench.options.padding = padding;
    bench.question.endpoint = endpoint("tls://198.51.100.1");
    for (const char* asked : {"a.test", "a-much-longer-name-than-the-other-one.example.com",
                              "and-one-that-makes-it-be-more-than-128-octets-long.xxxxxxxxxxxxxxxxxxxxxxxxxxxx.test"}) {
      bench.question.question.name = test::name(asked);
      CHECK(bench.ask().status == ExchangeStatus::Answered);
    }
    for (const Packet& packet : bench.tls->sent) CHECK((packet.size() % 128 == 0) == padding);
    CHECK(bench.count(Metric::DotOutqueries) == 3);
    CHECK(bench.count(Metric::TcpOutqueries) == 0);
  }
}

TEST_CASE("what is learned of a server over TLS is not taken for its UDP side") {
  Bench bench(inTurn({Reply{}}));
  bench.server = bench.question.server = test::address("198.51.100.1");
  bench.question.endpoint = endpoint("tls://198.51.100.1");
  CHECK(bench.ask().status == ExchangeStatus::Answered);
  CHECK_FALSE(bench.state().known);
  CHECK(bench.speeds.get({bench.server, Scheme::Tls}, bench.clock.mono()).usual == 10ms);
}

TEST_CASE("a transport that is not there is not asked over") {
  Bench bench(inTurn({Reply{}}));
  bench.question.endpoint = endpoint("https://198.51.100.1");
  CHECK(bench.ask().status == ExchangeStatus::NotAllowed);
}
