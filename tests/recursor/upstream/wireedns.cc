// WireExchange and servers that do EDNS, do it badly or not at all (RFC 6891): what is tried then and what is
// remembered.
#include <catch2/catch.hpp>

#include "tests/recursor/upstream/wirebench.hh"

using namespace rec;
using namespace std::chrono_literals;
using test::inTurn;
using test::Reply;
using test::silent;
using Bench = test::WireBench;

TEST_CASE("FORMERR without OPT makes it be asked without EDNS, which is remembered") {
  Bench bench(inTurn({{.rcode = dns::RCode::FormErr, .opt = false}, {}}));
  CHECK(bench.ask().message.header.rcode == dns::RCode::NoError);
  CHECK(bench.udp->query(0).edns.has_value());
  CHECK_FALSE(bench.udp->query(1).edns.has_value());
  CHECK(bench.state().edns == EdnsStatus::Broken);
  CHECK(bench.count(Metric::EdnsFallbacks) == 1);
  bench.ask();
  CHECK_FALSE(bench.udp->query(2).edns.has_value());
  CHECK(bench.count(Metric::NoednsOutqueries) == 2);
  bench.clock.advance(2h); // then it is tried again
  bench.question.deadline = bench.work.deadline = bench.clock.mono() + 1s;
  bench.ask();
  CHECK(bench.udp->query(3).edns.has_value());
}

TEST_CASE("an error answer without a question is taken") {
  Bench bench(inTurn({{.rcode = dns::RCode::FormErr, .opt = false, .question = false}, {}}));
  CHECK(bench.ask().message.header.rcode == dns::RCode::NoError);
  CHECK(bench.state().edns == EdnsStatus::Broken);
}

TEST_CASE("an error that stays without EDNS says nothing about EDNS") {
  Bench bench(inTurn({{.rcode = dns::RCode::ServFail, .opt = false}}));
  CHECK(bench.ask().message.header.rcode == dns::RCode::ServFail);
  CHECK(bench.work.queries == 2);
  CHECK(bench.state().edns == EdnsStatus::Ignorant);
  bench.ask();
  CHECK(bench.work.queries == 3); // not twice any more
}

TEST_CASE("SERVFAIL from a server known to do EDNS stands") {
  Bench bench(inTurn({{}, {.rcode = dns::RCode::ServFail, .opt = false}}));
  bench.ask();
  CHECK(bench.ask().message.header.rcode == dns::RCode::ServFail);
  CHECK(bench.work.queries == 2);
}

TEST_CASE("BADVERS makes it be asked without EDNS") {
  Bench bench(inTurn({{.rcode = dns::RCode::BadVers}, {}}));
  CHECK(bench.ask().message.header.rcode == dns::RCode::NoError);
  CHECK_FALSE(bench.udp->query(1).edns.has_value());
}

TEST_CASE("answers without OPT are fine and EDNS goes on being offered") {
  Bench bench(inTurn({{.opt = false}}));
  bench.ask();
  CHECK(bench.state().edns == EdnsStatus::Ignorant);
  bench.ask();
  CHECK(bench.udp->query(1).edns.has_value());
  CHECK(bench.work.queries == 2);
}

TEST_CASE("a silent server never heard of is asked without EDNS every other time and nothing is remembered of it") {
  Bench bench(silent());
  const ServerReply reply = bench.ask();
  CHECK(reply.status == ExchangeStatus::TimedOut);
  CHECK(reply.detail.starts_with("timed out after "));
  CHECK(bench.udp->query(0).edns.has_value());
  CHECK(bench.state().timeoutsInARow == 1);
  bench.ask();
  CHECK_FALSE(bench.udp->query(1).edns.has_value());
  bench.ask();
  CHECK(bench.udp->query(2).edns.has_value());
  CHECK(bench.state().edns == EdnsStatus::Unknown);
  CHECK(bench.count(Metric::OutgoingTimeouts) == 3);
  CHECK(bench.count(Metric::Outgoing4Timeouts) == 3);
}

TEST_CASE("key tags go along as an option of EDNS") {
  Bench bench(inTurn({Reply{}}));
  bench.question.keyTags = {std::byte{0x4f}, std::byte{0x66}};
  CHECK_FALSE(bench.ask().withoutEdns);
  CHECK(bench.udp->query(0).edns->keyTags == bench.question.keyTags);
}
