// The writer: rings to blocks, blocks to a sink that may refuse them.
#include "recursor/querylog/writer.hh"

#include "logtest.hh"
#include "recursor/querylog/reader.hh"

using namespace logtest;

namespace {

// A log in memory that can be told to fail.
struct FakeSink final : rec::LogSink {
  Status append(std::span<const Pending> blocks, std::int64_t expired) override {
    ++appends;
    lastExpired = expired;
    return status == Status::Ok ? memory.append(blocks, expired) : status;
  }
  std::uint64_t nextId() override { return memory.nextId(); }
  std::string place() const override { return "nowhere"; }
  base::Result<std::vector<rec::NumberedIndex>> indexes(std::uint64_t from, bool backwards, std::size_t most) override {
    return memory.indexes(from, backwards, most);
  }
  base::Result<std::vector<std::byte>> block(std::uint64_t id) override { return memory.block(id); }
  base::Result<std::uint64_t> version() override { return memory.version(); }

  rec::MemoryLog memory{1 << 26};
  Status status = Status::Ok;
  int appends = 0;
  std::int64_t lastExpired = 0;
};

std::vector<rec::LogRecord> all(rec::BlockSource& source) {
  std::vector<rec::LogRecord> records;
  const auto done = rec::LogReader(source).search({}, {}, [&records](const rec::LogRecord& record) {
    records.push_back(record);
    return true;
  });
  REQUIRE(done.ok());
  return records;
}

constexpr std::int64_t kSecond = 1'000'000;

} // namespace

TEST_CASE("a block that is not full is written at each flush, and stays one block") {
  Bench bench;
  FakeSink sink;
  rec::LogWriter writer({&bench.ring}, sink, {});
  for (int i = 0; i < 5; ++i) {
    bench.add("n" + std::to_string(i) + ".example", "192.0.2.1", kBegin + i);
    writer.flush(kBegin + i * kSecond);
    CHECK(all(sink).size() == static_cast<std::size_t>(i + 1));
  }
  CHECK(sink.indexes(0, false, 10)->size() == 1);
  CHECK(writer.counts().records == 5);
  writer.flush(kBegin + 6 * kSecond);
  CHECK(sink.appends == 5); // nothing new
}

TEST_CASE("full blocks follow one another, and what comes from several workers is in the order of time") {
  Bench first(1 << 23), second(1 << 23);
  FakeSink sink;
  rec::LogWriter writer({&first.ring, &second.ring}, sink, {});
  constexpr int kCount = 20'000;
  for (int i = 0; i < kCount; ++i) {
    Bench& bench = i / 7 % 2 == 0 ? first : second;
    bench.add("n" + std::to_string(i % 100) + ".example", "192.0.2.1", kBegin + i);
  }
  writer.flush(kBegin);
  const auto records = all(sink);
  REQUIRE(records.size() == kCount);
  bool sorted = true;
  for (int i = 0; i < kCount; ++i) {
    const rec::LogRecord& record = records[static_cast<std::size_t>(i)];
    sorted = sorted && record.time == kBegin + i && record.worker == i / 7 % 2;
  }
  CHECK(sorted);
  CHECK(sink.indexes(0, false, 10)->size() == 2);
  CHECK(writer.counts().bytes > 0);
}

TEST_CASE("hits of several workers are in the order of time, each with the latency of its batch") {
  Bench first(1 << 23), second(1 << 23);
  FakeSink sink;
  rec::LogWriter writer({&first.ring, &second.ring}, sink, {});
  constexpr std::uint32_t kCount = 20'000;
  for (std::uint32_t i = 0; i < kCount; ++i) {
    Bench& bench = i / 7 % 2 == 0 ? first : second;
    bench.hit("n" + std::to_string(i % 100) + ".example", "192.0.2.1", kBegin + i / 3, i / 7);
    if (i % 50 == 0) writer.drain(kBegin);
  }
  writer.flush(kBegin);
  const auto records = all(sink);
  REQUIRE(records.size() == kCount);
  std::uint64_t latencies = 0;
  bool sorted = true;
  for (std::size_t i = 0; i < kCount; ++i) {
    sorted =
        sorted && (i == 0 || records[i].time >= records[i - 1].time) && records[i].worker == records[i].latency % 2;
    latencies += records[i].latency;
  }
  CHECK(sorted);
  std::uint64_t wanted = 0;
  for (std::uint32_t i = 0; i < kCount; ++i) wanted += i / 7;
  CHECK(latencies == wanted);
}

TEST_CASE("a full disk stops the log, every lost question is counted, and it goes on by itself") {
  Bench bench;
  FakeSink sink;
  rec::LogWriter writer({&bench.ring}, sink, {});
  bench.add("a.example", "192.0.2.1", kBegin);
  writer.flush(kBegin);
  sink.status = rec::LogSink::Status::DiskFull;
  for (int i = 0; i < 3; ++i) bench.add("b.example", "192.0.2.1", kBegin);
  writer.flush(kBegin + kSecond);
  CHECK(writer.counts().dropsDisk == 3);
  CHECK(writer.counts().isStopped);
  sink.status = rec::LogSink::Status::Ok;
  bench.add("c.example", "192.0.2.1", kBegin);
  writer.flush(kBegin + 2 * kSecond); // not tried again yet
  CHECK(writer.counts().dropsDisk == 4);
  bench.add("d.example", "192.0.2.1", kBegin);
  writer.flush(kBegin + 7 * kSecond);
  CHECK_FALSE(writer.counts().isStopped);
  const auto records = all(sink);
  REQUIRE(records.size() == 2);
  CHECK(records[0].name == name("a.example"));
  CHECK(records[1].name == name("d.example"));
}

TEST_CASE("what failed for another reason is counted apart") {
  Bench bench;
  FakeSink sink;
  rec::LogWriter writer({&bench.ring}, sink, {});
  sink.status = rec::LogSink::Status::Failed;
  bench.add("a.example", "192.0.2.1", kBegin);
  writer.flush(kBegin);
  CHECK(writer.counts().dropsError == 1);
  CHECK(writer.counts().dropsDisk == 0);
}

TEST_CASE("old blocks are looked for while nothing is written, too") {
  Bench bench;
  FakeSink sink;
  rec::LogWriter writer({&bench.ring}, sink, {.maxAge = std::chrono::seconds(100)});
  writer.flush(kBegin);
  CHECK(sink.lastExpired == kBegin - 100 * kSecond);
  writer.flush(kBegin + kSecond);
  CHECK(sink.appends == 1);
  writer.flush(kBegin + 61 * kSecond);
  CHECK(sink.appends == 2);
}

TEST_CASE("the thread writes what is there when it is stopped") {
  Bench bench;
  FakeSink sink;
  rec::LogWriter writer({&bench.ring}, sink, {.interval = std::chrono::hours(1)});
  writer.start();
  bench.add("a.example", "192.0.2.1", kBegin);
  writer.stop();
  CHECK(all(sink).size() == 1);
}
