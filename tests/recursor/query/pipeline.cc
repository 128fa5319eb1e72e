// The pipeline: what each stage answers, drops or lets through, merging, deadlines.
#include "recursor/query/pipeline.hh"

#include "tests/recursor/query/bench.hh"

using namespace querytest;
using namespace std::chrono_literals;
using dns::RCode;
using dns::RRType;

namespace {

Ask chaos(const std::string& text) { return {.name = text, .type = RRType::TXT, .rrclass = dns::RRClass::CH}; }

rec::Outcome failed() {
  rec::Outcome outcome;
  outcome.cacheable = false;
  outcome.errors.push_back({dns::EdeCode::NoReachableAuthority, "192.0.2.53 timed out"});
  return outcome;
}

} // namespace

TEST_CASE("a question is resolved and answered with its own id, case and flags") {
  Bench bench;
  const auto answer = bench.ask({.name = "WwW.exAMPle.com", .header = {.id = 77, .rd = true, .cd = true}});
  CHECK(answer.header.id == 77);
  CHECK(answer.header.qr);
  CHECK(answer.header.rd);
  CHECK(answer.header.ra);
  CHECK(answer.header.cd);
  CHECK_FALSE(answer.header.aa);
  CHECK_FALSE(answer.header.ad);
  CHECK(answer.question->name.identicalTo(name("WwW.exAMPle.com")));
  REQUIRE(answer.answer.size() == 1);
  CHECK_FALSE(answer.edns);
  CHECK(bench.resolver.last->checkingDisabled);
}

TEST_CASE("opcodes other than QUERY and NOTIFY are not implemented, readable or not") {
  Bench bench;
  CHECK(bench.ask({.header = {.rd = true, .opcode = dns::Opcode::Update}}).header.rcode == RCode::NotImp);
  auto unreadable = packet({.header = {.opcode = dns::Opcode::Update}});
  unreadable[7] = std::byte{5}; // five prerequisites that are not there
  const auto answer = bench.send(unreadable);
  REQUIRE(answer);
  CHECK(parsed(*answer).header.rcode == RCode::NotImp);
  CHECK(parsed(*answer).header.opcode == dns::Opcode::Update);
}

TEST_CASE("a NOTIFY is not implemented unless allowed, and wipes its zone when it is") {
  const Ask notify{.name = "example.com", .type = RRType::SOA, .header = {.opcode = dns::Opcode::Notify}};
  Bench closed;
  CHECK(closed.ask(notify).header.rcode == RCode::NotImp);
  CHECK(closed.wiped.empty());

  Bench open([](rec::Settings& settings) {
    REQUIRE(settings.allowNotifyFrom.add("127.0.0.0/8"));
    settings.allowNotifyFor = {name("example.com")};
  });
  CHECK(open.ask(notify).header.rcode == RCode::NoError);
  REQUIRE(open.wiped.size() == 1);
  CHECK(open.wiped[0] == name("example.com"));
  CHECK(open.ask({.name = "example.org", .header = notify.header}).header.rcode == RCode::Refused);
  CHECK_FALSE(open.send(packet(notify), false, "192.0.2.9:53"));
  CHECK(open.counters.get(rec::Metric::SourceDisallowedNotify) == 1);
  CHECK(open.wiped.size() == 1);
  open.resolver.notified = name("example.org"); // "^" in forward-zones-file
  CHECK(open.ask({.name = "example.org", .type = RRType::SOA, .header = notify.header}).header.rcode == RCode::NoError);
  CHECK(open.wiped.size() == 2);
}

TEST_CASE("CHAOS questions tell version and id, and nothing else") {
  Bench bench([](rec::Settings& settings) {
    settings.versionString = "Rootwalk test";
    settings.serverId = "ns7";
  });
  const auto textOf = [](const dns::Message& message) {
    const auto rdata = message.answer.at(0).front();
    return std::string(reinterpret_cast<const char*>(rdata.data()) + 1, rdata.size() - 1);
  };
  CHECK(textOf(bench.ask(chaos("version.bind"))) == "Rootwalk test");
  CHECK(textOf(bench.ask(chaos("VERSION.server"))) == "Rootwalk test");
  CHECK(textOf(bench.ask(chaos("id.server"))) == "ns7");
  CHECK(textOf(bench.ask(chaos("hostname.bind"))) == "ns7");
  CHECK(bench.ask(chaos("authors.bind")).header.rcode == RCode::Refused);
  CHECK(bench.ask({.rrclass = dns::RRClass::HS}).header.rcode == RCode::Refused);
  CHECK(bench.resolver.resolutions == 0);
}

