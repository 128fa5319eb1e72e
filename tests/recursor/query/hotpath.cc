// The hot path: hits and what they must not cost, and what is left to the pipeline.
#include "recursor/query/hotpath.hh"

#include "recursor/stats/toplist.hh"
#include "tests/recursor/query/allocations.hh"
#include "tests/recursor/query/bench.hh"

using namespace querytest;
using namespace std::chrono_literals;

TEST_CASE("the second question is a hit, with its own id and letter case") {
  Bench bench;
  bench.ask({.name = "www.example.com", .edns = edns()});
  CHECK_FALSE(bench.wasHit);
  const auto answer = bench.ask({.name = "wWw.ExAmPlE.cOm", .header = {.id = 4711, .rd = true}, .edns = edns()});
  CHECK(bench.wasHit);
  CHECK(answer.header.id == 4711);
  CHECK(answer.question->name.identicalTo(name("wWw.ExAmPlE.cOm")));
  REQUIRE(answer.answer.size() == 1);
  CHECK(answer.answer[0].owner().identicalTo(name("wWw.ExAmPlE.cOm")));
  bench.hot->countHits(1); // whoever sends it says so
  CHECK(bench.counters.get(rec::Metric::PacketcacheHits) == 1);
  CHECK(bench.counters.get(rec::Metric::Questions) == 2);
  CHECK(bench.counters.get(rec::Metric::NoerrorAnswers) == 2);
}

TEST_CASE("a hit allocates nothing") {
  Bench bench;
  const Packet question = packet({.edns = edns()});
  bench.send(question);
  const auto source = *base::Address::parse("127.0.0.1:4000");
  Packet out(1232);
  const std::size_t before = s_allocations;
  for (int i = 0; i < 1000; ++i) {
    const auto result = bench.hot->handle(question, source, false, out, bench.clock.wall());
    if (result.verdict != rec::HotPath::Verdict::Answer) {
      FAIL("not a hit");
    }
  }
  bench.hot->answered(1000, 1us);
  CHECK(s_allocations == before);
}

TEST_CASE("an answer may be written over its question") {
  Bench bench;
  const Packet question = packet({.name = "www.Example.com", .header = {.id = 99, .rd = true}, .edns = edns()});
  const auto before = bench.send(question);
  Packet buffer(1232);
  std::copy(question.begin(), question.end(), buffer.begin());
  const auto source = *base::Address::parse("127.0.0.1:4000");
  rec::HotPath::Asked asked;
  bench.hot->read(std::span(buffer).first(question.size()), source, false, false, asked);
  bench.hot->fetch(std::span(&asked, 1));
  const auto result = bench.hot->answer(buffer, asked, source, false, buffer, bench.clock.wall());
  REQUIRE(result.verdict == rec::HotPath::Verdict::Answer);
  buffer.resize(result.size);
  CHECK(buffer == *before);
}

TEST_CASE("TTLs go down with time, and the answer goes with them") {
  Bench bench;
  bench.ask({});
  bench.clock.advance(100s);
  auto answer = bench.ask({});
  CHECK(bench.wasHit);
  CHECK(answer.answer.at(0).ttl() == 200);
  bench.clock.advance(50s);
  answer = bench.ask({});
  CHECK(answer.answer.at(0).ttl() == 150);
  bench.clock.advance(150s);
  bench.ask({});
  CHECK_FALSE(bench.wasHit);
}

TEST_CASE("flags, EDNS and transport have entries of their own") {
  Bench bench;
  auto dnssec = edns();
  dnssec.dnssecOk = true;
  const std::vector<Ask> asks{{}, {.edns = edns()}, {.edns = dnssec}, {.header = {.rd = true, .cd = true}}};
  for (const Ask& ask : asks) {
    bench.ask(ask);
    CHECK_FALSE(bench.wasHit);
    bench.ask(ask, true);
    CHECK_FALSE(bench.wasHit);
  }
  CHECK(bench.cache.entries() == 8);
  for (const Ask& ask : asks) {
    const auto answer = bench.ask(ask);
    CHECK(bench.wasHit);
    CHECK(answer.header.cd == ask.header.cd);
    CHECK(answer.edns.has_value() == ask.edns.has_value());
  }
}

TEST_CASE("options that change nothing do not keep a question from the cache, NSID does") {
  Bench bench;
  bench.ask({.edns = edns()});
  auto options = edns(4096);
  options.cookie.emplace();
  options.paddingSize = 20;
  options.clientSubnet = dns::ClientSubnet{*base::Netmask::parse("192.0.2.0/24")};
  bench.ask({.edns = options});
  CHECK(bench.wasHit);
  options.nsidRequested = true;
  bench.ask({.edns = options});
  CHECK_FALSE(bench.wasHit);
  CHECK(bench.cache.entries() == 1);
}

