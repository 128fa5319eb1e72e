// Unit tests of dns::Name.
#include "lib/dns/name.hh"

#include <algorithm>
#include <unordered_set>

#include "lib/dns/fold.hh"
#include "tests/lib/dns/support.hh"

using dns::Name;
using dnstest::name;

namespace {

std::string repeated(std::string_view piece, std::size_t times) {
  std::string out;
  for (std::size_t i = 0; i < times; ++i) {
    out += piece;
  }
  return out;
}

} // namespace

TEST_CASE("names are read and printed in presentation format") {
  CHECK(name("").text() == ".");
  CHECK(name(".").isRoot());
  CHECK(name("Example.COM").text() == "Example.COM.");
  CHECK(name("example.com.").labelCount() == 2);
  CHECK(name("example.com.").wireSize() == 13);
  CHECK(name("a.b.c").label(0) == "a");
  CHECK(name("a.b.c").label(2) == "c");
  CHECK(name("*.example").isWildcard());
  CHECK_FALSE(name("*a.example").isWildcard());
}

TEST_CASE("escapes stand for any octet") {
  CHECK(name("a\\.b.c").labelCount() == 2);
  CHECK(name("a\\.b.c").label(0) == "a.b");
  CHECK(name("a\\.b.c").text() == "a\\.b.c.");
  CHECK(name("\\000\\255\\032.x").text() == "\\000\\255\\032.x.");
  CHECK(name("\\097").text() == "a.");
  CHECK(name("\\\\").text() == "\\\\.");
  CHECK(name("a\\;\\(\\)\\@\\$\\\"b").text() == "a\\;\\(\\)\\@\\$\\\"b.");
}

TEST_CASE("what is no name is refused") {
  for (const char* text : {"..", ".com", "a..b", "a.b..", "\\", "a\\", "\\1", "\\12", "\\256", "\\999", "\\12x"}) {
    INFO(text);
    CHECK_FALSE(Name::parse(text));
  }
}

TEST_CASE("a label has at most 63 octets") {
  CHECK(Name::parse(repeated("a", 63)));
  CHECK_FALSE(Name::parse(repeated("a", 64)));
  CHECK(Name::parse(repeated("\\255", 63) + ".com"));
  CHECK_FALSE(Name::parse(repeated("\\255", 64) + ".com"));
}

TEST_CASE("a name has at most 255 octets and 127 labels") {
  CHECK(name(repeated("a.", 127)).wireSize() == 255);
  CHECK(name(repeated("a.", 127)).labelCount() == 127);
  CHECK_FALSE(Name::parse(repeated("a.", 128)));
  const std::string three = repeated(repeated("x", 63) + ".", 3);
  CHECK(name(three + repeated("y", 61)).wireSize() == 255);
  CHECK_FALSE(Name::parse(three + repeated("y", 62)));
  CHECK_FALSE(Name::parse(three + repeated("y", 62) + "."));
}

TEST_CASE("case is kept but not compared") {
  const Name upper = name("WWW.Example.COM");
  const Name lower = name("www.example.com");
  CHECK(upper == lower);
  CHECK(upper.hash() == lower.hash());
  CHECK_FALSE(upper.identicalTo(lower));
  CHECK(upper.lowercased().identicalTo(lower));
  CHECK((upper <=> lower) == std::weak_ordering::equivalent);
  CHECK(name("a[.com") != name("a{.com")); // 0x20 apart, but no letters
  CHECK(name("a@.com") != name("a`.com"));
  CHECK(name("\\193.x") != name("\\225.x"));
}

TEST_CASE("every octet folds as in ASCII, at every position and size") {
  for (std::size_t size = 1; size <= 24; ++size) {
    for (int value = 0; value < 256; ++value) {
      std::string label(size, 'q');
      label[size / 2] = static_cast<char>(value);
      const Name made = *Name().withLabel(label);
      const bool capital = value >= 'A' && value <= 'Z';
      label[size / 2] = static_cast<char>(capital ? value + 32 : value);
      const Name wanted = *Name().withLabel(label);
      const bool good = made == wanted && made.hash() == wanted.hash() && made.lowercased().identicalTo(wanted);
      REQUIRE(good);
      label[size / 2] ^= 0x20;
      const bool letter = (value | 0x20) >= 'a' && (value | 0x20) <= 'z';
      REQUIRE((made == *Name().withLabel(label)) == letter);
    }
  }
}

TEST_CASE("the canonical order is that of RFC 4034 6.1") {
  const std::vector<Name> ordered = {name("example"),         name("a.example"),      name("yljkjljk.a.example"),
                                     name("Z.a.example"),     name("zABC.a.EXAMPLE"), name("z.example"),
                                     name("\\001.z.example"), name("*.z.example"),    name("\\200.z.example")};
  std::vector<Name> shuffled = ordered;
  std::reverse(shuffled.begin(), shuffled.end());
  std::sort(shuffled.begin(), shuffled.end());
  CHECK(shuffled == ordered);
  CHECK(Name() < name("example"));
  CHECK(name("a.b") < name("aa.b"));
}

