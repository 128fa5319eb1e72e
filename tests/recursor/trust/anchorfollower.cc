// The follower of trust anchors with a zone of its own, a clock moved by hand and a process that may end at any step.
#include "recursor/trust/anchorfollower.hh"

#include <catch2/catch.hpp>

#include "lib/coro/root.hh"
#include "recursor/trust/anchorstore.hh"
#include "recursor/trust/configured.hh"
#include "recursor/trust/statefile.hh"
#include "tests/lib/dnssec/support.hh"
#include "tests/recursor/config/tempdir.hh"

using namespace rec;
using namespace dnssectest;
using std::chrono::days;
using std::chrono::hours;

namespace {

constexpr std::string_view kZone = "example.test.";

// The zone: its servers answer with these keys, signed by those.
struct Zone final : KeySource {
  const base::Clock& clock;
  std::vector<Signer> keys, signers;
  bool isDown = false;
  std::vector<std::string> asked;

  explicit Zone(const base::Clock& by) : clock(by) {}
  coro::Task<dns::RRset> dnskeys(dns::Name zone) override {
    asked.push_back(zone.text() + " DNSKEY");
    co_return isDown || zone != name(kZone) ? dns::RRset() : set();
  }
  coro::Task<void> signal(dns::Name name) override {
    asked.push_back(name.text() + " NULL");
    co_return;
  }
  [[nodiscard]] dns::RRset set() const {
    std::vector<Octets> rdatas, signatures;
    for (const Signer& key : keys) rdatas.push_back(key.dnskey());
    const auto bare = keySet(kZone, rdatas);
    for (const Signer& signer : signers) {
      signatures.push_back(signer.sign(bare, [this](SignatureFields& fields) {
        fields.inception = static_cast<std::uint32_t>(clock.wall().time_since_epoch().count()) - 3600;
        fields.expiration = fields.inception + 10 * 86400;
      }));
    }
    return withSignatures(bare, signatures);
  }
};

Signer key(unsigned seed) { return Signer(kZone, seed); }
Signer revoked(unsigned seed) { return Signer(kZone, seed, 257 | 0x80); }

// A process: what is lost when it ends.
struct Process {
  TrustAnchors anchors;
  AnchorStore store;
  AnchorFollower follower;
  coro::Roots roots{[](const std::string& what) { FAIL(what); }};

  Process(const AnchorSnapshot& given, const std::string& path, coro::Loop& loop, KeySource& source,
          AnchorFollower::Options options)
      : anchors(given), store(path),
        follower(anchors, std::move(options), store.load(), [this](const std::string& text) { store.save(text); }) {
    follower.configure(given.positive, loop.wall());
    follower.attach(loop, source);
  }
};

struct Fixture {
  TempDir dir;
  base::ManualClock clock;
  coro::Loop loop{clock};
  Zone zone{clock};
  AnchorSnapshot given;
  AnchorFollower::Options options;
  std::string path = dir.path() + "/anchors";
  std::unique_ptr<Process> process;

  Fixture() {
    options.signal = false;
    configure({key(1)});
    publish({key(1)}, {key(1)});
    restart();
  }
  void configure(const std::vector<Signer>& configured) {
    dns::RRsetBuilder builder(name(kZone), dns::RRType::DS, dns::RRClass::IN, 1);
    for (const Signer& signer : configured) builder.add(signer.ds().front());
    given.positive = {{name(kZone), builder.build()}};
  }
  void publish(std::vector<Signer> keys, std::vector<Signer> signers) {
    zone.keys = std::move(keys);
    zone.signers = std::move(signers);
  }
  void restart() { process = std::make_unique<Process>(given, path, loop, zone, options); } // as after kill -9
  void round() {
    process->roots.spawn(process->follower.round());
    CHECK(process->roots.running() == 0);
  }
  void pass(std::chrono::seconds time) {
    clock.advance(time);
    round();
  }
  [[nodiscard]] dns::RRset trusted() const {
    const auto snapshot = process->anchors.snapshot();
    const auto found = snapshot->positive.find(name(kZone));
    return found == snapshot->positive.end() ? dns::RRset() : found->second;
  }
  [[nodiscard]] bool trusts(const Signer& signer) const {
    if (!trusted()) return false;
    for (const auto ds : trusted().rdatas()) {
      if (std::ranges::equal(ds, signer.ds().front())) return true;
    }
    return false;
  }
  // Whether what the zone serves now would validate.
  [[nodiscard]] bool validates() const {
    dnssec::Effort effort;
    return trusted() &&
           !dnssec::verifyKeySet(zone.set(), trusted(), options.policy, clock.wall(), effort, nullptr).finding;
  }
  [[nodiscard]] std::string saved() const {
    const auto text = readWhole(path);
    return text && *text ? **text : "";
  }
};

// A whole roll-over from key 1 to key 2, a step a day.
void rollOver(Fixture& test, const std::function<void()>& eachDay) {
  const auto live = [&](int count) {
    for (int at = 0; at < count; ++at) {
      eachDay();
      test.pass(days(1));
      CHECK(test.validates());
    }
  };
  live(3);
  test.publish({key(1), key(2)}, {key(1)});
  live(35);
  test.publish({key(1), key(2)}, {key(2)});
  live(5);
  test.publish({revoked(1), key(2)}, {revoked(1), key(2)});
  live(5);
  test.publish({key(2)}, {key(2)});
  live(35);
  CHECK(test.trusts(key(2)));
  CHECK_FALSE(test.trusts(key(1)));
}

} // namespace

TEST_CASE("a roll-over is followed without a day on which the zone would not validate") {
  Fixture test;
  rollOver(test, [] {});
}