TEST_CASE("the server's id can be kept to itself") {
  Bench bench([](rec::Settings& settings) { settings.serverId = "disabled"; });
  CHECK(bench.ask(chaos("id.server")).header.rcode == RCode::Refused);
  auto options = edns();
  options.nsidRequested = true;
  CHECK(bench.ask({.edns = options}).edns->nsid.empty());
}

TEST_CASE("NSID is given to those who ask for it") {
  Bench bench([](rec::Settings& settings) { settings.serverId = "ns7"; });
  auto options = edns();
  options.nsidRequested = true;
  const auto answer = bench.ask({.edns = options});
  REQUIRE(answer.edns);
  CHECK(answer.edns->nsid.size() == 3);
  CHECK(bench.ask({.edns = edns()}).edns->nsid.empty());
}

TEST_CASE("an EDNS version that nobody knows is BADVERS") {
  Bench bench;
  auto options = edns();
  options.version = 1;
  const auto answer = bench.ask({.edns = options});
  CHECK(answer.header.rcode == RCode::BadVers);
  CHECK(answer.edns->version == 0);
}

TEST_CASE("transfers are refused, meta types are not implemented") {
  Bench bench;
  CHECK(bench.ask({.type = RRType::AXFR}).header.rcode == RCode::Refused);
  CHECK(bench.ask({.type = RRType::IXFR}).header.rcode == RCode::Refused);
  CHECK(bench.ask({.type = RRType::MAILB}).header.rcode == RCode::NotImp);
  CHECK(bench.ask({.type = RRType{0}}).header.rcode == RCode::NotImp);
  CHECK(bench.ask({.type = RRType{200}}).header.rcode == RCode::NotImp);
  CHECK(bench.ask({.type = RRType{65280}}).header.rcode == RCode::NoError);
}

TEST_CASE("ANY goes to TCP first, and there gets a single type or a HINFO") {
  Bench bench;
  const auto overUdp = bench.ask({.type = RRType::ANY});
  CHECK(overUdp.header.tc);
  CHECK(overUdp.answer.empty());
  const auto overTcp = bench.ask({.type = RRType::ANY}, true);
  CHECK_FALSE(overTcp.header.tc);
  REQUIRE(overTcp.answer.size() == 1);
  CHECK(overTcp.answer[0].type() == RRType::A);
  bench.resolver.make = [](const rec::Request&) {
    rec::Outcome nothing;
    nothing.rcode = RCode::NoError;
    return nothing;
  };
  const auto noAddress = bench.ask({.name = "other.example", .type = RRType::ANY}, true);
  REQUIRE(noAddress.answer.size() == 1);
  CHECK(noAddress.answer[0].type() == RRType::HINFO);
}

TEST_CASE("without RD nothing is resolved") {
  Bench closed;
  const auto refused = closed.ask({.header = {.rd = false}, .edns = edns()});
  CHECK(refused.header.rcode == RCode::Refused);
  CHECK(refused.edns->errors.at(0).code == dns::EdeCode::NotAuthoritative);

  Bench open([](rec::Settings& settings) { settings.allowNoRd = true; });
  CHECK(open.ask({.header = {.rd = false}}).header.rcode == RCode::Refused);
  open.resolver.cached = [](const rec::Request& request) { return positive(request.question.name.text()); };
  CHECK(open.ask({.header = {.rd = false}}).answer.size() == 1);
  CHECK(open.resolver.resolutions == 0);
}

TEST_CASE("what caches have is answered without a resolution") {
  Bench bench;
  bench.resolver.cached = [](const rec::Request& request) { return positive(request.question.name.text()); };
  CHECK(bench.ask({}).answer.size() == 1);
  CHECK(bench.resolver.resolutions == 0);
  CHECK(bench.counters.get(rec::Metric::CacheHits) == 1);
}

