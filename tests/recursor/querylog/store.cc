// The log in a folder: what is kept, what is let go, and what happens when the file is damaged.
#include "recursor/querylog/store.hh"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <fstream>
#include <random>

#include "logtest.hh"

using namespace logtest;

namespace {

constexpr std::uint64_t kSize = std::uint64_t{4} << 20;

std::size_t count(rec::BlockSource& source) {
  std::size_t records = 0;
  const auto done = rec::LogReader(source).search({}, {}, [&records](const rec::LogRecord&) { return ++records > 0; });
  return done ? records : 0;
}

rec::LogSink::Status put(rec::LogSink& store, std::size_t records, std::int64_t begin = kBegin,
                         std::int64_t expired = 0) {
  const auto pending = blockOf(store.nextId(), records, begin);
  return store.append(std::span(&pending, 1), expired);
}

std::uint64_t sizeOf(const std::string& path) {
  struct stat about{};
  return ::stat(path.c_str(), &about) == 0 ? static_cast<std::uint64_t>(about.st_size) : 0;
}

} // namespace

TEST_CASE("what is stored is there after opening again, for readers beside the writer and without one") {
  const Folder folder;
  {
    rec::LogStore store({folder.path + "/a/b", kSize, true});
    for (int i = 0; i < 3; ++i) REQUIRE(put(store, 100) == rec::LogSink::Status::Ok);
    CHECK(count(store) == 300);
    CHECK(store.totals().records == 300);
    const auto beside = rec::openLog(folder.path + "/a/b");
    REQUIRE(beside.ok());
    CHECK(count(**beside) == 300);
    const auto before = (*beside)->version();
    REQUIRE(put(store, 50) == rec::LogSink::Status::Ok);
    CHECK(count(**beside) == 350);
    CHECK(*(*beside)->version() != *before);
  }
  const auto later = rec::openLog(folder.path + "/a/b");
  REQUIRE(later.ok());
  CHECK(count(**later) == 350);
  rec::LogStore again({folder.path + "/a/b", kSize, false});
  CHECK(again.nextId() == 5);
  CHECK(again.totals().records == 350);
  CHECK_FALSE(rec::openLog(folder.path + "/nothing").ok());
}

TEST_CASE("a reader needs no lock file, and makes none") {
  const Folder folder;
  {
    rec::LogStore store({folder.path, kSize, true});
    REQUIRE(put(store, 10) == rec::LogSink::Status::Ok);
  }
  REQUIRE(::unlink((folder.path + "/lock.mdb").c_str()) == 0);
  const auto reader = rec::openLog(folder.path);
  REQUIRE(reader.ok());
  CHECK(count(**reader) == 10);
  CHECK(sizeOf(folder.path + "/lock.mdb") == 0);
}

TEST_CASE("a growing block takes the place of the one before") {
  const Folder folder;
  rec::LogStore store({folder.path, kSize, true});
  const std::uint64_t id = store.nextId();
  for (const std::size_t records : {10U, 20U, 500U}) {
    const auto pending = blockOf(id, records, kBegin);
    REQUIRE(store.append(std::span(&pending, 1), 0) == rec::LogSink::Status::Ok);
    CHECK(count(store) == records);
  }
  CHECK(store.totals().blocks == 1);
}

TEST_CASE("the file keeps to its size: the oldest blocks go, the newest are there") {
  const Folder folder;
  rec::LogStore store({folder.path, kSize, false});
  std::size_t written = 0;
  for (int i = 0; i < 400; ++i) {
    REQUIRE(put(store, 2000, kBegin + i) == rec::LogSink::Status::Ok);
    written += 2000;
  }
  CHECK(sizeOf(folder.path + "/data.mdb") <= kSize);
  CHECK(store.totals().bytes > kSize / 4);
  CHECK(store.totals().records + store.totals().expired == written);
  CHECK(count(store) == store.totals().records);
}

