// WireExchange over a fake transport: plain answers, truncation, broken answers, failures and limits.
#include <catch2/catch.hpp>

#include "tests/recursor/upstream/wirebench.hh"

using namespace rec;
using namespace std::chrono_literals;
using test::inTurn;
using test::Packet;
using test::Reply;
using test::silent;
using Bench = test::WireBench;

TEST_CASE("a plain answer is taken and measured") {
  Bench bench(inTurn({Reply{}}));
  const ServerReply reply = bench.ask();
  CHECK(reply.status == ExchangeStatus::Answered);
  CHECK(reply.message.answer.size() == 1);
  CHECK_FALSE(reply.overTcp);
  CHECK(reply.detail.empty());
  CHECK(bench.work.queries == 1);
  CHECK(bench.work.bytes > 12);
  CHECK(bench.state().usual == 10ms);
  CHECK(bench.state().edns == EdnsStatus::Good);
  CHECK(bench.count(Metric::AllOutqueries) == 1);
  CHECK(bench.udp->query(0).edns->udpSize == 1232);
  CHECK(bench.udp->query(0).edns->dnssecOk);
  CHECK(bench.udp->deadlines.at(0) == bench.question.deadline);
}

TEST_CASE("the case that was asked for comes back in question and owner names") {
  Bench bench(inTurn({Reply{}}));
  bench.question.question.name = test::name("aBcdefghijklmnopqrstuvwxyz.Example.com");
  const ServerReply reply = bench.ask();
  const dns::Name sent = bench.udp->query(0).question->name;
  CHECK(sent == bench.question.question.name);
  CHECK_FALSE(sent.identicalTo(bench.question.question.name)); // but for one in 2^36
  CHECK(reply.message.question->name.identicalTo(bench.question.question.name));
  CHECK(reply.message.answer.at(0).owner().identicalTo(bench.question.question.name));
}

TEST_CASE("packets that are no answer are passed over and the answer behind them is taken") {
  Bench bench([](std::span<const std::byte> sent) {
    return std::vector<Packet>{Packet(5), test::reply(sent, {.qr = false}),
                               test::reply(sent, {.idOff = 1, .otherName = "other.test"}), test::reply(sent)};
  });
  CHECK(bench.ask().status == ExchangeStatus::Answered);
  CHECK(bench.count(Metric::UnexpectedPackets) == 3);
  CHECK(bench.count(Metric::ServerParseErrors) == 1);
  CHECK(bench.tcp->sent.empty());
}

TEST_CASE("a truncated answer is asked for again over TCP with time of its own") {
  Bench bench(inTurn({{.tc = true}}));
  const ServerReply reply = bench.ask();
  CHECK(reply.status == ExchangeStatus::Answered);
  CHECK(reply.overTcp);
  CHECK_FALSE(reply.message.header.tc);
  CHECK(bench.work.queries == 2);
  CHECK(bench.count(Metric::TruncatedToTcp) == 1);
  CHECK(bench.count(Metric::TcpOutqueries) == 1);
  CHECK(bench.tcp->deadlines.at(0) == bench.clock.mono() + 1500ms);
}

TEST_CASE("a truncated answer for which no time is left is no answer") {
  Bench bench(inTurn({{.tc = true}}));
  bench.work.deadline = bench.clock.mono();
  const ServerReply reply = bench.ask();
  CHECK(reply.status == ExchangeStatus::TimedOut);
  CHECK(bench.tcp->sent.empty());
}

TEST_CASE("when TCP fails behind a truncated answer the reason names both") {
  Bench bench(inTurn({{.tc = true}}));
  bench.tcp->failure = {WireStatus::Unreachable, {}, "connection refused"};
  const ServerReply reply = bench.ask();
  CHECK(reply.status == ExchangeStatus::Unreachable);
  CHECK(reply.detail == "truncated answer, then over TCP: connection refused");
  CHECK(bench.state().timeoutsInARow == 0);
}

TEST_CASE("lowercase-outgoing sends lower case and gives back what was asked") {
  Bench bench(inTurn({Reply{}}));
  bench.options.lowercase = true;
  const ServerReply reply = bench.ask();
  CHECK(bench.udp->query(0).question->name.identicalTo(test::name("www.example.com")));
  CHECK(reply.message.answer.at(0).owner().identicalTo(test::name("www.Example.com")));
}

TEST_CASE("a broken answer to the right question is asked for again over TCP, then it is malformed") {
  Bench bench(inTurn({{.cutOctets = 3}}));
  CHECK(bench.ask().overTcp);
  Bench broken(inTurn({{.cutOctets = 3}}), inTurn({{.cutOctets = 3}}));
  const ServerReply reply = broken.ask();
  CHECK(reply.status == ExchangeStatus::Malformed);
  CHECK(reply.detail == "malformed answer");
  CHECK(broken.count(Metric::ServerParseErrors) == 2);
}

TEST_CASE("an unreachable server is said to be so") {
  Bench bench(silent());
  bench.udp->failure = {WireStatus::Unreachable, {}, "connection refused"};
  const ServerReply reply = bench.ask();
  CHECK(reply.status == ExchangeStatus::Unreachable);
  CHECK(reply.detail == "connection refused");
  CHECK(bench.count(Metric::Unreachables) == 1);
  CHECK(bench.state().timeoutsInARow == 1);
}

TEST_CASE("a failure of this machine is not the server's") {
  Bench bench(silent());
  bench.udp->failure = {WireStatus::LocalFailure, {}, "too many open files"};
  CHECK(bench.ask().detail == "too many open files");
  CHECK_FALSE(bench.state().known);
}

TEST_CASE("dont-query and missing families are not asked, but configured forwarders are") {
  Bench bench(inTurn({Reply{}}));
  REQUIRE(bench.options.dontQuery.add("198.51.100.0/24").ok());
  ServerReply reply = bench.ask();
  CHECK(reply.status == ExchangeStatus::NotAllowed);
  CHECK(reply.detail == "dont-query");
  CHECK(bench.count(Metric::DontOutqueries) == 1);
  CHECK(bench.work.queries == 0);
  bench.question.configured = true;
  CHECK(bench.ask().status == ExchangeStatus::Answered);
  bench.question.server = test::address("2001:db8::1");
  reply = bench.ask();
  CHECK(reply.status == ExchangeStatus::NotAllowed);
  CHECK(reply.detail == "no local IPv6 address");
}

TEST_CASE("every packet is charged and the limit ends the exchange") {
  Bench bench(inTurn({{.tc = true}}));
  bench.work.limits.maxQueries = 1;
  const ServerReply reply = bench.ask();
  CHECK(reply.status == ExchangeStatus::OverLimit);
  CHECK(reply.detail == "max-qperq");
  CHECK(bench.tcp->sent.empty());
}

TEST_CASE("an exchange that is given up blames the server only when it was later than usual") {
  Bench bench(inTurn({Reply{}}));
  bench.ask();
  coro::Gate never(bench.loop);
  bench.udp->hang = &never;
  for (const auto elapsed : {20ms, 60ms}) {
    coro::Roots cancelled{[](const std::string& what) { FAIL(what); }};
    ServerReply reply;
    cancelled.spawn(test::store(bench.exchange->ask(bench.question, bench.work), reply));
    bench.clock.advance(elapsed);
    cancelled.cancelAll();
    CHECK(bench.state().timeoutsInARow == (elapsed > 30ms ? 1 : 0));
  }
}