TEST_CASE("a failure says why, to clients that can read it, unless switched off") {
  Bench bench;
  bench.resolver.make = [](const rec::Request&) { return failed(); };
  const auto answer = bench.ask({.edns = edns()});
  CHECK(answer.header.rcode == RCode::ServFail);
  REQUIRE(answer.edns->errors.size() == 1);
  CHECK(answer.edns->errors[0].text == "192.0.2.53 timed out");
  CHECK_FALSE(bench.ask({}).edns);

  Bench silent([](rec::Settings& settings) { settings.extendedResolutionErrors = false; });
  silent.resolver.make = bench.resolver.make;
  CHECK(silent.ask({.edns = edns()}).edns->errors.empty());
}

TEST_CASE("equal questions share one resolution, however they are written") {
  Bench bench;
  bench.resolver.slow.emplace(bench.loop);
  for (int i = 0; i < 1000; ++i) {
    bench.pipeline->accept(packet({.name = i % 2 == 0 ? "www.example.com" : "WWW.example.COM",
                                   .header = {.id = static_cast<std::uint16_t>(i), .rd = true}}),
                           {}, bench.clock.mono());
  }
  CHECK(bench.pipeline->waiting().size() == 1000);
  CHECK(bench.pipeline->mergedWith(*bench.pipeline->waiting().front()) == 999);
  CHECK(bench.counters.get(rec::Metric::ConcurrentQueries) == 1000);
  bench.resolver.slow->open();
  bench.loop.runOnce();
  bench.loop.runOnce();
  CHECK(bench.resolver.resolutions == 1);
  REQUIRE(bench.answers.size() == 1000);
  CHECK(parsed(bench.answers[7]).header.id == 7);
  CHECK(parsed(bench.answers[7]).question->name.identicalTo(name("WWW.example.COM")));
  CHECK(bench.counters.get(rec::Metric::ConcurrentQueries) == 0);
}

TEST_CASE("CD keeps questions apart, DO does not") {
  Bench bench;
  bench.resolver.slow.emplace(bench.loop);
  auto dnssec = edns();
  dnssec.dnssecOk = true;
  bench.pipeline->accept(packet({}), {}, bench.clock.mono());
  bench.pipeline->accept(packet({.edns = dnssec}), {}, bench.clock.mono());
  CHECK(bench.resolver.resolutions == 1);
  bench.pipeline->accept(packet({.header = {.rd = true, .cd = true}}), {}, bench.clock.mono());
  CHECK(bench.resolver.resolutions == 2);
}

TEST_CASE("where a question stays on its worker, the caches that had nothing of it are not looked into again") {
  Bench bench;
  bench.ask({});
  CHECK_FALSE(bench.resolver.last->missed); // they had something
  bench.resolver.nothing = true;
  bench.ask({.name = "other.example"});
  CHECK(bench.resolver.last->missed);
  Bench apart;
  apart.workerCount = 1000;
  apart.resolver.nothing = true;
  apart.pipeline->accept(packet({.name = "other.example"}), {}, apart.clock.mono());
  REQUIRE(apart.handedOver.size() == 1);
  apart.pipeline->receive(apart.handedOver[0]);
  CHECK_FALSE(apart.resolver.last->missed);
}

TEST_CASE("a question goes to its home worker, always the same one") {
  Bench bench;
  bench.workerCount = 1000; // hardly ever this one
  bench.pipeline->accept(packet({.name = "www.example.com"}), {}, bench.clock.mono());
  bench.pipeline->accept(packet({.name = "www.EXAMPLE.com"}), {}, bench.clock.mono());
  CHECK(bench.handedOver.size() == 2);
  CHECK(bench.resolver.resolutions == 0);
  bench.pipeline->receive(bench.handedOver[0]); // as its home does
  CHECK(bench.answers.size() == 1);
}