TEST_CASE("an answer longer than the client takes is not a hit") {
  Bench bench;
  bench.resolver.make = [](const rec::Request& request) {
    rec::Outcome outcome = positive(request.question.name.text());
    dns::RRsetBuilder builder(request.question.name, dns::RRType::A, dns::RRClass::IN, 300);
    for (std::uint8_t i = 0; i < 40; ++i) {
      builder.add(std::array{std::byte{192}, std::byte{0}, std::byte{2}, static_cast<std::byte>(i)});
    }
    outcome.answer = {{builder.build(), 300}};
    return outcome;
  };
  CHECK_FALSE(bench.ask({.edns = edns(1232)}).header.tc);
  CHECK(bench.ask({.edns = edns(512)}).header.tc);
  CHECK_FALSE(bench.wasHit);
  CHECK_FALSE(bench.ask({.edns = edns(1232)}).header.tc);
  CHECK(bench.wasHit);
}

TEST_CASE("strangers are dropped and counted") {
  Bench bench;
  bench.ask({});
  CHECK_FALSE(bench.send(packet({}), false, "192.0.2.1:53"));
  CHECK_FALSE(bench.send(packet({}), false, "[2001:db8::1]:53"));
  CHECK(bench.counters.get(rec::Metric::UnauthorizedUdp) == 2);
  CHECK(bench.counters.get(rec::Metric::Questions) == 1);
  CHECK(bench.send(packet({}), false, "10.1.2.3:53"));
}

TEST_CASE("failures stay out of the packet cache until the failure cache has them") {
  Bench bench;
  rec::Outcome failed;
  bench.resolver.make = [&](const rec::Request&) { return failed; };
  bench.ask({});
  CHECK(bench.cache.entries() == 0);
  failed.kind = rec::AnswerKind::CachedFailure;
  bench.ask({});
  CHECK(bench.cache.entries() == 1);
  bench.ask({});
  CHECK(bench.wasHit);
  bench.clock.advance(bench.settings.failureCacheTtl);
  bench.ask({});
  CHECK_FALSE(bench.wasHit);
}

TEST_CASE("nothing is kept when the packet cache is disabled") {
  Bench bench([](rec::Settings& settings) { settings.disablePacketcache = true; });
  bench.ask({});
  bench.ask({});
  CHECK_FALSE(bench.wasHit);
}

namespace {

// "count text" of the first rows.
std::string topName(const rec::TopRings& rings, rec::TopEvent event) {
  const std::array copies{rings.names(event)};
  const auto list = rec::topNames(copies, 1, {});
  return list.rows.empty() ? "" : std::to_string(list.rows[0].count) + " " + list.rows[0].text;
}

std::string topClient(const rec::TopRings& rings, rec::TopEvent event) {
  const std::array copies{rings.addresses(event)};
  const auto list = rec::topAddresses(copies, 1);
  return list.rows.empty() ? "" : std::to_string(list.rows[0].count) + " " + list.rows[0].text;
}

} // namespace

TEST_CASE("hits and misses are noted for the top lists") {
  Bench bench;
  bench.ask({});
  bench.ask({});
  CHECK(bench.wasHit);
  CHECK(topName(bench.top, rec::TopEvent::Asked) == "2 www.example.com|A");
  CHECK(topClient(bench.top, rec::TopEvent::Asked) == "2 127.0.0.1");
  CHECK(topName(bench.top, rec::TopEvent::ServFail).empty());
}

TEST_CASE("failures, bogus and large answers are noted, from the packet cache too") {
  Bench bench;
  rec::Outcome failed;
  failed.kind = rec::AnswerKind::CachedFailure;
  failed.security = rec::Security::Bogus;
  bench.resolver.make = [&](const rec::Request&) { return failed; };
  bench.ask({});
  bench.ask({});
  CHECK(bench.wasHit);
  CHECK(topName(bench.top, rec::TopEvent::ServFail) == "2 www.example.com|A");
  CHECK(topName(bench.top, rec::TopEvent::Bogus) == "1 www.example.com|A");
  CHECK(topClient(bench.top, rec::TopEvent::Large).empty());
  bench.resolver.make = [](const rec::Request& request) {
    rec::Outcome outcome = positive(request.question.name.text());
    const std::string text(250, 'x');
    outcome.answer.clear();
    dns::RRsetBuilder builder(request.question.name, dns::RRType::TXT, dns::RRClass::IN, 300);
    for (char i = 'a'; i < 'e'; ++i) {
      const std::string rdata = static_cast<char>(250) + text.substr(1) + i;
      builder.add(std::as_bytes(std::span(rdata)));
    }
    outcome.answer.push_back({builder.build(), 300});
    return outcome;
  };
  bench.ask({.name = "large.example", .type = dns::RRType::TXT, .edns = edns(4096)});
  bench.ask({.name = "large.example", .type = dns::RRType::TXT, .edns = edns(4096)});
  CHECK(bench.wasHit);
  CHECK(topClient(bench.top, rec::TopEvent::Large) == "2 127.0.0.1");
}

TEST_CASE("of a batch of hits one is noted, for all of them") {
  Bench bench;
  const Packet question = packet({});
  const Packet answer = *bench.send(question);
  const auto source = *base::Address::parse("192.0.2.7:4000");
  rec::HotPath::Asked asked;
  bench.hot->read(question, *base::Address::parse("127.0.0.1:4000"), false, false, asked);
  REQUIRE(bench.hot->wantsNote(64));
  bench.hot->noteOne(asked, source, answer);
  CHECK(topName(bench.top, rec::TopEvent::Asked) == "65 www.example.com|A");
  CHECK(topClient(bench.top, rec::TopEvent::Asked) == "64 192.0.2.7");
}
