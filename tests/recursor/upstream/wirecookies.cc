// WireExchange and DNS cookies (RFC 7873): kept, echoed, missing, wrong, and servers that do none.
#include <catch2/catch.hpp>

#include "tests/recursor/upstream/wirebench.hh"

using namespace rec;
using test::inTurn;
using test::Reply;
using Bench = test::WireBench;

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
