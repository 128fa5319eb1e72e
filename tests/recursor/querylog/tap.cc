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

TEST_CASE("a hit in few octets is the same record as one with all") {
  Bench shortly, fully;
  for (std::uint16_t i = 0; i < 512; ++i) {
    const std::string text = i % 3 == 0 ? "Example.COM" : "n" + std::to_string(i % 7) + ".example";
    const std::string client = i % 5 == 0 ? "2001:db8::" + std::to_string(i % 4) : "192.0.2." + std::to_string(i % 9);
    const std::int64_t time = kBegin + i / 10 * 300;
    const std::uint32_t latency = i / 10 * 9000U;
    shortly.hit(text, client, time, latency, [i](rec::RawHit& hit) {
      hit.type = static_cast<std::uint16_t>(i % 2 == 0 ? dns::RRType::AAAA : dns::RRType::A);
      hit.code = static_cast<std::uint8_t>((i % 11 == 0 ? 3 : 0) + (i % 4 == 0 ? rec::kHitTcp : 0));
      hit.flags = static_cast<std::uint8_t>(i / 2);
    });
    fully.add(text, client, time, [i, latency](rec::LogEntry& entry) {
      entry.type = i % 2 == 0 ? dns::RRType::AAAA : dns::RRType::A;
      entry.rcode = i % 11 == 0 ? dns::RCode::NXDomain : dns::RCode::NoError;
      entry.transport = i % 4 == 0 ? rec::LogTransport::Tcp : rec::LogTransport::Udp;
      entry.flags = i / 2;
      entry.security = (entry.flags & rec::kLogAnswerAd) != 0 ? rec::LogSecurity::Secure : rec::LogSecurity::Unknown;
      entry.latency = latency;
    });
  }
  CHECK(shortly.ring.used() < fully.ring.used() * 2 / 3);
  rec::BlockBuilder first, second;
  shortly.drain(first);
  fully.drain(second);
  CHECK(recordsOf(first.encode().block).size() == 512);
  CHECK(first.encode().block == second.encode().block);
  CHECK(first.encode().index.encode() == second.encode().index.encode());
}

TEST_CASE("clients of hits are masked, and a hit has the policy of the answer that is in the cache") {
  Bench bench;
  bench.tap.setOrders(orders([](rec::LogOrders& o) { o.ipv4Bits = o.ipv6Bits = 20; }));
  REQUIRE(bench.tap.takesHits());
  bench.hit("bad.example", "192.0.47.129", kBegin);
  bench.add("bad.example", "192.0.2.1", kBegin, [](rec::LogEntry& entry) {
    entry.kind = rec::LogKind::Policy;
    entry.policy = "ads";
    entry.ede = 15;
  });
  bench.hit("BAD.example", "2001:dbf::1", kBegin);
  bench.hit("good.example", "2001:dbf::1", kBegin);
  bench.add("bad.example", "192.0.2.1", kBegin, [](rec::LogEntry& entry) { entry.kind = rec::LogKind::Iterated; });
  bench.hit("bad.example", "192.0.2.1", kBegin);
  const auto records = logged(bench);
  REQUIRE(records.size() == 6);
  CHECK(records[0].client.text() == "192.0.32.0");
  CHECK(records[0].policy.empty());
  CHECK(records[2].client.text() == "2001::");
  CHECK(records[2].policy == "ads");
  CHECK(records[2].ede == 15);
  CHECK(records[3].policy.empty());
  CHECK(records[5].policy.empty());
  CHECK(records[5].ede == std::nullopt);
}

TEST_CASE("hits are not put down shortly where a sample, a filter or addresses are wanted") {
  Bench bench;
  CHECK(bench.tap.takesHits());
  bench.tap.setOrders(orders([](rec::LogOrders& o) { o.sample = 2; }));
  CHECK_FALSE(bench.tap.takesHits());
  bench.tap.setOrders(orders([](rec::LogOrders& o) { o.only = *rec::LogFilter::parse("suffix=example", 0); }));
  CHECK_FALSE(bench.tap.takesHits());
  bench.tap.setOrders(orders([](rec::LogOrders& o) { o.answers = true; }));
  CHECK_FALSE(bench.tap.takesHits());
  bench.tap.setOrders(nullptr);
  CHECK_FALSE(bench.tap.takesHits());
}

TEST_CASE("hits that find no room do not take the time of their batch along") {
  Bench bench(65536);
  std::int64_t time = kBegin;
  for (; bench.ring.dropped() == 0; time += 5) bench.hit("www.example.com", "192.0.2.1", time);
  rec::BlockBuilder builder;
  bench.drain(builder);
  const std::int64_t last = time; // of the next batch
  bench.hit("www.example.com", "192.0.2.1", last, 8);
  bench.hit("www.example.com", "192.0.2.1", last, 8);
  bench.drain(builder);
  const auto records = recordsOf(builder.encode().block);
  REQUIRE(records.size() > 1000);
  for (std::size_t i = 0; i + 2 < records.size(); ++i) {
    if (records[i].time != kBegin + static_cast<std::int64_t>(i) * 5) FAIL("record " << i);
  }
  CHECK(records.back().time == last);
  CHECK(records.back().latency == 8);
  CHECK(records[records.size() - 2].time == last);
}
