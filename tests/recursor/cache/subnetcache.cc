// SubnetCache: which network's answer a client finds, lifetimes, verdicts, limits.
#include "recursor/cache/subnetcache.hh"

#include <catch2/catch.hpp>
#include <random>

#include "tests/recursor/cache/helpers.hh"

using namespace rec;
using namespace std::chrono_literals;
using dns::RRType;
using test::name;
using test::record;

namespace {

base::Netmask net(std::string_view text) { return base::Netmask::parse(text).value(); }

SubnetScope scope(std::string_view network, bool exact = false) {
  const base::Netmask mask = net(network);
  return {mask, mask.bits, exact};
}

struct Fixture {
  explicit Fixture(const SubnetCache::Options& options = {}) : cache(options) {}
  bool store(std::string_view network, std::string_view line, Security security = Security::Indeterminate) {
    return cache.store(record(line), scope(network), Rank::AnswerAuth, security, clock.wall());
  }
  SubnetCache::Found look(std::string_view client, std::string_view owner = "www.test.", RRType type = RRType::A) {
    return cache.find(name(owner), type, net(client), clock.wall());
  }
  std::string find(std::string_view client, std::string_view owner = "www.test.", RRType type = RRType::A) {
    const auto found = look(client, owner, type);
    return found.hit ? dns::rdataText(found.hit->rrset.type(), found.hit->rrset.front()) : "";
  }

  base::ManualClock clock;
  SubnetCache cache;
};

} // namespace

TEST_CASE("a client finds the answer for the longest network that it is in (RFC 7871 7.3.1)") {
  Fixture t;
  REQUIRE(t.store("10.0.0.0/8", "www.test. 60 IN A 192.0.2.8"));
  REQUIRE(t.store("10.1.0.0/16", "www.test. 60 IN A 192.0.2.16"));
  REQUIRE(t.store("10.1.2.0/24", "www.test. 60 IN A 192.0.2.24"));
  REQUIRE(t.store("2001:db8::/32", "www.test. 60 IN A 192.0.2.32"));
  CHECK(t.find("10.1.2.0/24") == "192.0.2.24");
  CHECK(t.find("10.1.3.0/24") == "192.0.2.16");
  CHECK(t.find("10.2.2.0/24") == "192.0.2.8");
  CHECK(t.find("2001:db8:1::/56") == "192.0.2.32");
  CHECK(t.find("11.0.0.0/24").empty());
  CHECK(t.find("2001:db9::/56").empty());
  CHECK(t.look("11.0.0.0/24").varies);
  CHECK(t.look("10.1.2.0/24").scope == scope("10.1.2.0/24"));
  CHECK_FALSE(t.look("10.1.2.0/24", "ftp.test.").varies);
  CHECK(t.find("10.1.2.0/24", "www.test.", RRType::AAAA).empty());
}

TEST_CASE("a client that says less of its address than an answer needs does not find it") {
  Fixture t;
  t.store("10.1.2.0/24", "www.test. 60 IN A 192.0.2.24");
  CHECK(t.find("10.1.0.0/16").empty());
  CHECK(t.find("10.1.2.0/23").empty());
  CHECK(t.find("10.1.2.128/25") == "192.0.2.24");
}

TEST_CASE("what the server wanted to know more for is for the very same network only (RFC 7871 7.3.1)") {
  Fixture t;
  t.cache.store(record("www.test. 60 IN A 192.0.2.1"), scope("10.1.0.0/16", true), Rank::AnswerAuth,
                Security::Indeterminate, t.clock.wall());
  CHECK(t.find("10.1.0.0/16") == "192.0.2.1");
  CHECK(t.find("10.1.2.0/24").empty());
  t.store("10.1.0.0/16", "www.test. 60 IN A 192.0.2.2");
  CHECK(t.find("10.1.0.0/16") == "192.0.2.1");
  CHECK(t.find("10.1.2.0/24") == "192.0.2.2");
}

