// What the lines of each format mean, and which lists are not taken.
#include "recursor/policy/listcompiler.hh"

#include <catch2/catch.hpp>

using rec::LineMeaning;
using rec::ListFormat;
using rec::RuleKind;

namespace {

struct Collected : rec::RuleSink {
  std::string rules;
  bool name(std::string_view name, RuleKind kind) override {
    constexpr const char* kMarks[] = {"", "=", "*.", "@", "@=", "@*."};
    if (!rec::PackedName::pack(name)) return false;
    rules += (rules.empty() ? "" : " ") + std::string(kMarks[static_cast<int>(kind)]) + std::string(name);
    return true;
  }
  bool pattern(std::string_view regex, bool allowing) override {
    rules += (allowing ? "@/" : "/") + std::string(regex) + "/";
    return true;
  }
};

// The rules of a line, or why there are none.
std::string read(const std::string& line, ListFormat format = ListFormat::Auto) {
  Collected sink;
  switch (rec::readListLine(line, format, sink)) {
  case LineMeaning::Nothing: return "nothing";
  case LineMeaning::Skipped: return "skipped";
  case LineMeaning::Malformed: return "malformed";
  case LineMeaning::Rules: break;
  }
  return sink.rules;
}

base::Result<rec::CompiledListPtr> compile(const std::string& text, rec::CompiledListPtr old = nullptr,
                                           ListFormat format = ListFormat::Auto, std::size_t step = 7) {
  rec::ListCompiler compiler("ads.txt", format, std::move(old), text.size());
  for (std::size_t at = 0; at < text.size(); at += step) compiler.feed(std::string_view(text).substr(at, step));
  return compiler.finish({});
}

} // namespace

TEST_CASE("plain domains block what is below them, too") {
  CHECK(read("ads.example.com") == "ads.example.com");
  CHECK(read("  ads.example.com. # comment\r") == "ads.example.com");
  CHECK(read(".example.com") == "example.com");
  CHECK(read("*.example.com") == "*.example.com");
  CHECK(read("# comment") == "nothing");
  CHECK(read("") == "nothing");
  CHECK(read("error") == "malformed"); // a whole top level domain is not blocked by a word
  CHECK(read("192.0.2.1") == "malformed");
  CHECK(read("<html>") == "malformed");
  CHECK(read("two words.example") == "malformed");
}

TEST_CASE("lines of a hosts file block the names alone, and never the machine's own") {
  CHECK(read("0.0.0.0 ads.example.com") == "=ads.example.com");
  CHECK(read("127.0.0.1\tone.example  two.example # both") == "=one.example =two.example");
  CHECK(read("::1 ads.example.com") == "=ads.example.com");
  CHECK(read("127.0.0.1 localhost") == "nothing");
  CHECK(read("0.0.0.0 0.0.0.0") == "nothing");
  CHECK(read("ads.example.com", ListFormat::Hosts) == "malformed");
  CHECK(read("0.0.0.0 nodots", ListFormat::Hosts) == "malformed");
}

TEST_CASE("wildcards block only what is below them, other lines of such a list the name alone") {
  CHECK(read("*.example.com", ListFormat::Wildcards) == "*.example.com");
  CHECK(read("*.zip", ListFormat::Wildcards) == "*.zip");
  CHECK(read("example.com", ListFormat::Wildcards) == "=example.com");
  CHECK(read("a.*.example.com", ListFormat::Wildcards) == "malformed");
}

TEST_CASE("domain rules of ad blockers, exceptions and comments are understood") {
  CHECK(read("||ads.example.com^") == "ads.example.com");
  CHECK(read("||ads.example.com^|") == "ads.example.com");
  CHECK(read("||zip^") == "zip");
  CHECK(read("||*.example.com^") == "*.example.com");
  CHECK(read("||ads.example.com^$important") == "ads.example.com");
  CHECK(read("@@||good.example.com^") == "@good.example.com");
  CHECK(read("@@||*.good.example^") == "@*.good.example");
  CHECK(read("! comment") == "nothing");
  CHECK(read("[Adblock Plus 2.0]") == "nothing");
  CHECK(read("/^ad[0-9]+\\./") == "/^ad[0-9]+\\./");
  CHECK(read("@@/^good/") == "@/^good/");
}

