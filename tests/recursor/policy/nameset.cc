// Names packed, found, and taken over from one set to the next.
#include "recursor/policy/nameset.hh"

#include <algorithm>
#include <catch2/catch.hpp>
#include <map>
#include <random>
#include <set>

#include "recursor/policy/listcompiler.hh"

using rec::NameProbe;
using rec::NameSet;
using rec::NameSetBuilder;
using rec::PackedName;
using rec::RuleKind;

namespace {

dns::Name name(const std::string& text) { return *dns::Name::parse(text); }

std::shared_ptr<const NameSet> setOf(const std::vector<std::pair<std::string, RuleKind>>& rules) {
  NameSetBuilder builder;
  builder.beginChunk(1);
  for (const auto& [text, kind] : rules) {
    REQUIRE(builder.add(text, kind));
  }
  builder.endChunk();
  return builder.finish();
}

bool holds(const NameSet& set, const std::string& text) { return set.find(text, rec::hashOfText(text)) != 0; }

std::string matched(const NameSet& set, const std::string& text, bool allowing = false) {
  const NameProbe probe(name(text));
  const auto match = set.match(probe, allowing);
  return match ? std::string(probe.text(match->suffix)) : "";
}

rec::CompiledListPtr compiled(const std::string& text, rec::CompiledListPtr old = nullptr) {
  rec::ListCompiler compiler("list", rec::ListFormat::Auto, std::move(old), text.size());
  compiler.feed(text);
  auto list = compiler.finish({.malformedPercent = 100, .shrinkPercent = 100});
  REQUIRE(list);
  return *list;
}

} // namespace

TEST_CASE("names are packed without loss, in lower case, whatever their length") {
  for (std::string text = "a"; text.size() <= 60; text += "b") {
    const auto packed = PackedName::pack(text);
    REQUIRE(packed);
    CHECK(rec::unpackedName(packed->words().data()) == text);
    CHECK(rec::wordsOfName(packed->words().data()) == packed->words().size());
  }
  CHECK(rec::unpackedName(PackedName::pack("Ads-1_X.ExAmple.COM")->words().data()) == "ads-1_x.example.com");
}

TEST_CASE("a part of a name that is looked up is packed as the names of lists are") {
  for (std::string text = "a"; text.size() <= 60; text += text.size() % 9 == 0 ? "." : "7") {
    if (const auto packed = PackedName::pack(text)) {
      const auto probed = PackedName::packProbed(text);
      REQUIRE(probed);
      CHECK(std::ranges::equal(probed->words(), packed->words()));
    }
  }
  CHECK_FALSE(PackedName::packProbed("a b"));
  CHECK_FALSE(PackedName::packProbed("abc/"));
  CHECK_FALSE(PackedName::packProbed("m\xC3\xBCller.de"));
}

TEST_CASE("a name is taken apart into its parents, in lower case, whatever the size of its labels") {
  const std::string odd(46, 'X'); // its length octet is that of a dot
  const NameProbe probe(name("WWW." + odd + ".Example"));
  REQUIRE(probe.suffixes().size() == 3);
  CHECK(probe.text() == "www." + std::string(46, 'x') + ".example");
  CHECK(probe.text(probe.suffixes()[1]) == std::string(46, 'x') + ".example");
  CHECK(probe.suffixes()[2].hash == rec::hashOfText("example"));
  CHECK(NameProbe(dns::Name()).suffixes().empty());
  CHECK(NameProbe(dns::Name()).text().empty());
}