TEST_CASE("scopes come from what the server said of what it was told") {
  const auto of = [](const char* source, std::uint8_t said) { return SubnetScope::of({net(source), said}, 24); };
  CHECK(of("10.1.2.0/24", 16) == SubnetScope{net("10.1.0.0/16"), 16, false});
  CHECK(of("10.1.2.0/24", 24) == SubnetScope{net("10.1.2.0/24"), 24, false});
  CHECK(of("10.1.2.0/24", 32) == SubnetScope{net("10.1.2.0/24"), 32, false}); // the longest that is ever told
  CHECK(of("10.1.0.0/16", 32) == SubnetScope{net("10.1.0.0/16"), 32, true});
}

TEST_CASE("the CNAME of a name answers its other types") {
  Fixture t;
  t.store("10.0.0.0/8", "www.test. 60 IN CNAME here.test.");
  CHECK(t.find("10.1.2.0/24") == "here.test.");
  CHECK(t.find("10.1.2.0/24", "www.test.", RRType::CNAME) == "here.test.");
  t.store("10.1.0.0/16", "www.test. 60 IN A 192.0.2.1");
  CHECK(t.find("10.1.2.0/24") == "192.0.2.1");
  CHECK(t.find("10.2.2.0/24") == "here.test.");
}

TEST_CASE("a set is found until its TTL has run out, then the one for the network around it") {
  Fixture t;
  t.store("10.1.2.0/24", "www.test. 10 IN A 192.0.2.24");
  t.store("10.0.0.0/8", "www.test. 60 IN A 192.0.2.8");
  t.clock.advance(9s);
  CHECK(t.look("10.1.2.0/24").hit->ttl == 1);
  CHECK(t.look("10.1.2.0/24").hit->originalTtl == 10);
  t.clock.advance(1s);
  CHECK(t.find("10.1.2.0/24") == "192.0.2.8");
  t.clock.advance(50s);
  CHECK(t.find("10.1.2.0/24").empty());
  CHECK_FALSE(t.look("10.1.2.0/24").varies);
}

TEST_CASE("a new answer for a network replaces the old one, which was validated only when this one is") {
  Fixture t;
  t.store("10.0.0.0/8", "www.test. 60 IN A 192.0.2.1");
  CHECK(t.store("10.0.0.0/8", "www.test. 60 IN A 192.0.2.2", Security::Secure));
  CHECK_FALSE(t.store("10.0.0.0/8", "www.test. 60 IN A 192.0.2.3"));
  CHECK(t.find("10.0.0.0/24") == "192.0.2.2");
  CHECK(t.store("10.0.0.0/8", "www.test. 60 IN A 192.0.2.4", Security::Secure));
  CHECK(t.find("10.0.0.0/24") == "192.0.2.4");
  CHECK(t.store("11.0.0.0/8", "www.test. 60 IN A 192.0.2.5"));
  CHECK(t.cache.entries() == 1);
}

TEST_CASE("each network's answer has a verdict of its own, and a bogus one is soon asked for again") {
  Fixture t;
  const auto one = record("www.test. 60 IN A 192.0.2.1"), two = record("www.test. 60 IN A 192.0.2.2");
  t.cache.store(one, scope("10.0.0.0/8"), Rank::AnswerAuth, Security::Indeterminate, t.clock.wall());
  t.cache.store(two, scope("11.0.0.0/8"), Rank::AnswerAuth, Security::Indeterminate, t.clock.wall());
  CHECK(t.cache.judge(one, scope("10.0.0.0/8"), Security::Secure, t.clock.wall()));
  CHECK(t.cache.judge(two, scope("11.0.0.0/8"), Security::Bogus, t.clock.wall()));
  CHECK_FALSE(t.cache.judge(one, scope("11.0.0.0/8"), Security::Secure, t.clock.wall()));
  CHECK_FALSE(t.cache.judge(one, scope("12.0.0.0/8"), Security::Secure, t.clock.wall()));
  CHECK(t.look("10.1.0.0/24").hit->security == Security::Secure);
  CHECK(t.look("11.1.0.0/24").hit->security == Security::Bogus);
  t.clock.advance(5s);
  CHECK(t.look("10.1.0.0/24").hit);
  CHECK_FALSE(t.look("11.1.0.0/24").hit);
}

