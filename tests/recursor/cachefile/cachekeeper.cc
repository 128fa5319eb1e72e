// CacheKeeper with real files: saving when asked and at the end, loading, files it does not use, disks that are full.
#include "recursor/cachefile/cachekeeper.hh"

#include <catch2/catch.hpp>
#include <sys/resource.h>
#include <sys/stat.h>

#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "tests/recursor/cache/helpers.hh"
#include "tests/recursor/cachefile/caches.hh"

using namespace rec;
using namespace std::chrono_literals;
using test::Caches;

namespace {

struct Folder {
  Folder() {
    char text[] = "/tmp/rootwalk-cachefile.XXXXXX";
    path = ::mkdtemp(text);
  }
  ~Folder() { std::filesystem::remove_all(path); }
  [[nodiscard]] std::string file() const { return path + "/cache"; }
  std::string path;
};

struct Fixture {
  explicit Fixture(const Folder& folder, const CacheKeeper::Options& given = {})
      : keeper(with(given, folder), caches.kept(), [this] { return prints; }, clock) {}
  static CacheKeeper::Options with(CacheKeeper::Options options, const Folder& folder) {
    options.path = folder.file();
    options.loadWait = 60s;
    return options;
  }
  void store(std::string_view owner) {
    caches.records.store(test::record(std::string(owner) + " 3600 IN A 192.0.2.1"), Rank::AnswerAuth,
                         Security::Indeterminate, clock.wall());
  }
  base::ManualClock clock;
  Caches caches;
  FilePrints prints;
  CacheKeeper keeper;
};

// The file of a run that ended with one entry.
void keepOne(const Folder& folder) {
  Fixture t(folder, {.atStop = 60s});
  t.keeper.start();
  t.store("a.test.");
  t.keeper.stop();
}

} // namespace

TEST_CASE("caches are saved when asked, and loaded at the start") {
  const Folder folder;
  {
    Fixture t(folder);
    t.keeper.start();
    t.store("a.test.");
    t.store("b.test.");
    const auto saved = t.keeper.save();
    REQUIRE(saved);
    CHECK(saved->starts_with("2 cached entries were saved to " + folder.file()));
    struct stat about{};
    REQUIRE(::stat(folder.file().c_str(), &about) == 0);
    CHECK((about.st_mode & 0777) == 0600);
  }
  Fixture t(folder);
  t.keeper.start();
  CHECK(t.caches.records.entries() == 2);
}

TEST_CASE("caches are saved at the stop when there is time for it") {
  const Folder folder;
  keepOne(folder);
  {
    Fixture t(folder);
    t.keeper.start();
    CHECK(t.caches.records.entries() == 1);
    t.store("b.test.");
    t.keeper.stop(); // no time: 0 s
  }
  Fixture t(folder);
  t.keeper.start();
  CHECK(t.caches.records.entries() == 1);
}

TEST_CASE("without a folder, or a path, nothing is kept and nothing fails") {
  Folder folder;
  folder.path += "/none";
  Fixture t(folder, {.atStop = 60s});
  t.keeper.start();
  CHECK_FALSE(t.keeper.save());
  t.keeper.stop();
}

TEST_CASE("a file that others may write is not believed") {
  const Folder folder;
  keepOne(folder);
  REQUIRE(::chmod(folder.file().c_str(), 0666) == 0);
  Fixture t(folder);
  t.keeper.start();
  CHECK(t.caches.records.entries() == 0);
}

TEST_CASE("when a file cannot be written to its end the one before stays") {
  const Folder folder;
  Fixture t(folder);
  t.keeper.start();
  t.store("a.test.");
  REQUIRE(t.keeper.save());
  const auto before = std::filesystem::file_size(folder.file());
  for (int i = 0; i < 2000; ++i) {
    t.store("n" + std::to_string(i) + ".test.");
  }
  rlimit limit{};
  ::getrlimit(RLIMIT_FSIZE, &limit);
  const rlimit small{before, limit.rlim_max};
  std::signal(SIGXFSZ, SIG_IGN);
  ::setrlimit(RLIMIT_FSIZE, &small);
  const auto saved = t.keeper.save();
  ::setrlimit(RLIMIT_FSIZE, &limit);
  CHECK_FALSE(saved);
  CHECK(std::filesystem::file_size(folder.file()) == before);
  CHECK_FALSE(std::filesystem::exists(folder.file() + ".new"));
  CHECK(t.keeper.save());
  CHECK(std::filesystem::file_size(folder.file()) > before);
}

TEST_CASE("what a wipe took away is saved as gone before long") {
  const Folder folder;
  Fixture t(folder);
  t.keeper.start();
  t.store("a.test.");
  REQUIRE(t.keeper.save());
  t.caches.records.wipe(test::name("a.test."), false);
  t.keeper.noteWipe();
  REQUIRE(t.keeper.save());
  Fixture next(folder);
  next.keeper.start();
  CHECK(next.caches.records.entries() == 0);
}

TEST_CASE("what is whole of a damaged file is loaded, and the next save replaces it") {
  const Folder folder;
  keepOne(folder);
  std::filesystem::resize_file(folder.file(), std::filesystem::file_size(folder.file()) - 8);
  Fixture t(folder);
  t.keeper.start();
  CHECK(t.caches.records.entries() == 1);
  std::ofstream(folder.file()) << "something else";
  Fixture other(folder);
  other.keeper.start();
  CHECK(other.caches.records.entries() == 0);
  CHECK(other.keeper.save());
}
