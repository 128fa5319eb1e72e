// Blocks: round trips, damage, and what their indexes say.
#include "recursor/querylog/block.hh"

#include <random>

#include "logtest.hh"
#include "recursor/querylog/blockscan.hh"

using namespace logtest;

namespace {

// Questions of every kind, by chance.
std::vector<rec::LogRecord> addRandom(Bench& bench, std::size_t count, unsigned seed) {
  std::mt19937 random(seed);
  const auto upTo = [&random](unsigned most) { return static_cast<unsigned>(random() % (most + 1)); };
  std::vector<rec::LogRecord> expected;
  std::int64_t time = kBegin;
  for (std::size_t i = 0; i < count; ++i) {
    rec::LogRecord record;
    time += upTo(3) == 0 ? -static_cast<std::int64_t>(upTo(500)) : upTo(100'000);
    record.time = time;
    record.name = name("h" + std::to_string(upTo(300)) + ".z" + std::to_string(upTo(20)) +
                       (upTo(1) == 0 ? ".com" : ".example.org"));
    record.client = address(upTo(4) == 0 ? "2001:db8:" + std::to_string(upTo(99)) + "::" + std::to_string(upTo(9))
                                         : "10." + std::to_string(upTo(3)) + "." + std::to_string(upTo(255)) + ".7");
    record.type = static_cast<dns::RRType>(upTo(3) == 0 ? upTo(65535) : 1);
    record.rcode = static_cast<dns::RCode>(upTo(5));
    record.kind = static_cast<rec::LogKind>(1 + upTo(rec::kLogKinds - 2));
    record.security = static_cast<rec::LogSecurity>(upTo(3));
    record.flags = static_cast<std::uint16_t>(upTo(255));
    record.latency = upTo(1) == 0 ? upTo(300) : upTo(5'000'000);
    record.upstreamQueries = upTo(2);
    record.upstreamBytes = record.upstreamQueries * 100;
    if (upTo(5) == 0) record.policy = "list" + std::to_string(upTo(3));
    if (upTo(5) == 0) record.tags = "t" + std::to_string(upTo(3));
    if (upTo(5) == 0) record.answers = {address("192.0.2." + std::to_string(upTo(9)))};
    bench.add(record.name.text(), record.client.text(), record.time, [&record](rec::LogEntry& entry) {
      entry.type = record.type;
      entry.rcode = record.rcode;
      entry.kind = record.kind;
      entry.security = record.security;
      entry.flags = record.flags;
      entry.latency = record.latency;
      entry.upstreamQueries = record.upstreamQueries;
      entry.upstreamBytes = record.upstreamBytes;
      entry.policy = record.policy;
      entry.tags = record.tags;
      entry.answers = record.answers;
    });
    expected.push_back(std::move(record));
  }
  return expected;
}

bool same(const rec::LogRecord& a, const rec::LogRecord& b) {
  return a.time == b.time && a.name == b.name && a.client == b.client && a.type == b.type && a.rcode == b.rcode &&
         a.kind == b.kind && a.security == b.security && a.flags == b.flags && a.latency == b.latency &&
         a.upstreamQueries == b.upstreamQueries && a.upstreamBytes == b.upstreamBytes && a.policy == b.policy &&
         a.tags == b.tags && a.answers == b.answers;
}

} // namespace

TEST_CASE("a block gives back what was put into it, also when it is encoded while it grows") {
  Bench bench(1 << 23);
  rec::BlockBuilder builder;
  std::vector<rec::LogRecord> expected;
  for (unsigned round = 0; round < 4; ++round) {
    for (auto& record : addRandom(bench, 1000, round)) expected.push_back(std::move(record));
    bench.drain(builder);
    const auto records = recordsOf(builder.encode().block);
    REQUIRE(records.size() == expected.size());
    bool all = true;
    for (std::size_t i = 0; i < records.size(); ++i) all = all && same(records[i], expected[i]);
    CHECK(all);
  }
  builder.clear();
  CHECK(builder.records() == 0);
  bench.add("example", "192.0.2.1", kBegin);
  bench.drain(builder);
  CHECK(recordsOf(builder.encode().block).size() == 1);
}

TEST_CASE("an empty block and one of the root are blocks, too") {
  Bench bench;
  rec::BlockBuilder builder;
  CHECK(recordsOf(builder.encode().block).empty());
  bench.add(".", "192.0.2.1", kBegin);
  bench.drain(builder);
  CHECK(recordsOf(builder.encode().block).front().name.isRoot());
}

TEST_CASE("a filter never leaves out a block or a record that matches") {
  const std::vector<std::string> filters{"suffix=com",
                                         "suffix=z3.example.org",
                                         "name=h5.z3.com",
                                         "client=10.1.0.0/16",
                                         "client=10.1.2.7",
                                         "net=10.0.0.0/9",
                                         "client=2001:db8:1::/48",
                                         "net=2001:db8::/30",
                                         "type=A",
                                         "type=TYPE4711",
                                         "rcode=SERVFAIL",
                                         "kind=iterated,stale",
                                         "policy=list2",
                                         "policy=*",
                                         "tag=t1",
                                         "slower=4s",
                                         "slower=4999ms",
                                         "security=bogus",
                                         "suffix=z7.com rcode=NXDOMAIN,REFUSED slower=1ms",
                                         "since=1767225650 until=1767225655",
                                         "suffix=."};
  for (unsigned seed = 0; seed < 20; ++seed) {
    Bench bench(1 << 22);
    rec::BlockBuilder builder;
    const auto expected = addRandom(bench, seed < 10 ? 5 : 800, seed);
    bench.drain(builder);
    const auto encoded = builder.encode();
    const auto index = rec::BlockIndex::decode(encoded.index.encode());
    REQUIRE(index.ok());
    for (const std::string& text : filters) {
      const auto filter = rec::LogFilter::parse(text, 0);
      REQUIRE(filter.ok());
      std::size_t wanted = 0;
      for (const auto& record : expected) wanted += filter->matches(record) ? 1 : 0;
      auto block = rec::Block::open(encoded.block);
      const auto rows = rec::matchingRows(*block, *filter, 0);
      REQUIRE(rows.ok());
      CAPTURE(text, seed);
      CHECK(rows->size() == wanted);
      CHECK((wanted == 0 || filter->mayMatch(*index)));
    }
  }
}

TEST_CASE("an index says no to nearly everything that is not there") {
  const auto pending = blockOf(1, 5000, kBegin);
  int yes = 0;
  for (int i = 0; i < 1000; ++i) {
    yes += rec::LogFilter::parse("suffix=other" + std::to_string(i) + ".example", 0)->mayMatch(pending.encoded.index)
               ? 1
               : 0;
  }
  CHECK(yes < 60);
  CHECK_FALSE(rec::LogFilter::parse("rcode=SERVFAIL", 0)->mayMatch(pending.encoded.index));
  CHECK_FALSE(rec::LogFilter::parse("policy=*", 0)->mayMatch(pending.encoded.index));
  CHECK_FALSE(rec::LogFilter::parse("client=198.51.100.0/24", 0)->mayMatch(pending.encoded.index));
  CHECK_FALSE(rec::LogFilter::parse("until=2025-12-31", 0)->mayMatch(pending.encoded.index));
}

TEST_CASE("a damaged block is an error, whatever was damaged") {
  Bench bench;
  rec::BlockBuilder builder;
  addRandom(bench, 200, 1);
  bench.drain(builder);
  const rec::LogOctets good = builder.encode().block;
  std::mt19937 random(7);
  for (int i = 0; i < 2000; ++i) {
    rec::LogOctets bad = good;
    bad[random() % bad.size()] ^= static_cast<std::byte>(1 + random() % 255);
    if (i % 3 == 0) bad.resize(random() % bad.size());
    if (i % 2 == 0 && bad.size() > sizeof(rec::BlockHead)) { // so that the checksum does not stop it
      const std::uint64_t sum = rec::checksum(std::span(bad).subspan(rec::kCheckedFrom));
      std::memcpy(bad.data() + 8, &sum, sizeof sum);
    }
    auto block = rec::Block::open(bad);
    if (block.ok() && block->decode(rec::Block::kAll).ok()) {
      for (std::uint32_t row = 0; row < block->records(); ++row) static_cast<void>(block->record(row));
    }
  }
  rec::LogOctets bad = good;
  bad.back() ^= std::byte{1};
  CHECK_FALSE(rec::Block::open(bad).ok());
}

TEST_CASE("a damaged index is an error") {
  const auto index = blockOf(1, 50, kBegin).encoded.index.encode();
  for (std::size_t size = 0; size < index.size(); ++size) {
    REQUIRE_FALSE(rec::BlockIndex::decode(std::span(index).first(size)).ok());
  }
}