TEST_CASE("a name has so many networks at most: the next one replaces what has expired, or expires first") {
  Fixture t({.maxNetworks = 3});
  t.store("10.0.0.0/24", "www.test. 30 IN A 192.0.2.1");
  t.store("10.0.1.0/24", "www.test. 10 IN A 192.0.2.2");
  t.store("10.0.2.0/24", "www.test. 60 IN A 192.0.2.3");
  t.store("10.0.3.0/24", "www.test. 60 IN A 192.0.2.4");
  CHECK(t.find("10.0.1.0/24").empty());
  CHECK(t.find("10.0.0.0/24") == "192.0.2.1");
  t.clock.advance(30s);
  t.store("10.0.4.0/24", "www.test. 60 IN A 192.0.2.5");
  t.store("10.0.4.0/24", "www.test. 60 IN A 192.0.2.6");
  CHECK(t.find("10.0.0.0/24").empty());
  CHECK(t.find("10.0.2.0/24") == "192.0.2.3");
  CHECK(t.find("10.0.3.0/24") == "192.0.2.4");
  CHECK(t.find("10.0.4.0/24") == "192.0.2.6");
}

TEST_CASE("many networks, and large answers, take no more bytes than the cache may have") {
  constexpr std::size_t kBytes = 64 << 10;
  Fixture t({.shards = 1, .maxBytes = kBytes, .maxNetworks = 65536});
  const std::string text = " TXT \"" + std::string(200, 'x') + "\"";
  for (int round = 0; round < 2; ++round) { // small ones, then larger ones in their places
    for (int i = 0; i < 400; ++i) {
      const std::string owner = "n" + std::to_string(i % 4) + ".test. 60 IN";
      t.store("10." + std::to_string(i / 256) + "." + std::to_string(i % 256) + ".0/24",
              owner + (round == 0 ? " TXT x" : text));
      REQUIRE(t.cache.bytes() <= kBytes);
    }
  }
  CHECK(t.look("10.1.143.0/24", "n3.test.", RRType::TXT).hit);
  CHECK(t.cache.entries() > 1);
}

TEST_CASE("one name takes half of a shard at most, and lets go of what expires first") {
  constexpr std::size_t kBytes = 64 << 10;
  Fixture t({.shards = 1, .maxBytes = kBytes, .maxNetworks = 65536});
  t.store("11.0.0.0/8", "other.test. 60 IN A 192.0.2.1");
  for (int i = 0; i < 2000; ++i) {
    t.store("10." + std::to_string(i / 256) + "." + std::to_string(i % 256) + ".0/24",
            "www.test. " + std::to_string(60 + i) + " IN A 192.0.2.1");
  }
  CHECK_FALSE(t.find("10.7.207.0/24").empty());
  CHECK(t.find("10.0.0.0/24").empty());
  CHECK_FALSE(t.find("11.0.0.0/24", "other.test.").empty());
  CHECK(t.cache.bytes() <= kBytes * 3 / 4);
  CHECK(t.cache.evicted() == 0);
}

TEST_CASE("what nobody asked for a network of costs nothing, and bytes are counted") {
  Fixture t;
  CHECK(t.cache.bytes() == 0);
  CHECK_FALSE(t.look("10.0.0.0/24").varies);
  t.store("10.0.0.0/24", "www.test. 30 IN A 192.0.2.1");
  const std::size_t one = t.cache.bytes();
  for (int i = 1; i < 100; ++i) {
    t.store("10.0." + std::to_string(i) + ".0/24", "www.test. 30 IN A 192.0.2.1");
  }
  CHECK(t.cache.entries() == 1);
  CHECK(t.cache.bytes() > one + 100 * 64);
  CHECK(t.cache.wipe(name("www.test."), false) == 100);
  CHECK(t.cache.entries() == 0);
  CHECK(t.cache.bytes() < one);
}

