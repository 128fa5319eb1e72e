// The keeper: reading, swapping, what stays in force when a file is broken, names given at run time, a directory.
#include "recursor/policy/blocklistkeeper.hh"

#include <catch2/catch.hpp>
#include <filesystem>
#include <fstream>

namespace {

namespace fs = std::filesystem;

struct Folder {
  fs::path path = fs::temp_directory_path() / ("rootwalk-lists." + std::to_string(::getpid()));
  Folder() { fs::create_directories(path); }
  ~Folder() { fs::remove_all(path); }
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;
  // A new file in place of the old one.
  std::string write(const std::string& name, const std::string& text) const {
    std::ofstream(path / (name + ".part")) << text;
    fs::rename(path / (name + ".part"), path / name);
    return (path / name).string();
  }
};

struct Bench {
  rec::Settings settings = rec::defaultSettings();
  rec::PolicyBoard board;
  std::optional<rec::BlockListKeeper> keeper;

  void start(const std::vector<rec::ListDeclaration>& declared = {}) {
    keeper.emplace(settings, board);
    keeper->load(declared);
    keeper->start();
  }
  [[nodiscard]] std::string decision(const std::string& name) const {
    const auto policies = board.current();
    const base::Address client = *base::Address::parse("192.0.2.7");
    const dns::Question question{*dns::Name::parse(name), dns::RRType::A, dns::RRClass::IN};
    const auto verdict =
        policies ? policies->onName(question.name, {.client = client, .question = question}) : rec::PolicyVerdict();
    return std::string(rec::text(verdict.action)) + (verdict.source ? " " + verdict.source->name : "");
  }
};

} // namespace

TEST_CASE("what lists there are is told without the thread that reads them") {
  const Folder folder;
  Bench bench;
  bench.settings.blocklistFiles = {folder.write("ads", "ads.example\n")};
  bench.keeper.emplace(bench.settings, bench.board);
  bench.keeper->load({}); // and not started
  REQUIRE(bench.keeper->rows().size() == 1);
  CHECK(bench.keeper->rows().front().rules == 1);
}

TEST_CASE("lists are in force before the first question, and a reload takes what has changed") {
  const Folder folder;
  Bench bench;
  bench.settings.blocklistFiles = {folder.write("ads", "ads.example\n")};
  bench.start();
  CHECK(bench.decision("x.ads.example") == "NXDOMAIN ads");
  CHECK(bench.keeper->rules() == 1);
  CHECK(*bench.keeper->reload() == "1 unchanged\n");
  folder.write("ads", "ads.example\nmore.example\n");
  CHECK(*bench.keeper->reload() == "ads: 2 rules\n0 unchanged\n");
  CHECK(bench.decision("more.example") == "NXDOMAIN ads");
  CHECK(bench.keeper->loads() == 2);
}

TEST_CASE("no list is no policy at all") {
  Bench bench;
  bench.start();
  CHECK(bench.board.current() == nullptr);
  CHECK(bench.keeper->rows().empty());
}

TEST_CASE("a list that is gone or broken stays in force, the reason is shown, and it is read again when it is mended") {
  const Folder folder;
  Bench bench;
  const std::string path = folder.write("ads", "ads.example\n");
  bench.settings.blocklistFiles = {path};
  bench.start();
  fs::remove(path);
  CHECK(bench.keeper->reload()->starts_with("ads: " + path + ": No such file"));
  CHECK(bench.decision("ads.example") == "NXDOMAIN ads");
  folder.write("ads", "<html>\n");
  CHECK(bench.keeper->reload()->starts_with("ads: " + path + ":1: not a rule"));
  CHECK(bench.decision("ads.example") == "NXDOMAIN ads");
  CHECK(bench.keeper->rows().front().error.find(":1:") != std::string::npos);
  CHECK(bench.keeper->failures() == 2);
  folder.write("ads", "new.example\n");
  REQUIRE(bench.keeper->reload());
  CHECK(bench.decision("new.example") == "NXDOMAIN ads");
  CHECK(bench.decision("ads.example") == "none");
  CHECK(bench.keeper->rows().front().error.empty());
}

TEST_CASE("names added and removed at run time go before all lists and survive reloads") {
  const Folder folder;
  Bench bench;
  bench.settings.blocklistFiles = {folder.write("ads", "ads.example\n")};
  bench.start();
  REQUIRE(bench.keeper->add({"mine.example"}));
  REQUIRE(bench.keeper->remove({"good.ads.example"}));
  folder.write("ads", "ads.example\nmore.example\n");
  REQUIRE(bench.keeper->reload());
  CHECK(bench.decision("a.mine.example") == "NXDOMAIN rec_control");
  CHECK(bench.decision("good.ads.example") == "passthru rec_control");
  CHECK(bench.decision("ads.example") == "NXDOMAIN ads");
  REQUIRE(bench.keeper->remove({"mine.example"}));
  REQUIRE(bench.keeper->add({"good.ads.example"}));
  CHECK(bench.decision("mine.example") == "none");
  CHECK(bench.decision("good.ads.example") == "NXDOMAIN rec_control");
  CHECK_FALSE(bench.keeper->add({"not/a/name"}));
  CHECK_FALSE(bench.keeper->add({"."}));
}

