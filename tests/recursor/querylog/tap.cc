// What a tap writes: samples, filters, masks, and what is dropped.
#include "logtest.hh"

using namespace logtest;

namespace {

std::vector<rec::LogRecord> logged(Bench& bench) {
  rec::BlockBuilder builder;
  bench.drain(builder);
  return recordsOf(builder.encode().block);
}

rec::LogOrdersPtr orders(const std::function<void(rec::LogOrders&)>& change) {
  rec::LogOrders made;
  change(made);
  return std::make_shared<const rec::LogOrders>(std::move(made));
}

} // namespace

TEST_CASE("everything that an entry has comes out again") {
  Bench bench;
  const std::vector<base::Address> answers{address("192.0.2.80"), address("2001:db8::80")};
  bench.add("WWW.Example.COM", "2001:db8::1", kBegin, [&](rec::LogEntry& entry) {
    entry.type = dns::RRType::AAAA;
    entry.rcode = dns::RCode::NXDomain;
    entry.kind = rec::LogKind::Iterated;
    entry.transport = rec::LogTransport::Tcp;
    entry.security = rec::LogSecurity::Secure;
    entry.flags = rec::kLogRd | rec::kLogDo | rec::kLogAnswerAd;
    entry.ede = 15;
    entry.latency = 123'456;
    entry.upstreamQueries = 7;
    entry.upstreamBytes = 4321;
    entry.policy = "ads";
    entry.rule = "||example.com^";
    entry.tags = "a,b";
    entry.answers = answers;
  });
  const auto records = logged(bench);
  REQUIRE(records.size() == 1);
  const rec::LogRecord& record = records.front();
  CHECK(record.name.text() == "www.example.com.");
  CHECK(record.client == address("2001:db8::1"));
  CHECK(record.time == kBegin);
  CHECK(record.type == dns::RRType::AAAA);
  CHECK(record.rcode == dns::RCode::NXDomain);
  CHECK(record.kind == rec::LogKind::Iterated);
  CHECK(record.transport == rec::LogTransport::Tcp);
  CHECK(record.security == rec::LogSecurity::Secure);
  CHECK(rec::logFlagsText(record.flags) == "rd do answer-ad");
  CHECK(record.ede == 15);
  CHECK(record.latency == 123'456);
  CHECK(record.upstreamQueries == 7);
  CHECK(record.upstreamBytes == 4321);
  CHECK(record.policy == "ads");
  CHECK(record.rule == "||example.com^");
  CHECK(record.tags == "a,b");
  CHECK(record.answers == answers);
  CHECK(record.worker == 3);
}

TEST_CASE("texts that are too long are cut, and so are too many answers") {
  Bench bench;
  const std::string rule(1000, 'x');
  const std::vector<base::Address> answers(100, address("2001:db8::1"));
  bench.add("example.com", "192.0.2.1", kBegin, [&](rec::LogEntry& entry) {
    entry.rule = rule;
    entry.answers = answers;
  });
  const auto records = logged(bench);
  CHECK(records.front().rule == rule.substr(0, 255));
  CHECK(records.front().answers.size() == 15); // 17 octets each of 255
}

TEST_CASE("of a sample one in so many is logged") {
  Bench bench;
  bench.tap.setOrders(orders([](rec::LogOrders& o) { o.sample = 10; }));
  for (int i = 0; i < 100; ++i) bench.add("n" + std::to_string(i) + ".example", "192.0.2.1", kBegin);
  CHECK(logged(bench).size() == 10);
}

TEST_CASE("a filter lets through what matches it") {
  Bench bench;
  bench.tap.setOrders(
      orders([](rec::LogOrders& o) { o.only = *rec::LogFilter::parse("suffix=a.example rcode=NXDOMAIN", 0); }));
  const auto denied = [](rec::LogEntry& entry) { entry.rcode = dns::RCode::NXDomain; };
  bench.add("x.a.example", "192.0.2.1", kBegin, denied);
  bench.add("x.b.example", "192.0.2.1", kBegin, denied);
  bench.add("x.a.example", "192.0.2.1", kBegin);
  CHECK(logged(bench).size() == 1);
}

TEST_CASE("clients are masked") {
  Bench bench;
  bench.tap.setOrders(orders([](rec::LogOrders& o) {
    o.ipv4Bits = 20;
    o.ipv6Bits = 0;
  }));
  bench.add("example", "192.0.47.129", kBegin);
  bench.add("example", "2001:db8::1", kBegin);
  const auto records = logged(bench);
  CHECK(records[0].client.text() == "192.0.32.0");
  CHECK(records[1].client.text() == "::");
}

TEST_CASE(
    "hits of the packet cache have the policy that decided about the answer there, also when that was not logged") {
  Bench bench;
  rec::BlockBuilder builder;
  const auto blocked = [](rec::LogEntry& entry) {
    entry.kind = rec::LogKind::Policy;
    entry.policy = "ads";
    entry.rule = "||bad.example^";
    entry.ede = 15;
  };
  bench.tap.setOrders(orders([](rec::LogOrders& o) { o.only = *rec::LogFilter::parse("kind=packetcache", 0); }));
  bench.add("bad.example", "192.0.2.1", kBegin, blocked);
  bench.add("bad.example", "192.0.2.2", kBegin);
  bench.add("good.example", "192.0.2.2", kBegin);
  bench.tap.setOrders(orders([](rec::LogOrders&) {}));
  bench.add("bad.example", "192.0.2.1", kBegin, [](rec::LogEntry& entry) { entry.kind = rec::LogKind::Iterated; });
  bench.add("bad.example", "192.0.2.2", kBegin);
  bench.drain(builder);
  const auto records = recordsOf(builder.encode().block);
  REQUIRE(records.size() == 4);
  CHECK(records[0].policy == "ads");
  CHECK(records[0].rule == "||bad.example^");
  CHECK(records[0].ede == 15);
  CHECK(records[0].kind == rec::LogKind::PacketCache);
  CHECK(records[1].policy.empty());
  CHECK(records[2].policy.empty());
  CHECK(records[3].policy.empty());
}

TEST_CASE("what does not fit is dropped and counted") {
  Bench bench(65536);
  for (int i = 0; i < 2000; ++i) bench.add("www.example.com", "192.0.2.1", kBegin);
  const auto records = logged(bench);
  CHECK(records.size() > 500);
  CHECK(records.size() + bench.ring.dropped() == 2000);
  CHECK(bench.wakes == 1);
}