TEST_CASE("the same with a process that is killed every day") {
  Fixture test;
  rollOver(test, [&test] { test.restart(); });
  CHECK(test.saved().find("key removed") != std::string::npos);
}

TEST_CASE("killed in the middle of writing, the old state or the new one is there") {
  Fixture test;
  test.publish({key(1), key(2)}, {key(1)});
  test.pass(hours(2));
  const auto before = test.saved();
  test.pass(days(30));
  const auto after = test.saved();
  REQUIRE(before != after);
  for (std::size_t size = 0; size <= after.size(); size += 7) {
    test.dir.write("anchors", before);
    test.dir.write("anchors.new", after.substr(0, size));
    test.restart();
    CHECK(test.trusts(key(1)));
    CHECK_FALSE(test.trusts(key(2)));
  }
  test.round();
  CHECK(test.trusts(key(2)));
}

TEST_CASE("a file that is cut off anywhere is set aside, the configured anchors serve") {
  Fixture test;
  test.publish({key(1), key(2)}, {key(1)});
  test.pass(hours(2));
  const auto whole = test.saved();
  for (std::size_t size = 0; size < whole.size(); size += 13) {
    test.dir.write("anchors", whole.substr(0, size));
    test.restart();
    CAPTURE(size);
    CHECK(test.trusts(key(1)));
    CHECK(test.trusted().count() == 1);
    CHECK_FALSE(std::filesystem::exists(test.path));
    CHECK(std::filesystem::exists(test.path + ".damaged"));
  }
  test.round();
  CHECK(parseAnchorState(test.saved()));
}

TEST_CASE("a state that came from other anchors is not used, new ones that are configured are added") {
  Fixture test;
  test.round();
  test.configure({key(3)});
  test.restart();
  CHECK_FALSE(test.trusts(key(1)));
  CHECK(test.trusts(key(3)));
  test.configure({key(1), key(2)});
  test.restart();
  CHECK(test.trusts(key(1)));
  CHECK(test.trusts(key(2)));
}

TEST_CASE("without a folder the state lives in memory") {
  Fixture test;
  test.path = test.dir.path() + "/no/such/folder/anchors";
  test.restart();
  test.publish({key(1), key(2)}, {key(1)});
  test.round();
  test.pass(days(31));
  CHECK(test.trusts(key(2)));
  CHECK_FALSE(std::filesystem::exists(test.path));
}

TEST_CASE("a set that an attacker signed changes nothing, neither does silence") {
  Fixture test;
  test.round();
  test.publish({key(5)}, {key(5)});
  test.pass(days(20));
  test.pass(days(20));
  CHECK(test.trusts(key(1)));
  CHECK_FALSE(test.trusts(key(5)));
  test.zone.isDown = true;
  test.pass(days(40));
  CHECK(test.trusts(key(1)));
}

TEST_CASE("the zone is asked at the start and when it is due, not in between") {
  Fixture test;
  test.round();
  test.round();
  CHECK(test.zone.asked.size() == 1);
  test.pass(std::chrono::minutes(59));
  CHECK(test.zone.asked.size() == 1);
  test.pass(std::chrono::minutes(1));
  CHECK(test.zone.asked.size() == 2);
  test.restart();
  test.round();
  CHECK(test.zone.asked.size() == 3);
}

TEST_CASE("a zone whose anchors the operator cleared is left alone until the configuration is read again") {
  Fixture test;
  test.round();
  REQUIRE(test.process->anchors.clear(name(kZone)));
  test.pass(days(1));
  test.pass(days(1));
  CHECK_FALSE(test.trusted());
  CHECK(test.zone.asked.size() == 2);
  test.process->anchors.reset(test.given, {});
  test.process->follower.configure(test.given.positive, test.clock.wall());
  test.round();
  CHECK(test.trusts(key(1)));
}

TEST_CASE("reading the configuration again keeps what was learnt") {
  Fixture test;
  test.publish({key(1), key(2)}, {key(1)});
  test.round();
  test.pass(days(31));
  REQUIRE(test.trusts(key(2)));
  test.process->anchors.reset(test.given, {});
  CHECK_FALSE(test.trusts(key(2)));
  test.process->follower.configure(test.given.positive, test.clock.wall());
  CHECK(test.trusts(key(2)));
}

TEST_CASE("when all keys are revoked the zone has no anchor any more, also after a restart") {
  Fixture test;
  test.round();
  test.publish({revoked(1)}, {revoked(1)});
  test.pass(days(1));
  CHECK_FALSE(test.trusted());
  test.restart();
  CHECK_FALSE(test.trusted());
  const auto asked = test.zone.asked.size();
  test.pass(days(1));
  CHECK(test.zone.asked.size() == asked);
}

TEST_CASE("anchors that are not followed stay as they are configured") {
  Fixture test;
  test.options.follow = false;
  test.restart();
  test.publish({key(1), key(2)}, {key(1)});
  test.pass(days(31));
  test.pass(days(31));
  CHECK(test.zone.asked.empty());
  CHECK(test.trusts(key(1)));
  CHECK(test.trusted().count() == 1);
}

TEST_CASE("the key tags are told once a day, those of every anchor") {
  Fixture test;
  test.options.follow = false;
  test.options.signal = true;
  test.restart();
  REQUIRE(test.process->anchors.add(name("other.test"), "4660 8 2 " + std::string(64, 'A')));
  test.round();
  CHECK(test.zone.asked.size() == 2);
  CHECK(test.zone.asked.at(1) == "_ta-1234.other.test. NULL");
  test.pass(hours(23));
  CHECK(test.zone.asked.size() == 2);
  test.pass(hours(1));
  CHECK(test.zone.asked.size() == 4);
}