TEST_CASE("wiping takes all networks of a name, of one type or of a tree") {
  Fixture t;
  const auto fill = [&t] {
    t.store("10.0.0.0/24", "www.test. 30 IN A 192.0.2.1");
    t.store("11.0.0.0/24", "www.test. 30 IN A 192.0.2.1");
    t.store("10.0.0.0/24", "www.test. 30 IN AAAA 2001:db8::1");
    t.store("10.0.0.0/24", "a.www.test. 30 IN A 192.0.2.1");
    t.store("10.0.0.0/24", "other. 30 IN A 192.0.2.1");
  };
  fill();
  CHECK(t.cache.wipe(name("www.test."), false, RRType::A) == 2);
  CHECK(t.cache.wipe(name("www.test."), false) == 1);
  fill();
  CHECK(t.cache.wipe(name("test."), true) == 4);
  CHECK_FALSE(t.find("10.0.0.0/24", "other.").empty());
}

TEST_CASE("the dump says for whom each set is") {
  Fixture t;
  t.store("10.0.0.0/24", "www.test. 30 IN A 192.0.2.1");
  const std::string text = test::written([&](std::FILE* out) { CHECK(t.cache.dump(out, t.clock.wall()) == 1); });
  CHECK(text.find("www.test.") != std::string::npos);
  CHECK(text.find("subnet=10.0.0.0/24 scope=24") != std::string::npos);
}

TEST_CASE("TTLs are kept within their limits") {
  Fixture t({.maxTtl = 100, .minTtl = 20});
  t.store("10.0.0.0/24", "www.test. 5 IN A 192.0.2.1");
  t.store("11.0.0.0/24", "www.test. 500 IN A 192.0.2.1");
  CHECK(t.look("10.0.0.0/24").hit->ttl == 20);
  CHECK(t.look("11.0.0.0/24").hit->ttl == 100);
  t.cache.setMinTtl(0);
  CHECK_FALSE(t.store("12.0.0.0/24", "www.test. 0 IN A 192.0.2.1"));
}

TEST_CASE("whatever networks there are, the longest that covers the client is found") {
  std::mt19937 random(7); // NOLINT: the same each time
  Fixture t;
  std::vector<base::Netmask> stored;
  const auto some = [&random](unsigned bits) {
    const std::array<std::byte, 4> octets{std::byte{10}, static_cast<std::byte>(random() % 4),
                                          static_cast<std::byte>(random() % 4 * 64), std::byte{0}};
    return base::Netmask::of(base::Address::v4(octets, 0), bits);
  };
  for (int i = 0; i < 300; ++i) {
    const base::Netmask mask = some(static_cast<unsigned>(random() % 25));
    std::erase(stored, mask);
    stored.push_back(mask);
    t.cache.store(record("www.test. 60 IN TXT \"" + mask.text() + "\""), {mask, mask.bits, false}, Rank::AnswerAuth,
                  Security::Indeterminate, t.clock.wall());
    const base::Netmask client = some(16 + static_cast<unsigned>(random() % 9));
    const base::Netmask* best = nullptr;
    for (const base::Netmask& each : stored) {
      best = each.contains(client) && (best == nullptr || each.bits > best->bits) ? &each : best;
    }
    const auto found = t.cache.find(name("www.test."), RRType::TXT, client, t.clock.wall());
    CHECK(found.hit.has_value() == (best != nullptr));
    if (found.hit && best != nullptr) {
      CHECK(found.scope.network == *best);
      CHECK(dns::rdataText(RRType::TXT, found.hit->rrset.front()) == "\"" + best->text() + "\"");
    }
  }
}