TEST_CASE("rules that mean nothing to DNS are skipped, never taken for names") {
  for (const std::string line : {"||example.com^$third-party", "||example.com/banner^", "example.com##.ad",
                                 "example.com,b.example#@#.ad", "||ads*.example.com^", "||example.com^$client=1.2.3.4",
                                 "@@||example.com^$script", "||-banner-^*", "|https://example.com^"}) {
    INFO(line);
    CHECK(read(line) == "skipped");
  }
}

TEST_CASE("a list of regular expressions has one a line, with or without slashes") {
  CHECK(read("^ads?\\.", ListFormat::Regex) == "/^ads?\\./");
  CHECK(read("/tracker#1/", ListFormat::Regex) == "/tracker#1/");
  CHECK(read("# comment", ListFormat::Regex) == "nothing");
}

TEST_CASE("the text may come in pieces of any size") {
  std::string text;
  for (int i = 0; i < 500; ++i) text += "name" + std::to_string(i) + ".example\n";
  for (const std::size_t step : {1U, 3U, 100U, 100000U}) {
    const auto list = compile(text, nullptr, ListFormat::Auto, step);
    REQUIRE(list);
    CHECK((*list)->names->names() == 500);
    CHECK((*list)->lines == 500);
  }
}

TEST_CASE("patterns are matched in their order, and found again when the list is compiled anew") {
  const std::string text = "/^ad[0-9]*\\./\nplain.example\n/tracker/\n@@/^good/\n";
  auto list = compile(text);
  REQUIRE(list);
  list = compile(text + "another.example\n", *list);
  REQUIRE(list);
  REQUIRE((*list)->patterns);
  CHECK((*list)->patterns->match("ad7.tracker.example") == "^ad[0-9]*\\.");
  CHECK((*list)->patterns->match("x.Tracker.example") == "tracker");
  CHECK_FALSE((*list)->patterns->match("plain.example"));
  CHECK((*list)->allowPatterns->match("goodness.example"));
  CHECK((*list)->names->names() == 2);
}

TEST_CASE("patterns that cannot be compiled are malformed, and too many are") {
  std::string text;
  for (int i = 0; i < 50; ++i) text += "name" + std::to_string(i) + ".example\n";
  const auto list = compile(text + "/(unclosed/\n");
  REQUIRE(list);
  CHECK((*list)->names->malformed() == 1);
  const auto bad = compile("(a\n", nullptr, ListFormat::Regex);
  REQUIRE_FALSE(bad);
  CHECK(bad.error().message.starts_with("ads.txt:1: not a rule (missing )"));
}

TEST_CASE("a list with too many malformed lines is not taken, and the message says which is the first") {
  std::string text = "good.example\n<html>\n";
  const auto bad = compile(text);
  REQUIRE_FALSE(bad);
  CHECK(bad.error().message ==
        "ads.txt:2: not a rule; 1 of 2 lines are malformed, more than blocklist-max-malformed allows");
  for (int i = 0; i < 20; ++i) text += "name" + std::to_string(i) + ".example\n";
  const auto good = compile(text);
  REQUIRE(good);
  CHECK((*good)->names->malformed() == 1);
}

TEST_CASE("a list that loses nearly all that it had is taken for broken") {
  std::string text;
  for (int i = 0; i < 100; ++i) text += "name" + std::to_string(i) + ".example\n";
  const auto list = compile(text);
  REQUIRE(list);
  CHECK_FALSE(compile("", *list));
  CHECK_FALSE(compile("name1.example\nname2.example\n", *list));
  CHECK(compile(text.substr(0, text.size() / 2), *list));
}

TEST_CASE("a line without an end does not take the memory of the file") {
  const auto list = compile(std::string(300'000, 'x') + "\n", nullptr, ListFormat::Auto, 65536);
  REQUIRE_FALSE(list);
}

TEST_CASE("the byte order mark of an editor is no part of the first name") {
  const auto list = compile("\xEF\xBB\xBF"
                            "first.example\nsecond.example\n");
  REQUIRE(list);
  CHECK((*list)->names->names() == 2);
  CHECK((*list)->names->malformed() == 0);
}
