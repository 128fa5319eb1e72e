// Searching and following, over a log in memory.
#include "recursor/querylog/reader.hh"

#include <fcntl.h>
#include <unistd.h>

#include "lib/base/fd.hh"
#include "logtest.hh"
#include "recursor/querylog/logexport.hh"

using namespace logtest;

namespace {

std::vector<rec::LogRecord> found(rec::BlockSource& source, const std::string& filter, bool newestFirst = false,
                                  std::size_t limit = 1'000'000) {
  std::vector<rec::LogRecord> records;
  const auto done = rec::LogReader(source).search(*rec::LogFilter::parse(filter, 0), {.newestFirst = newestFirst},
                                                  [&](const rec::LogRecord& record) {
                                                    records.push_back(record);
                                                    return records.size() < limit;
                                                  });
  REQUIRE(done.ok());
  return records;
}

void fill(rec::LogSink& sink, unsigned blocks) {
  for (unsigned i = 0; i < blocks; ++i) {
    const auto pending = blockOf(i + 1, 100, kBegin + i * 1'000'000'000LL, i);
    REQUIRE(sink.append(std::span(&pending, 1), 0) == rec::LogSink::Status::Ok);
  }
}

} // namespace

TEST_CASE("a search goes through all blocks in either order, and ends when enough is found") {
  rec::MemoryLog log(1 << 26);
  fill(log, 150); // more than indexes are read at once
  const auto forwards = found(log, "");
  REQUIRE(forwards.size() == 15'000);
  auto backwards = found(log, "", true);
  REQUIRE(backwards.size() == 15'000);
  bool good = true;
  for (std::size_t i = 0; i < forwards.size(); ++i) {
    good = good && forwards[i].name == backwards[backwards.size() - 1 - i].name &&
           (i == 0 || forwards[i].time >= forwards[i - 1].time);
  }
  CHECK(good);
  CHECK(found(log, "", true, 7).size() == 7);
  CHECK(found(log, "suffix=zone77.example").size() == 100);
  CHECK(found(log, "suffix=zone77.example rcode=NXDOMAIN").size() == 10);
}

TEST_CASE("blocks are skipped by their indexes, damaged ones left out and counted") {
  rec::MemoryLog log(1 << 26);
  fill(log, 20);
  auto bad = blockOf(21, 10, kBegin, 20);
  bad.encoded.block[100] ^= std::byte{1};
  REQUIRE(log.append(std::span(&bad, 1), 0) == rec::LogSink::Status::Ok);
  const auto progress = rec::LogReader(log).search(*rec::LogFilter::parse("name=h1.zone20.example,h1.zone3.example", 0),
                                                   {}, [](const rec::LogRecord&) { return true; });
  REQUIRE(progress.ok());
  CHECK(progress->blocks == 21);
  CHECK(progress->done == 21);
  CHECK(progress->skipped >= 17);
  CHECK(progress->damaged == 1);
  CHECK(progress->matched == 1);
}

TEST_CASE("an empty log has nothing") {
  rec::MemoryLog log(1 << 26);
  CHECK(found(log, "").empty());
  CHECK(found(log, "", true).empty());
}

TEST_CASE("a follower sees what comes, once, also when the newest block grows") {
  rec::MemoryLog log(1 << 26);
  fill(log, 2);
  auto follower = rec::LogFollower::make(log);
  REQUIRE(follower.ok());
  std::vector<std::string> names;
  const auto next = [&] {
    names.clear();
    REQUIRE(follower->next({}, [&names](const rec::LogRecord& record) { names.push_back(record.name.text()); }).ok());
    return names.size();
  };
  CHECK(next() == 0);
  auto grown = blockOf(2, 105, kBegin, 1);
  REQUIRE(log.append(std::span(&grown, 1), 0) == rec::LogSink::Status::Ok);
  CHECK(next() == 5);
  CHECK(names.front() == "h100.zone1.example.");
  auto more = blockOf(3, 3, kBegin, 2);
  REQUIRE(log.append(std::span(&more, 1), 0) == rec::LogSink::Status::Ok);
  CHECK(next() == 3);
  CHECK(next() == 0);
}

TEST_CASE("what is exported can be imported, in part, too") {
  rec::MemoryLog log(1 << 26), copy(1 << 26);
  fill(log, 5);
  const Folder folder;
  const base::Fd file(::open((folder.path + "/export").c_str(), O_RDWR | O_CREAT, 0600));
  REQUIRE(rec::exportLog(log, 0, file.get()).ok());
  REQUIRE(rec::importLog(file.get(), copy).ok());
  CHECK(found(copy, "").size() == 500);
  rec::MemoryLog part(1 << 26);
  const base::Fd second(::open((folder.path + "/part").c_str(), O_RDWR | O_CREAT, 0600));
  REQUIRE(rec::exportLog(log, 4, second.get()).ok());
  REQUIRE(rec::importLog(second.get(), part).ok());
  CHECK(found(part, "").size() == 200);
  REQUIRE(::ftruncate(second.get(), 1000) == 0);
  CHECK_FALSE(rec::importLog(second.get(), part).ok());
}

TEST_CASE("a log in memory keeps to its size and age") {
  rec::MemoryLog log(20'000);
  fill(log, 50);
  CHECK(log.totals().bytes <= 20'000);
  CHECK(log.totals().expired + log.totals().records == 5000);
  const auto records = found(log, "");
  CHECK(records.size() == log.totals().records);
  CHECK(records.back().name == name("h99.zone49.example"));
  REQUIRE(log.append({}, kBegin + 49'000'000'000LL) == rec::LogSink::Status::Ok);
  CHECK(found(log, "").size() == 100);
}
