// The saved state of trust anchors: what is written comes back, no part of it is mistaken for the whole.
#include "recursor/trust/anchorstate.hh"

#include <catch2/catch.hpp>

#include "recursor/trust/statefile.hh"
#include "tests/lib/dnssec/support.hh"
#include "tests/recursor/config/tempdir.hh"

using namespace rec;
using namespace dnssectest;
using dnssec::AnchorState;

namespace {

dnssec::AnchorKey key(const char* zone, unsigned seed, AnchorState state) {
  const Signer signer(zone, seed);
  dnssec::AnchorKey made{signer.dnskey(), dnssec::makeDs(signer.zone(), signer.dnskey(), dnssec::DigestType::Sha256)};
  made.state = state;
  made.since = day(3) + std::chrono::seconds(3723);
  made.until = state == AnchorState::Pending ? day(33) : base::WallTime();
  return made;
}

TrustPoints somePoints() {
  TrustPoints points;
  auto& root = points[dns::Name()];
  root.checked = day(4);
  root.succeeded = true;
  root.ttl = 172800;
  root.signatureLife = std::chrono::days(13);
  root.keys = {key(".", 1, AnchorState::Valid), key(".", 2, AnchorState::Pending), key(".", 3, AnchorState::Revoked),
               key(".", 4, AnchorState::Removed), key(".", 5, AnchorState::Missing)};
  auto& island = points[name("a\\032b.example.")];
  island.zone = name("a\\032b.example.");
  island.keys = {key("a\\032b.example.", 6, AnchorState::Valid)};
  island.keys[0].dnskey.clear();
  return points;
}

} // namespace

TEST_CASE("the state that is written is the one that is read") {
  const auto points = somePoints();
  const auto text = anchorStateText(points);
  const auto read = parseAnchorState(text);
  INFO((read ? "" : read.error().message) << "\n" << text);
  REQUIRE(read);
  CHECK(*read == points);
  CHECK(anchorStateText(*read) == text);
}

TEST_CASE("no state at all can be written and read") {
  const auto read = parseAnchorState(anchorStateText({}));
  REQUIRE(read);
  CHECK(read->empty());
}

TEST_CASE("people can read it") {
  const auto text = anchorStateText(somePoints());
  CHECK(text.starts_with("; Trust anchors"));
  CHECK(text.find("\nzone . checked 2026-01-05T00:00:00Z good yes ttl 172800 signed 1123200\n") != std::string::npos);
  CHECK(text.find("\nkey pending since 2026-01-04T01:02:03Z until 2026-02-03T00:00:00Z DNSKEY 257 3 15 ") !=
        std::string::npos);
  CHECK(text.find(" DS ") != std::string::npos);
}

TEST_CASE("a text cut off anywhere is not taken for the whole") {
  const auto text = anchorStateText(somePoints());
  for (std::size_t size = 0; size < text.size(); ++size) {
    CAPTURE(size);
    REQUIRE_FALSE(parseAnchorState(text.substr(0, size)));
  }
}

TEST_CASE("a changed octet anywhere is noticed") {
  const auto text = anchorStateText(somePoints());
  for (std::size_t at = 0; at < text.size(); ++at) {
    auto changed = text;
    changed[at] = static_cast<char>(changed[at] ^ 1);
    CAPTURE(at);
    REQUIRE_FALSE(parseAnchorState(changed));
  }
  CHECK_FALSE(parseAnchorState(text + "\n"));
  CHECK_FALSE(parseAnchorState("\n" + text));
}

TEST_CASE("a file is replaced whole, a missing one is no error") {
  const TempDir dir;
  const auto path = dir.path() + "/state";
  CHECK(folderExists(path));
  CHECK_FALSE(folderExists(dir.path() + "/no/state"));
  REQUIRE(readWhole(path));
  CHECK_FALSE(*readWhole(path));
  REQUIRE(writeWhole(path, "first"));
  CHECK(**readWhole(path) == "first");
  REQUIRE(writeWhole(path, "second, which is longer"));
  CHECK(**readWhole(path) == "second, which is longer");
  REQUIRE(writeWhole(path, "3rd"));
  CHECK(**readWhole(path) == "3rd");
  CHECK_FALSE(std::filesystem::exists(path + ".new"));
  CHECK_FALSE(writeWhole(dir.path() + "/no/state", "x"));
}

TEST_CASE("what a crash left of a new file does not harm the old one") {
  const TempDir dir;
  const auto path = dir.path() + "/state";
  REQUIRE(writeWhole(path, "old"));
  dir.write("state.new", "half of the n");
  CHECK(**readWhole(path) == "old");
  REQUIRE(writeWhole(path, "new"));
  CHECK(**readWhole(path) == "new");
}

TEST_CASE("a damaged file is set aside under another name") {
  const TempDir dir;
  const auto path = dir.write("state", "nonsense");
  REQUIRE(setAside(path));
  CHECK_FALSE(std::filesystem::exists(path));
  CHECK(**readWhole(path + ".damaged") == "nonsense");
  CHECK_FALSE(setAside(path));
}