TEST_CASE("a client has its answer before five seconds are over, and the resolution goes on") {
  Bench bench;
  bench.resolver.slow.emplace(bench.loop);
  bench.send(packet({.edns = edns()}));
  // The timers of the loop run by real time: let the deadline be past before the wait begins.
  bench.answers.clear();
  rec::Client client;
  bench.pipeline->accept(packet({.edns = edns()}), client, bench.clock.mono() - 4800ms);
  for (int i = 0; i < 100 && bench.answers.empty(); ++i) {
    bench.loop.runOnce();
  }
  REQUIRE(bench.answers.size() == 1);
  const auto answer = parsed(bench.answers[0]);
  CHECK(answer.header.rcode == RCode::ServFail);
  CHECK(answer.edns->errors.at(0).code == dns::EdeCode::NetworkError);
  CHECK(bench.pipeline->waiting().size() == 1);
  bench.resolver.slow->open();
  bench.loop.runOnce();
  bench.loop.runOnce();
  CHECK(bench.answers.size() == 2);
  CHECK(bench.resolver.resolutions == 1);
}

TEST_CASE("stale data is answered when a fresh answer takes too long") {
  Bench bench([](rec::Settings& settings) {
    settings.serveStaleExtensions = 10;
    settings.serveStaleClientTimeout = 0ms;
  });
  bench.resolver.slow.emplace(bench.loop);
  bench.resolver.cached = [](const rec::Request& request) -> std::optional<rec::Outcome> {
    if (!request.allowStale) {
      return std::nullopt;
    }
    auto outcome = positive(request.question.name.text(), 30);
    outcome.kind = rec::AnswerKind::Stale;
    return outcome;
  };
  bench.send(packet({}));
  for (int i = 0; i < 100 && bench.answers.empty(); ++i) {
    bench.loop.runOnce();
  }
  REQUIRE(bench.answers.size() == 1);
  CHECK(parsed(bench.answers[0]).answer.size() == 1);
  CHECK(bench.cache.entries() == 0);
  CHECK(bench.counters.get(rec::Metric::StaleAnswers) == 1);
}

TEST_CASE("more questions than max-outstanding-queries are dropped and counted") {
  Bench bench([](rec::Settings& settings) { settings.maxOutstandingQueries = 2; });
  bench.resolver.slow.emplace(bench.loop);
  for (const char* text : {"a.example", "b.example", "c.example"}) {
    bench.pipeline->accept(packet({.name = text}), {}, bench.clock.mono());
  }
  CHECK(bench.dropped == 1);
  CHECK(bench.counters.get(rec::Metric::OverCapacityDrops) == 1);
}

TEST_CASE("more waiters than max-chain-length are turned away") {
  Bench bench([](rec::Settings& settings) { settings.maxChainLength = 1; });
  bench.resolver.slow.emplace(bench.loop);
  for (int i = 0; i < 3; ++i) {
    bench.pipeline->accept(packet({}), {}, bench.clock.mono());
  }
  REQUIRE(bench.answers.size() == 1);
  CHECK(parsed(bench.answers[0]).header.rcode == RCode::ServFail);
  CHECK(bench.counters.get(rec::Metric::ChainLimits) == 1);
}

TEST_CASE("packets that cannot be read get FORMERR, answers get nothing") {
  Bench bench;
  const Packet good = packet({.edns = edns()});
  const auto rcode = [&](const Packet& bytes) -> std::optional<RCode> {
    const auto answer = bench.send(bytes);
    return answer ? std::optional(parsed(*answer).header.rcode) : std::nullopt;
  };
  CHECK_FALSE(rcode({}));
  CHECK_FALSE(rcode(Packet(good.begin(), good.begin() + 11)));
  Packet changed = good;
  changed[2] |= std::byte{0x80}; // QR
  CHECK_FALSE(rcode(changed));
  CHECK(rcode(Packet(good.begin(), good.begin() + 12)) == RCode::FormErr); // no question behind its count
  CHECK(rcode(Packet(good.begin(), good.end() - 1)) == RCode::FormErr);    // OPT cut off
  changed = good;
  changed[5] = std::byte{0}; // QDCOUNT 0
  CHECK(rcode(changed) == RCode::FormErr);
  changed[5] = std::byte{2};
  CHECK(rcode(changed) == RCode::FormErr);
  changed = good;
  changed[12] = std::byte{0xC0}; // a name that points to itself
  changed[13] = std::byte{12};
  CHECK(rcode(changed) == RCode::FormErr);
  changed = good;
  changed[12] = std::byte{0x80}; // a reserved label type
  CHECK(rcode(changed) == RCode::FormErr);
  CHECK(bench.resolver.resolutions == 0);
  CHECK(bench.failures.empty());
}

