// WireExchange and who answers in a server's place: wrong ids and questions, and names that come back in another case.
#include <catch2/catch.hpp>

#include "tests/recursor/upstream/wirebench.hh"

using namespace rec;
using test::inTurn;
using test::together;
using Bench = test::WireBench;

TEST_CASE("one wrong id for the right question makes it be asked over TCP") {
  Bench bench(together({{.idOff = 1}, {}}));
  const ServerReply reply = bench.ask();
  CHECK(reply.status == ExchangeStatus::Answered);
  CHECK(reply.overTcp);
  CHECK(bench.count(Metric::SpoofPrevents) == 1);
  CHECK(bench.state().spoofSuspected);
  bench.ask();
  CHECK(bench.udp->sent.size() == 1); // TCP from the start for a while
  CHECK(bench.tcp->sent.size() == 2);
}

TEST_CASE("a wrong question under the right id is a near miss too") {
  Bench bench(together({{.otherName = "other.test"}, {}}));
  CHECK(bench.ask().overTcp);
  CHECK(bench.count(Metric::SpoofPrevents) == 1);
}

TEST_CASE("near misses are allowed for as many as the setting says") {
  Bench bench(together({{.idOff = 1}, {.idOff = 2}, {}}));
  bench.options.spoofNearMissMax = 3;
  CHECK_FALSE(bench.ask().overTcp);
  Bench never(together({{.idOff = 1}, {.idOff = 2}, {}}));
  never.options.spoofNearMissMax = 0;
  CHECK_FALSE(never.ask().overTcp);
}

TEST_CASE("a server that is impersonated and has no TCP is asked over UDP again, and is not blamed") {
  Bench bench(together({{.idOff = 1}, {}}));
  bench.tcp->failure = {WireStatus::Unreachable, {}, "connection refused"};
  const ServerReply reply = bench.ask();
  CHECK(reply.status == ExchangeStatus::Answered);
  CHECK_FALSE(reply.overTcp);
  CHECK(bench.state().timeoutsInARow == 0);
}

TEST_CASE("a lost case is proved over TCP before it is believed") {
  Bench bench(inTurn({{.lowercase = true}}), inTurn({{.lowercase = true}}));
  bench.question.question.name = test::name("abcdefghijklmnopqrstuvwxyz.example.com");
  const ServerReply reply = bench.ask();
  CHECK(reply.status == ExchangeStatus::Answered);
  CHECK(reply.overTcp);
  CHECK(bench.count(Metric::CaseMismatches) == 2);
  CHECK_FALSE(bench.state().keepsCase);
  CHECK_FALSE(bench.ask().overTcp);
  CHECK(bench.udp->query(1).question->name.identicalTo(bench.question.question.name));
}

TEST_CASE("a forged answer in the wrong case does not turn 0x20 off") {
  Bench bench(together({{.lowercase = true}, {}}));
  bench.question.question.name = test::name("abcdefghijklmnopqrstuvwxyz.example.com");
  CHECK(bench.ask().overTcp);
  CHECK(bench.state().keepsCase);
}

TEST_CASE("without TCP a lost case ends in a question as it was asked") {
  Bench bench(inTurn({{.lowercase = true}}));
  bench.question.question.name = test::name("abcdefghijklmnopqrstuvwxyz.example.com");
  bench.tcp->failure = {WireStatus::Unreachable, {}, "connection refused"};
  const ServerReply reply = bench.ask();
  CHECK(reply.status == ExchangeStatus::Answered);
  CHECK_FALSE(bench.state().keepsCase);
  CHECK(bench.udp->query(1).question->name.identicalTo(bench.question.question.name));
}

TEST_CASE("every letter of a name is sent in both cases, however long the name is") {
  const std::string label(63, 'q');
  const dns::Name name = test::name(label + "." + label + "." + label + "." + label.substr(0, 61));
  REQUIRE(name.wireSize() == dns::kMaxNameSize);
  std::vector<unsigned> capitals(name.wireSize());
  constexpr unsigned kDraws = 400;
  for (unsigned i = 0; i < kDraws; ++i) {
    const dns::Name mixed = mixedCase(name);
    REQUIRE(mixed == name);
    for (std::size_t at = 0; at < capitals.size(); ++at) capitals[at] += mixed.wire()[at] == std::byte{'Q'} ? 1 : 0;
  }
  for (std::size_t at = 0; at < capitals.size(); ++at) {
    if (name.wire()[at] != std::byte{'q'}) continue;
    CHECK(capitals[at] > kDraws / 4); // half of them, give or take ten standard deviations
    CHECK(capitals[at] < kDraws * 3 / 4);
  }
}