TEST_CASE("the index tells nearly all names that are listed from those that are not before names are compared") {
  std::vector<std::pair<std::string, RuleKind>> rules;
  for (int i = 0; i < 3000; ++i) rules.emplace_back("n" + std::to_string(i) + ".example", RuleKind::Tree);
  const auto set = setOf(rules);
  const auto mayHave = [&set](const std::string& text) {
    const std::uint64_t hash = rec::hashOfText(text);
    set->prefetch(hash);
    const std::size_t chunk = set->prefetchChunk(hash);
    if (chunk != 0) set->prefetchNames(chunk);
    return chunk != 0;
  };
  int listed = 0, others = 0;
  for (int i = 0; i < 3000; ++i) {
    listed += mayHave("n" + std::to_string(i) + ".example") ? 1 : 0;
    others += mayHave("other" + std::to_string(i) + ".example") ? 1 : 0;
  }
  CHECK(listed > 2000); // others are not in their own bucket, which is full
  CHECK(others < 500);  // parts of hashes are equal
  CHECK(NameSetBuilder().finish()->prefetchChunk(1) == 0);
}

TEST_CASE("what is no host name is not packed") {
  for (const std::string text : {"", ".", "a..b", ".a", "a.", "a b", "a/b", "m\xC3\xBCller.de", "*.a"}) {
    CHECK_FALSE(PackedName::pack(text));
  }
  CHECK_FALSE(PackedName::pack(std::string(64, 'a') + ".b"));
  CHECK(PackedName::pack(std::string(63, 'a') + ".b"));
  std::string longest;
  while (longest.size() < 252) longest += "a.";
  CHECK(PackedName::pack(longest + "a"));
  CHECK_FALSE(PackedName::pack(longest + "aa"));
}

TEST_CASE("the kind of a rule says whether it concerns the name, what is below, or both") {
  const auto set = setOf({{"tree.example", RuleKind::Tree},
                          {"exact.example", RuleKind::Exact},
                          {"below.example", RuleKind::Below},
                          {"free.tree.example", RuleKind::AllowTree}});
  CHECK(matched(*set, "tree.example") == "tree.example");
  CHECK(matched(*set, "a.B.Tree.example") == "tree.example");
  CHECK(matched(*set, "xtree.example").empty());
  CHECK(matched(*set, "exact.example") == "exact.example");
  CHECK(matched(*set, "a.exact.example").empty());
  CHECK(matched(*set, "below.example").empty());
  CHECK(matched(*set, "a.below.example") == "below.example");
  CHECK(matched(*set, "a.free.tree.example", true) == "free.tree.example");
  CHECK(matched(*set, "tree.example", true).empty());
  CHECK(matched(*set, ".").empty());
}

TEST_CASE("a dot inside a label does not make another name of it") {
  const auto set = setOf({{"a.b.example", RuleKind::Tree}, {"example.org", RuleKind::Tree}});
  CHECK(matched(*set, "a\\.b.example").empty());
  CHECK(matched(*set, "x\\.y.example.org") == "example.org");
}