TEST_CASE("what is removed says what became of it, also below a name that was added") {
  const Folder folder;
  Bench bench;
  bench.settings.blocklistFiles = {folder.write("ads", "ads.example\n"), folder.write("more", "@@good.example\n")};
  bench.start();
  REQUIRE(bench.keeper->add({"mine.example"}));
  CHECK(*bench.keeper->remove({"www.mine.example"}) == "www.mine.example: exempt\n");
  CHECK(bench.decision("www.mine.example") == "passthru rec_control");
  CHECK(*bench.keeper->remove({"mine.example", "ads.example", "other.example"}) ==
        "mine.example: no longer blocked\nads.example: exempt\nother.example: is not blocked\n");
  CHECK(*bench.keeper->remove({"ads.example"}) == "ads.example: exempt\n");
}

TEST_CASE("a name that no line of a list could have does not undo the others") {
  Bench bench;
  bench.start();
  REQUIRE(bench.keeper->add({"mine.example"}));
  REQUIRE(bench.keeper->add({"host.1"}));
  CHECK(bench.decision("www.mine.example") == "NXDOMAIN rec_control");
  CHECK(bench.decision("host.1") == "NXDOMAIN rec_control");
}

TEST_CASE("with a file, names added and removed are there after the next start") {
  const Folder folder;
  const std::string ads = folder.write("ads", "ads.example\n"), file = (folder.path / "additions").string();
  const auto begin = [&](Bench& bench) {
    bench.settings.blocklistFiles = {ads};
    bench.settings.blocklistAdditionsFile = file;
    bench.start();
  };
  {
    Bench bench;
    begin(bench);
    REQUIRE(bench.keeper->add({"Mine.example", "other.example"}));
    REQUIRE(bench.keeper->remove({"good.ads.example", "other.example"}));
  }
  std::ofstream(file, std::ios::app) << "nonsense\n||by.hand.example^\n";
  Bench bench;
  begin(bench);
  CHECK(bench.decision("www.mine.example") == "NXDOMAIN rec_control");
  CHECK(bench.decision("by.hand.example") == "NXDOMAIN rec_control");
  CHECK(bench.decision("good.ads.example") == "passthru rec_control");
  CHECK(bench.decision("other.example") == "none");
  CHECK(bench.keeper->rows().front().path == file);
}

TEST_CASE("a file that cannot be written is told, and the names are in force") {
  Bench bench;
  bench.settings.blocklistAdditionsFile = "/nonexistent/folder/additions";
  bench.start();
  const auto said = bench.keeper->add({"mine.example"});
  REQUIRE(said);
  CHECK(said->starts_with("mine.example: blocked\nbut not for the next start: "));
  CHECK(bench.decision("mine.example") == "NXDOMAIN rec_control");
}

TEST_CASE("shadow mode is changed by the list's name, and hits are kept when the list is read again") {
  const Folder folder;
  Bench bench;
  bench.settings.blocklistFiles = {folder.write("ads", "ads.example\n")};
  bench.start();
  REQUIRE(bench.keeper->setShadow("ads", true));
  CHECK(bench.decision("ads.example") == "none");
  REQUIRE(bench.keeper->setShadow("ads", false));
  CHECK(bench.decision("ads.example") == "NXDOMAIN ads");
  CHECK_FALSE(bench.keeper->setShadow("other", true));
  const auto lists = bench.board.current();
  const base::Address client;
  const dns::Question question{*dns::Name::parse("ads.example"), dns::RRType::A, dns::RRClass::IN};
  lists->onName(question.name, {.client = client, .question = question}).source->hits->applied = 7;
  folder.write("ads", "ads.example\nmore.example\n");
  REQUIRE(bench.keeper->reload());
  CHECK(bench.keeper->rows().front().applied == 7);
}

TEST_CASE("each file of the directory is a list, allow lists by their name; one that goes ends its list") {
  const Folder folder;
  Bench bench;
  folder.write("ads", "ads.example\n");
  folder.write("good.allow", "good.ads.example\n");
  folder.write("unfinished.tmp", "unfinished.example\n");
  bench.settings.blocklistDir = folder.path.string();
  bench.start();
  CHECK(bench.decision("ads.example") == "NXDOMAIN ads");
  CHECK(bench.decision("good.ads.example") == "passthru good.allow");
  CHECK(bench.decision("unfinished.example") == "none");
  folder.write("more", "more.example\n");
  fs::remove(folder.path / "good.allow");
  REQUIRE(bench.keeper->reload());
  CHECK(bench.decision("more.example") == "NXDOMAIN more");
  CHECK(bench.decision("good.ads.example") == "NXDOMAIN ads");
}

TEST_CASE("lists that the Lua configuration declares have their options, and other ones when it is read again") {
  const Folder folder;
  Bench bench;
  const std::string path = folder.write("ads", "ads.example\n");
  bench.start({{path, {{"action", {"nodata"}}, {"name", {"first"}}}, "lua:1"}});
  CHECK(bench.decision("ads.example") == "NODATA first");
  REQUIRE(bench.keeper->declare({{path, {{"action", {"drop"}}}, "lua:1"}}));
  CHECK(bench.decision("ads.example") == "drop ads");
  CHECK(bench.keeper->loads() == 1); // the file is the same
  CHECK_FALSE(bench.keeper->declare({{path, {{"action", {"nonsense"}}}, "lua:1"}}));
  CHECK_FALSE(bench.keeper->declare({{path, {}, "lua:1"}, {path, {}, "lua:2"}}));
  CHECK(bench.decision("ads.example") == "drop ads");
  REQUIRE(bench.keeper->declare({}));
  CHECK(bench.board.current() == nullptr);
}