TEST_CASE("what is too old goes") {
  const Folder folder;
  rec::LogStore store({folder.path, kSize, false});
  for (int i = 0; i < 10; ++i) REQUIRE(put(store, 10, kBegin + i * 100'000'000LL) == rec::LogSink::Status::Ok);
  REQUIRE(store.append({}, kBegin + 500'000'000LL) == rec::LogSink::Status::Ok);
  CHECK(count(store) == 50);
  CHECK(store.totals().expired == 50);
}

TEST_CASE("a second writer is turned away") {
  const Folder folder;
  rec::LogStore first({folder.path, kSize, true}), second({folder.path, kSize, true});
  REQUIRE(put(first, 10) == rec::LogSink::Status::Ok);
  CHECK(put(second, 10) == rec::LogSink::Status::Failed);
  CHECK(count(first) == 10);
}

TEST_CASE("a damaged or truncated file is moved aside and a new one begun") {
  for (int kind = 0; kind < 4; ++kind) {
    const Folder folder;
    const std::string file = folder.path + "/data.mdb";
    {
      rec::LogStore store({folder.path, kSize, true});
      for (int i = 0; i < 20; ++i) REQUIRE(put(store, 1000) == rec::LogSink::Status::Ok);
    }
    const std::uint64_t size = sizeOf(file);
    if (kind == 0) REQUIRE(::truncate(file.c_str(), static_cast<off_t>(size / 2)) == 0);
    if (kind == 1) std::ofstream(file, std::ios::binary) << std::string(100'000, 'x');
    if (kind == 2) REQUIRE(::truncate(file.c_str(), 5000) == 0);
    if (kind == 3) REQUIRE(::truncate(file.c_str(), static_cast<off_t>(size - 8192)) == 0);
    rec::LogStore store({folder.path, kSize, true});
    REQUIRE(put(store, 10) == rec::LogSink::Status::Ok);
    CAPTURE(kind);
    CHECK(store.totals().damaged == 1);
    CHECK(count(store) == 10);
    CHECK(sizeOf(folder.path + "/damaged.mdb") > 0);
  }
}

TEST_CASE("a file that is truncated while it is open ends nobody") {
  const Folder folder;
  rec::LogStore store({folder.path, kSize, true});
  for (int i = 0; i < 20; ++i) REQUIRE(put(store, 1000) == rec::LogSink::Status::Ok);
  const auto reader = rec::openLog(folder.path);
  REQUIRE(reader.ok());
  REQUIRE(::truncate((folder.path + "/data.mdb").c_str(), 8192) == 0);
  count(**reader);
  count(store);
  for (int i = 0; i < 5 && store.totals().damaged == 0; ++i) static_cast<void>(put(store, 1000));
  CHECK(store.totals().damaged == 1);
  CHECK(put(store, 10) == rec::LogSink::Status::Ok);
  CHECK(count(store) == 10);
  CHECK(count(**reader) == 10); // it is another file now
}

TEST_CASE("whatever stands in a file, reading it ends nobody; pages that were never written are found by the writer") {
  const Folder folder;
  const std::string file = folder.path + "/data.mdb";
  {
    rec::LogStore store({folder.path, kSize, true});
    for (int i = 0; i < 10; ++i) REQUIRE(put(store, 300) == rec::LogSink::Status::Ok);
  }
  const std::uint64_t size = sizeOf(file);
  std::string good(size, '\0');
  std::ifstream(file, std::ios::binary).read(good.data(), static_cast<std::streamsize>(size));
  std::mt19937 random(5);
  for (int round = 0; round < 60; ++round) {
    std::string bad = good;
    for (int i = 0; i < 40; ++i) {
      const std::size_t page = random() % (size / 4096);
      if (round % 2 == 0) bad[page * 4096 + random() % 128] = static_cast<char>(random());
      if (round % 2 == 1 && page > 1) bad.replace(page * 4096, 4096, 4096, '\0');
    }
    std::ofstream(file, std::ios::binary | std::ios::trunc) << bad;
    ::unlink((folder.path + "/lock.mdb").c_str());
    if (const auto reader = rec::openLog(folder.path)) count(**reader);
    if (round % 2 == 1) {
      rec::LogStore store({folder.path, kSize, true});
      static_cast<void>(put(store, 10));
      count(store);
    }
  }
}