TEST_CASE("a set of random names has each of them and no others, also when it was made from an older one") {
  std::mt19937 random(7);
  const auto label = [&random] {
    std::string text;
    for (auto i = 1 + random() % 12; i > 0; --i) text += "abcdefghijklmnopqrstuvwxyz0123456789-_"[random() % 38];
    return text;
  };
  std::vector<std::string> names(20'000);
  for (std::string& each : names) each = label() + "." + label() + (random() % 2 == 0 ? ".com" : ".example.net");
  rec::CompiledListPtr list;
  for (int round = 0; round < 6; ++round) {
    std::string text;
    for (const std::string& each : names) text += each + "\n";
    list = compiled(text, list);
    const std::set<std::string> all(names.begin(), names.end());
    CHECK(list->names->names() == names.size());
    CHECK(list->lines == names.size());
    bool good = true;
    for (const std::string& each : names) good = good && holds(*list->names, each);
    CHECK(good);
    unsigned wrong = 0;
    for (int i = 0; i < 20'000; ++i) {
      const std::string other = label() + "." + label() + ".com";
      wrong += holds(*list->names, other) != all.contains(other) ? 1U : 0U;
    }
    CHECK(wrong == 0);
    std::vector<std::string> gone;
    for (std::size_t at = random() % 100; at < names.size(); at += round == 4 ? 2 : 100) {
      gone.push_back(names[at]);
      names[at] = label() + "." + label() + ".org";
    }
    names.insert(names.begin() + static_cast<long>(random() % names.size()), label() + ".inserted.example");
    names.erase(names.begin() + static_cast<long>(random() % names.size()));
  }
}

TEST_CASE("a small difference takes over nearly all chunks, and names that went are gone") {
  std::string text;
  for (int i = 0; i < 10'000; ++i) text += "name" + std::to_string(i) + ".example.com\n";
  const auto before = compiled(text);
  const auto at = text.find("name5000.");
  auto changed = text;
  changed.replace(at, 4, "other");
  const auto after = compiled(changed, before);
  CHECK(holds(*after->names, "other5000.example.com"));
  CHECK_FALSE(holds(*after->names, "name5000.example.com"));
  CHECK(holds(*before->names, "name5000.example.com"));
  CHECK(after->names->names() == 10'000);
  CHECK(after->names->bytes() < before->names->bytes() + 20'000);
}

TEST_CASE("a name that stands in a list twice is there until both are gone") {
  const auto twice = compiled("one.example\ntwo.example\none.example\n");
  const auto once = compiled("two.example\none.example\n", twice);
  CHECK(holds(*once->names, "one.example"));
  CHECK_FALSE(holds(*compiled("two.example\n", once)->names, "one.example"));
}

TEST_CASE("an empty set has no names") {
  const auto none = compiled("");
  CHECK(none->names->names() == 0);
  CHECK_FALSE(holds(*none->names, "a.example"));
  CHECK_FALSE(holds(*compiled("# nothing\n", compiled("a.example\n"))->names, "a.example"));
}

TEST_CASE("a list that grows while half of it is replaced leaves room in the index: a look-up ends") {
  std::mt19937 random(7);
  const auto list = [](std::size_t kept, std::size_t from, std::size_t to) {
    std::string text;
    for (std::size_t i = 0; i < to; ++i) {
      if (i < kept || i >= from) text += "n" + std::to_string(i) + ".example.com\n";
    }
    return text;
  };
  auto last = compiled(list(20000, 20000, 20000));
  CHECK(last->names->load() <= 81);
  for (std::size_t round = 0; round < 6; ++round) { // the second half is another one each time, and a little longer
    const std::size_t from = 20000 + round * 12000;
    last = compiled(list(10000, from, from + 11800), last);
    CHECK(last->names->load() < 95);
    CHECK(last->names->names() == 21800);
    CHECK(holds(*last->names, "n9999.example.com"));
    CHECK(holds(*last->names, "n" + std::to_string(from + 11799) + ".example.com"));
    CHECK_FALSE(holds(*last->names, "n" + std::to_string(from - 1) + ".example.com"));
    for (int i = 0; i < 1000; ++i) CHECK_FALSE(holds(*last->names, std::to_string(random()) + ".example.net"));
  }
}

TEST_CASE("a list that repeats itself is compiled, found in, and taken over like any other") {
  std::string text;
  for (int i = 0; i < 20'000; ++i) text += i % 100 < 98 ? "ads.example\n" : "more.example\n";
  text += "other.example\n";
  auto list = compiled(text);
  CHECK(holds(*list->names, "ads.example"));
  list = compiled(text + "third.example\n", list);
  for (const char* listed : {"ads.example", "other.example", "third.example"}) CHECK(holds(*list->names, listed));
  // The chunks that were in the index go, others of the same name stay.
  list = compiled("first.example\n" + text.substr(text.find('\n', text.size() / 2) + 1), list);
  for (const char* listed : {"ads.example", "other.example", "first.example"}) CHECK(holds(*list->names, listed));
  CHECK_FALSE(holds(*list->names, "third.example"));
  list = compiled("other.example\nads.example\n", list);
  CHECK(holds(*list->names, "ads.example"));
  list = compiled("other.example\n", list);
  CHECK_FALSE(holds(*list->names, "ads.example"));
}