TEST_CASE("a client subnet that is not well formed, or has a scope, is FORMERR (RFC 7871 6)") {
  const auto rcode = [](const Packet& option) {
    Bench bench;
    Packet bytes = packet({.edns = edns()});
    bytes[bytes.size() - 1] = static_cast<std::byte>(option.size());
    bytes.insert(bytes.end(), option.begin(), option.end());
    const auto answer = bench.send(bytes);
    REQUIRE(answer);
    return parsed(*answer).header.rcode;
  };
  const auto option = [](std::initializer_list<int> octets) {
    Packet bytes;
    std::ranges::transform(octets, std::back_inserter(bytes), [](int octet) { return static_cast<std::byte>(octet); });
    return bytes;
  };
  CHECK(rcode(option({0, 8, 0, 7, 0, 1, 24, 0, 192, 0, 2})) == RCode::NoError);
  CHECK(rcode(option({0, 8, 0, 4, 0, 1, 0, 0})) == RCode::NoError);
  CHECK(rcode(option({0, 8, 0, 7, 0, 1, 24, 24, 192, 0, 2})) == RCode::FormErr);
  CHECK(rcode(option({0, 8, 0, 7, 0, 1, 23, 0, 192, 0, 3})) == RCode::FormErr);
  CHECK(rcode(option({0, 8, 0, 6, 0, 1, 24, 0, 192, 0})) == RCode::FormErr);
  CHECK(rcode(option({0, 8, 0, 3, 0, 1, 24})) == RCode::FormErr);
}

TEST_CASE("a malformed cookie is FORMERR") {
  Bench bench;
  Packet bytes = packet({.edns = edns()});
  const unsigned char cookie[] = {0, 10, 0, 3, 1, 2, 3};
  bytes[bytes.size() - 1] = std::byte{sizeof cookie};
  for (const unsigned char octet : cookie) {
    bytes.push_back(static_cast<std::byte>(octet));
  }
  const auto answer = bench.send(bytes);
  REQUIRE(answer);
  CHECK(parsed(*answer).header.rcode == RCode::FormErr);
}

TEST_CASE(
    "when the resolution that many wait for fails, all are free at once, with its reason, and nobody tries again") {
  Bench bench;
  bench.resolver.slow.emplace(bench.loop);
  bench.resolver.make = [](const rec::Request&) { return failed(); };
  for (int i = 0; i < 1000; ++i) {
    bench.pipeline->accept(packet({.edns = edns()}), {}, bench.clock.mono());
  }
  CHECK(bench.counters.get(rec::Metric::MergedQuestions) == 999);
  bench.resolver.slow->open();
  bench.loop.runOnce();
  bench.loop.runOnce();
  REQUIRE(bench.answers.size() == 1000);
  CHECK(parsed(bench.answers[999]).edns->errors.at(0).text == "192.0.2.53 timed out");
  CHECK(bench.resolver.resolutions == 1);
  CHECK(bench.pipeline->waiting().empty());
}

TEST_CASE("a resolution that breaks down frees all who wait for it") {
  Bench bench;
  bench.resolver.slow.emplace(bench.loop);
  bench.resolver.make = [](const rec::Request&) -> rec::Outcome { throw std::runtime_error("broken"); };
  for (int i = 0; i < 10; ++i) {
    bench.pipeline->accept(packet({.edns = edns()}), {}, bench.clock.mono());
  }
  bench.resolver.slow->open();
  bench.loop.runOnce();
  bench.loop.runOnce();
  REQUIRE(bench.answers.size() == 10);
  CHECK(parsed(bench.answers[9]).header.rcode == RCode::ServFail);
  CHECK(bench.failures.size() == 1);
}
