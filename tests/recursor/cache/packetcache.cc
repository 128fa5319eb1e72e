// The packet cache by itself: keys, limits, eviction, wiping.
#include "recursor/cache/packetcache.hh"

#include <algorithm>
#include <catch2/catch.hpp>
#include <string>

#include "lib/dns/message.hh"

using namespace std::chrono_literals;
using rec::PacketCache;
using rec::PacketKey;

namespace {

constexpr base::WallTime kNow{std::chrono::seconds{1'800'000'000}};

dns::Name name(const std::string& text) { return *dns::Name::parse(text); }

// A question as a packet, which is all that the cache looks at.
std::vector<std::byte> packet(const dns::Name& owner) {
  std::vector<std::byte> buffer(600);
  buffer.resize(dns::writeQuery(buffer, {}, {owner, dns::RRType::A, dns::RRClass::IN}, std::nullopt));
  return buffer;
}

void store(PacketCache& cache, const std::string& text, std::uint8_t flags = 0, std::uint32_t ttl = 60) {
  const dns::Name owner = name(text);
  cache.store({owner.wire(), dns::RRType::A, dns::RRClass::IN, flags}, packet(owner), {}, ttl, kNow);
}

bool has(PacketCache& cache, const std::string& text, std::uint8_t flags = 0, base::WallTime now = kNow) {
  const dns::Name owner = name(text);
  return !cache.find({owner.wire(), dns::RRType::A, dns::RRClass::IN, flags}, now).message.empty();
}

} // namespace

TEST_CASE("a packet is found by its question in any case, and by its flags exactly") {
  PacketCache cache({});
  CHECK_FALSE(has(cache, "www.example.com"));
  store(cache, "www.example.com", PacketKey::DnssecOk);
  CHECK(has(cache, "WWW.example.COM", PacketKey::DnssecOk));
  CHECK_FALSE(has(cache, "www.example.com"));
  CHECK_FALSE(has(cache, "ww.example.com", PacketKey::DnssecOk));
  const dns::Name owner = name("www.example.com");
  CHECK(cache.find({owner.wire(), dns::RRType::AAAA, dns::RRClass::IN, PacketKey::DnssecOk}, kNow).message.empty());
}

TEST_CASE("a look-up in steps finds what one in a single step finds, in an empty cache, too") {
  PacketCache cache({});
  const dns::Name owner = name("www.example.com");
  const PacketKey key{owner.wire(), dns::RRType::A, dns::RRClass::IN, 0};
  const std::uint64_t hash = PacketCache::hashOf(key);
  const auto inSteps = [&] {
    cache.prefetch(hash);
    cache.prefetchEntry(hash);
    return cache.find(key, hash, kNow).message.size();
  };
  CHECK(inSteps() == 0);
  store(cache, "www.example.com");
  CHECK(inSteps() == packet(owner).size());
}

TEST_CASE("a packet goes when its time is over") {
  PacketCache cache({});
  store(cache, "a.example", 0, 5);
  CHECK(has(cache, "a.example", 0, kNow + 4s));
  CHECK_FALSE(has(cache, "a.example", 0, kNow + 5s));
  store(cache, "b.example", 0, 0);
  CHECK_FALSE(has(cache, "b.example"));
}

TEST_CASE("storing again replaces") {
  PacketCache cache({});
  store(cache, "a.example");
  const std::size_t bytes = cache.bytes();
  store(cache, "a.example");
  CHECK(cache.entries() == 1);
  CHECK(cache.bytes() == bytes);
}

TEST_CASE("the number of packets is bounded, and those in use stay longest") {
  PacketCache::Options options;
  options.maxEntries = 100;
  PacketCache cache(options);
  store(cache, "popular.example");
  for (int i = 0; i < 5000; ++i) {
    store(cache, "n" + std::to_string(i) + ".example");
    REQUIRE(has(cache, "popular.example"));
    REQUIRE(cache.entries() <= 100);
  }
  cache.setMaxEntries(10);
  CHECK(cache.entries() == 10);
}

TEST_CASE("the memory of packets is bounded") {
  PacketCache::Options options;
  options.maxBytes = 10'000;
  PacketCache cache(options);
  for (int i = 0; i < 1000; ++i) {
    store(cache, "n" + std::to_string(i) + ".example");
    REQUIRE(cache.bytes() <= 10'000);
  }
  CHECK(cache.entries() > 10);
}

TEST_CASE("packets that are too long are not kept") {
  PacketCache::Options options;
  options.maxEntrySize = 20;
  PacketCache cache(options);
  store(cache, "much.longer.example");
  CHECK(cache.entries() == 0);
}

TEST_CASE("a name is wiped, or all below it") {
  PacketCache cache({});
  for (const char* text : {"example.com", "www.example.com", "WWW.example.org"}) {
    store(cache, text);
    store(cache, text, PacketKey::OverTcp);
  }
  CHECK(cache.wipe(name("example.com"), false) == 2);
  CHECK(cache.wipe(name("COM"), true) == 2);
  CHECK(cache.entries() == 2);
  CHECK(cache.wipe(dns::Name(), true) == 2);
  CHECK(cache.bytes() == 0);
  store(cache, "again.example");
  CHECK(has(cache, "again.example"));
}

TEST_CASE("a dump has a line for each packet") {
  PacketCache cache({});
  store(cache, "a.example");
  store(cache, "b.example");
  char* memory = nullptr;
  std::size_t size = 0;
  std::FILE* out = ::open_memstream(&memory, &size);
  CHECK(cache.dump(out, kNow) == 2);
  std::fclose(out);
  CHECK(std::string(memory, size).find("a.example. 60 A") != std::string::npos);
  std::free(memory);
}

namespace {

// One name, asked for again and again.
struct Renewing {
  PacketCache cache{{.steadySeconds = 100}};
  dns::Name owner = name("www.example.com");
  PacketKey key{owner.wire(), dns::RRType::A, dns::RRClass::IN, 0};

  void store(std::uint32_t ttl, rec::RenewalPlan plan, base::WallTime now = kNow) {
    cache.store(key, packet(owner), {}, ttl, now, plan);
  }
  bool renewAt(std::chrono::seconds later) {
    const auto hit = cache.find(key, kNow + later);
    REQUIRE_FALSE(hit.message.empty());
    return hit.renew;
  }
};

} // namespace

TEST_CASE("an answer tells when it is to be renewed, once, and again when half of its time left is over") {
  Renewing answer;
  answer.store(100, {.before = 10, .hits = 1});
  CHECK_FALSE(answer.renewAt(89s));
  CHECK(answer.renewAt(90s));
  CHECK_FALSE(answer.renewAt(90s));
  CHECK_FALSE(answer.renewAt(94s));
  CHECK(answer.renewAt(96s));
  CHECK_FALSE(answer.renewAt(97s));
  CHECK(answer.renewAt(98s));
  CHECK(answer.renewAt(99s));
  answer.store(100, {});
  CHECK_FALSE(answer.renewAt(99s));
}

TEST_CASE("an answer is not renewed unless it was asked for often enough, without a long pause") {
  Renewing answer;
  answer.store(300, {.before = 30, .hits = 4});
  CHECK_FALSE(answer.renewAt(250s)); // after a pause: the first one
  CHECK_FALSE(answer.renewAt(270s));
  CHECK_FALSE(answer.renewAt(280s));
  CHECK(answer.renewAt(290s));
}

TEST_CASE("half of the hits pass to the answer that comes next, unless nobody asked for long") {
  Renewing answer;
  answer.store(10, {.before = 1, .hits = 3});
  CHECK_FALSE(answer.renewAt(9s));
  answer.store(10, {.before = 1, .hits = 3}, kNow + 20s); // it was gone meanwhile
  CHECK(answer.renewAt(29s));
  answer.store(10, {.before = 1, .hits = 3}, kNow + 200s);
  CHECK_FALSE(answer.renewAt(209s));
}

TEST_CASE("an answer with a tag is found with that tag only") {
  PacketCache cache({});
  const dns::Name owner = name("tagged.example");
  const PacketKey key{owner.wire(), dns::RRType::A, dns::RRClass::IN, 0};
  cache.store(key, packet(owner), {}, 60, kNow);
  cache.store(key, packet(owner), {}, 60, kNow, {}, 7);
  cache.store(key, packet(owner), {}, 60, kNow, {}, 7); // takes the place of the one before
  CHECK(cache.entries() == 2);
  CHECK_FALSE(cache.findTagged(key, 7, kNow).message.empty());
  CHECK(cache.findTagged(key, 8, kNow).message.empty());
  CHECK_FALSE(cache.findTagged(key, 0, kNow).message.empty());
  CHECK(cache.wipe(owner, false) == 2);
}

TEST_CASE("a part of the cache can be wiped by what its answers are") {
  PacketCache cache({.maxEntries = 100});
  REQUIRE(cache.parts() == 1);
  store(cache, "a.example");
  store(cache, "b.example");
  const dns::Name judged = name("c.example");
  cache.store({judged.wire(), dns::RRType::A, dns::RRClass::IN, 0}, packet(judged), {}, 60, kNow, {}, 0, true);
  const auto seen = packet(name("b.example"));
  CHECK(cache.wipePart(0, [&](std::span<const std::byte> message, bool madeByPolicy) {
    return madeByPolicy || std::ranges::equal(message, seen);
  }));
  CHECK(has(cache, "a.example"));
  CHECK_FALSE(has(cache, "b.example"));
  CHECK_FALSE(has(cache, "c.example"));
  CHECK_FALSE(cache.wipePart(1, [](std::span<const std::byte>, bool) { return true; }));
}

TEST_CASE("a limit of entries that is adopted shrinks the cache at once, and none keeps nothing") {
  PacketCache::Options options;
  options.maxEntries = 1000;
  PacketCache cache(options);
  options.maxEntries = 0;
  cache.adopt(options);
  CHECK(cache.entries() == 0);
}