TEST_CASE("a name is within its ancestors only") {
  const Name www = name("www.example.com");
  CHECK(www.isWithin(name("EXAMPLE.com")));
  CHECK(www.isWithin(www));
  CHECK_FALSE(www.isBelow(www));
  CHECK(www.isBelow(name("com")));
  CHECK(www.isWithin(Name()));
  CHECK_FALSE(www.isWithin(name("ample.com")));
  CHECK_FALSE(name("com").isWithin(www));
  // The octets of a suffix may stand inside a label.
  CHECK_FALSE(name("x\\003com.org").isWithin(name("com.org")));
}

TEST_CASE("parents, suffixes and common ancestors are parts of the name") {
  const Name www = name("www.Example.com");
  CHECK(www.parent().identicalTo(name("Example.com")));
  CHECK(Name().parent().isRoot());
  CHECK(www.suffix(1) == name("com"));
  CHECK(www.suffix(0).isRoot());
  CHECK(www.suffix(3).identicalTo(www));
  CHECK(www.commonAncestor(name("ftp.EXAMPLE.com")) == name("example.com"));
  CHECK(www.commonAncestor(name("www.example.org")).isRoot());
  CHECK(www.commonAncestor(name("a.www.example.com")) == www);
}

TEST_CASE("a label in front is refused when the name gets too long") {
  CHECK(name("com").withLabel("a.b")->text() == "a\\.b.com.");
  CHECK_FALSE(name("com").withLabel(""));
  CHECK_FALSE(name("com").withLabel(std::string(64, 'a')));
  const Name longest = name(repeated("a.", 126));
  CHECK(longest.wireSize() == 253);
  CHECK(longest.withLabel("b")->wireSize() == 255);
  CHECK_FALSE(longest.withLabel("bc"));
}

TEST_CASE("replacing a suffix keeps the front and minds the limit (RFC 6672 2.2)") {
  const Name from = name("old.example");
  CHECK(name("A.b.OLD.example").withSuffixReplaced(from, name("new.test"))->text() == "A.b.new.test.");
  CHECK(from.withSuffixReplaced(from, name("x"))->text() == "x.");
  CHECK(from.withSuffixReplaced(Name(), name("x"))->text() == "old.example.x.");
  CHECK(name("a.old.example").withSuffixReplaced(from, Name())->text() == "a.");
  const Name big = name(repeated("a.", 120) + "old.example");
  CHECK(big.withSuffixReplaced(from, name("0123456789.1"))->wireSize() == 254);
  CHECK(big.withSuffixReplaced(from, name("0123456789.12"))->wireSize() == 255);
  CHECK_FALSE(big.withSuffixReplaced(from, name("0123456789.123")));
}

TEST_CASE("short and long names are copied, moved and assigned") {
  const Name small = name("a.example");
  const Name large = name(repeated("abcdefgh.", 20));
  for (const Name& from : {small, large}) {
    for (const Name& over : {small, large}) {
      Name copy = over;
      copy = from;
      CHECK(copy.identicalTo(from));
      Name moved = over;
      moved = std::move(copy);
      CHECK(moved.identicalTo(from));
      Name built(std::move(moved));
      CHECK(built.identicalTo(from));
      const Name& same = built;
      built = same;
      CHECK(built.identicalTo(from));
    }
  }
  CHECK(Name::fromWire(large.wire()).identicalTo(large));
  CHECK(name(repeated("a.", 22)).wireSize() == 45); // on both sides of the inline size
  CHECK(name(repeated("a.", 21) + "ab").wireSize() == 46);
  CHECK(name(repeated("a.", 23)).suffix(23) == name(repeated("A.", 23)));
}

TEST_CASE("a hash goes along with its name, and with no other") {
  const auto hashOf = [](const Name& of) { return Name::fromWire(of.wire()).hash(); };
  const Name small = name("a.example");
  const Name large = name(repeated("abcdefgh.", 20));
  for (const Name& from : {small, large}) {
    for (const Name& over : {small, large}) {
      for (const bool isHashed : {false, true}) {
        Name copy = over;
        CHECK(copy.hash() == hashOf(over));
        if (isHashed) static_cast<void>(from.hash());
        copy = from;
        CHECK(copy.hash() == hashOf(from));
        const Name moved = std::move(copy);
        CHECK(moved.hash() == hashOf(from));
        CHECK(copy.hash() == hashOf(copy)); // NOLINT: a name that was moved from is a name
        CHECK(moved.parent().hash() == hashOf(from.parent()));
        CHECK(moved.lowercased().hash() == hashOf(from));
      }
    }
  }
}

TEST_CASE("the letters among eight octets are told from all else") {
  for (unsigned value = 0; value < 256; ++value) {
    const bool letter = (value >= 'A' && value <= 'Z') || (value >= 'a' && value <= 'z');
    for (const unsigned place : {0U, 24U, 56U}) {
      const std::uint64_t word = (0xFF40403F5B60017BULL & ~(0xFFULL << place)) | std::uint64_t{value} << place;
      REQUIRE(dns::letterBits(word) == (letter ? 0x20ULL << place : 0));
    }
  }
}

TEST_CASE("hashes of similar names spread") {
  std::unordered_set<std::size_t> low;
  for (int i = 0; i < 1000; ++i) {
    low.insert(name("h" + std::to_string(i) + ".example.com").hash() & 0xFFFF);
  }
  CHECK(low.size() > 950);
}
