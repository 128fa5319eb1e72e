// Top lists and histograms, and the table that counts in bounded memory.
#include "recursor/querylog/summary.hh"

#include <map>
#include <random>

#include "logtest.hh"
#include "recursor/querylog/toptable.hh"

using namespace logtest;

namespace {

rec::LogTopList top(rec::BlockSource& source, rec::LogKey key, const std::string& filter = "", unsigned threads = 1) {
  auto list = rec::topOf(source, *rec::LogFilter::parse(filter, 0), {.key = key, .rows = 5, .threads = threads});
  REQUIRE(list.ok());
  return *list;
}

// "www.a.example" 60 times, "b.example" 30 times, of which 10 blocked; the rest once each.
void fill(rec::MemoryLog& log) {
  for (std::uint64_t id = 1; id <= 10; ++id) {
    Bench bench;
    rec::BlockBuilder builder;
    const std::int64_t time = kBegin + static_cast<std::int64_t>(id) * 10'000'000;
    for (int i = 0; i < 6; ++i) bench.add("www.a.example", "192.0.2.1", time);
    for (int i = 0; i < 3; ++i) {
      bench.add("b.example", "2001:db8::1", time + 1'000'000, [&](rec::LogEntry& entry) {
        entry.kind = rec::LogKind::Policy;
        entry.rcode = dns::RCode::NXDomain;
        if (i == 0) entry.policy = "ads";
        entry.latency = static_cast<std::uint32_t>(id * 1000);
      });
    }
    bench.add("n" + std::to_string(id) + ".c.example", "192.0.2.2", time, [](rec::LogEntry& entry) {
      entry.type = dns::RRType::AAAA;
      entry.kind = rec::LogKind::Iterated;
      entry.latency = 20;
    });
    bench.drain(builder);
    const rec::LogSink::Pending pending{id, builder.encode()};
    REQUIRE(log.append(std::span(&pending, 1), 0) == rec::LogSink::Status::Ok);
  }
}

} // namespace

TEST_CASE("the commonest of each kind are counted, with one thread and with several") {
  rec::MemoryLog log(1 << 26);
  fill(log);
  for (const unsigned threads : {1U, 2U}) {
    const auto names = top(log, rec::LogKey::Names, "", threads);
    CHECK(names.total == 100);
    REQUIRE(names.rows.size() == 5);
    CHECK(names.rows[0].key == "www.a.example.");
    CHECK(names.rows[0].count == 60);
    CHECK(names.rows[0].atMostTooMany == 0);
    CHECK(names.rows[1].count == 30);
    CHECK(names.rows[2].count == 1);
    CHECK(top(log, rec::LogKey::Clients, "", threads).rows[1].key == "2001:db8::1");
    CHECK(top(log, rec::LogKey::Suffixes, "", threads).rows[2].key == "c.example.");
    CHECK(top(log, rec::LogKey::Suffixes, "", threads).rows[2].count == 10);
    CHECK(top(log, rec::LogKey::Types, "", threads).rows[1].key == "AAAA");
    CHECK(top(log, rec::LogKey::RCodes, "", threads).rows[1].key == "NXDOMAIN");
    CHECK(top(log, rec::LogKey::Kinds, "", threads).rows[0].key == "packetcache");
    CHECK(top(log, rec::LogKey::Policies, "", threads).rows[0].count == 10);
    CHECK(top(log, rec::LogKey::Blocked, "", threads).rows[0].key == "b.example.");
    CHECK(top(log, rec::LogKey::Blocked, "", threads).rows[0].count == 10);
    CHECK(top(log, rec::LogKey::Slow, "", threads).rows[0].count == 10'000);
    CHECK(top(log, rec::LogKey::Slow, "", threads).rows[1].count == 20);
    CHECK(top(log, rec::LogKey::Names, "rcode=NXDOMAIN", threads).total == 30);
  }
  CHECK(rec::parseLogKey("blocked") == rec::LogKey::Blocked);
  CHECK_FALSE(rec::parseLogKey("nobody"));
}

TEST_CASE("a histogram has a row for each step, empty ones in between") {
  rec::MemoryLog log(1 << 26);
  fill(log);
  const auto histogram = rec::histogramOf(log, {}, 5'000'000);
  REQUIRE(histogram.ok());
  REQUIRE(histogram->rows.size() == 19);
  CHECK(histogram->rows[0].begin == kBegin + 10'000'000);
  CHECK(histogram->rows[0].queries == 10);
  CHECK(histogram->rows[0].nxdomain == 3);
  CHECK(histogram->rows[0].blocked == 1);
  CHECK(histogram->rows[0].hits == 6);
  CHECK(histogram->rows[0].latencyMost == 1000);
  CHECK(histogram->rows[1].queries == 0);
  CHECK(histogram->rows[18].queries == 10);
  const auto own = rec::histogramOf(log, {});
  REQUIRE(own.ok());
  CHECK(own->step == 2'000'000);
  const auto narrow = rec::histogramOf(log, *rec::LogFilter::parse("since=1767225650 until=1767225660", 0), 1'000'000);
  REQUIRE(narrow.ok());
  CHECK(narrow->rows.size() == 2);
  rec::MemoryLog empty(1 << 20);
  CHECK(rec::histogramOf(empty, {})->rows.empty());
}

TEST_CASE("counting in bounded memory never tells too little, and says by how much it may be too much") {
  std::mt19937 random(3);
  rec::TopTable table(rec::TopTable::Mode::Sum, 200), other(rec::TopTable::Mode::Sum, 200);
  std::map<std::string, std::uint64_t> exact;
  for (int i = 0; i < 50'000; ++i) {
    const auto rank = static_cast<unsigned>(1.0 / (0.0005 + static_cast<double>(random() % 10000) / 10000.0));
    const std::string key = "k" + std::to_string(rank);
    (i % 2 == 0 ? table : other).add(key, 1);
    ++exact[key];
  }
  table.merge(other);
  for (const auto& [key, count] : table.top(20)) {
    CHECK(count.value >= exact[key]);
    CHECK(count.value - count.atMostTooMany <= exact[key]);
  }
  CHECK(table.top(1).front().first == std::max_element(exact.begin(), exact.end(), [](const auto& a, const auto& b) {
                                        return a.second < b.second;
                                      })->first);
}
