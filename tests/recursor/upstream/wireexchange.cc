// WireExchange over a fake transport: every way back from what servers and forgers send.
#include "recursor/upstream/wireexchange.hh"

#include <catch2/catch.hpp>

#include "tests/recursor/upstream/helpers.hh"

using namespace rec;
using namespace std::chrono_literals;
using test::Packet;
using test::Reply;

namespace {

using Server = test::FakeTransport::Server;

// A server that answers its first question as the first reply says, and so on; the last one again and again.
Server inTurn(std::vector<Reply> replies) {
  return [replies, at = std::size_t{0}](std::span<const std::byte> sent) mutable {
    const Reply how = replies[std::min(at++, replies.size() - 1)];
    return std::vector<Packet>{test::reply(sent, how)};
  };
}
// All of the replies to each question.
Server together(std::vector<Reply> replies) {
  return [replies](std::span<const std::byte> sent) {
    std::vector<Packet> packets;
    for (const Reply& how : replies) packets.push_back(test::reply(sent, how));
    return packets;
  };
}
Server silent() {
  return [](std::span<const std::byte>) { return std::vector<Packet>(); };
}

coro::Task<void> store(coro::Task<ReplyPtr> asking, ServerReply& into) {
  auto reply = co_await asking;
  into = std::move(*reply);
}

struct Bench {
  explicit Bench(Server overUdp, Server overTcp = inTurn({Reply{}})) {
    auto first = std::make_unique<test::FakeTransport>(std::move(overUdp));
    auto second = std::make_unique<test::FakeTransport>(std::move(overTcp));
    udp = first.get();
    tcp = second.get();
    transports[0] = std::move(first);
    transports[1] = std::move(second);
    auto third = std::make_unique<test::FakeTransport>(inTurn({Reply{}}));
    tls = third.get();
    transports[static_cast<std::size_t>(TransportKind::Tls)] = std::move(third);
    options.localAddresses = {test::address("0.0.0.0")};
    work.deadline = clock.mono() + 4500ms;
    question.server = server;
    question.question = {test::name("www.Example.com"), dns::RRType::A, dns::RRClass::IN};
    question.deadline = clock.mono() + 800ms;
  }
  ServerReply ask() {
    if (!exchange) {
      exchange = std::make_unique<WireExchange>(loop, speeds, counters, latencies, std::move(transports), options);
    }
    ServerReply reply;
    roots.spawn(store(exchange->ask(question, work), reply));
    CHECK(roots.running() == 0);
    return reply;
  }
  ServerState state() { return speeds.get(server, clock.mono()); }
  std::uint64_t count(Metric metric) const { return counters.get(metric); }

  base::ManualClock clock;
  coro::Loop loop{clock};
  coro::Roots roots{[](const std::string& what) { FAIL(what); }};
  NsSpeeds speeds{NsSpeeds::Options{}};
  Counters counters;
  Latencies latencies{counters, 100};
  TransportTable transports;
  test::FakeTransport* udp;
  test::FakeTransport* tcp;
  test::FakeTransport* tls;
  WireExchange::Options options;
  std::unique_ptr<WireExchange> exchange;
  base::Address server = test::address("198.51.100.1");
  ServerQuestion question;
  Work work;
};

} // namespace

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

namespace {

// A client's network goes along.
struct Telling : Bench {
  explicit Telling(Server overUdp) : Bench(std::move(overUdp)) {
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

TEST_CASE("a server cookie is kept and echoed") {
  Bench bench(inTurn({{.serverCookie = 7}}));
  bench.ask();
  CHECK(bench.udp->query(0).edns->cookie->serverSize == 0);
  bench.ask();
  const auto first = bench.udp->query(0).edns->cookie;
  const auto second = bench.udp->query(1).edns->cookie;
  CHECK(second->client == first->client);
  CHECK(second->serverSize == 16);
  CHECK(second->server[0] == std::byte{7});
  CHECK(bench.count(Metric::CookieMatched) == 2);
}

TEST_CASE("a server without cookies is not sent any for a while") {
  Bench bench(inTurn({{.cookie = false}}));
  bench.ask();
  bench.ask();
  CHECK(bench.udp->query(0).edns->cookie.has_value());
  CHECK_FALSE(bench.udp->query(1).edns->cookie.has_value());
}

TEST_CASE("BADCOOKIE is answered with the new server cookie, then with TCP") {
  Bench once(inTurn({{.rcode = dns::RCode::BadCookie, .serverCookie = 9}, {.serverCookie = 9}}));
  CHECK(once.ask().message.header.rcode == dns::RCode::NoError);
  CHECK(once.udp->query(1).edns->cookie->server[0] == std::byte{9});
  CHECK(once.tcp->sent.empty());
  Bench always(inTurn({{.rcode = dns::RCode::BadCookie, .serverCookie = 9}}));
  CHECK(always.ask().overTcp);
  CHECK(always.udp->sent.size() == 2);
  CHECK(always.count(Metric::CookieRetry) == 2);
}

TEST_CASE("an answer without the cookie of a server that does cookies is not believed over UDP") {
  Bench bench(inTurn({{.serverCookie = 7}, {.cookie = false}}), inTurn({{.cookie = false}}));
  bench.ask();
  const ServerReply reply = bench.ask();
  CHECK(reply.overTcp);
  CHECK(reply.status == ExchangeStatus::Answered);
  CHECK(bench.state().cookiesUnsupported); // TCP has proved it
  CHECK_FALSE(bench.ask().overTcp);
}

TEST_CASE("an answer with another client cookie is not believed over UDP") {
  Bench bench(inTurn({{.serverCookie = 7, .wrongCookie = true}}));
  CHECK(bench.ask().overTcp);
  CHECK(bench.count(Metric::CookieMismatchUdp) == 1);
}

TEST_CASE("FORMERR with OPT to a cookie makes it be asked without one") {
  Bench bench(inTurn({{.rcode = dns::RCode::FormErr, .cookie = false}, {}}));
  CHECK(bench.ask().message.header.rcode == dns::RCode::NoError);
  CHECK(bench.udp->query(1).edns.has_value());
  CHECK_FALSE(bench.udp->query(1).edns->cookie.has_value());
  CHECK(bench.state().cookiesUnsupported);
}

TEST_CASE("servers named as not doing cookies get none") {
  Bench bench(inTurn({Reply{}}));
  bench.options.cookiesUnsupported = {test::address("198.51.100.1:0")};
  bench.ask();
  CHECK_FALSE(bench.udp->query(0).edns->cookie.has_value());
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
    cancelled.spawn(store(bench.exchange->ask(bench.question, bench.work), reply));
    bench.clock.advance(elapsed);
    cancelled.cancelAll();
    CHECK(bench.state().timeoutsInARow == (elapsed > 30ms ? 1 : 0));
  }
}

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
