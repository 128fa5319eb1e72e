// ShardMap: finding, replacing, erasing, evicting, limits and counts; many threads at once.
#include "lib/base/shardmap.hh"

#include <catch2/catch.hpp>
#include <cstring>
#include <random>
#include <string>
#include <thread>
#include <unordered_map>

#include "lib/base/hash.hh"

namespace {

struct Entry {
  std::uint64_t key = 0;
  std::string value;
  bool expired = false;
  [[nodiscard]] std::size_t heapBytes() const { return value.size(); }
};
using Map = base::ShardMap<Entry>;

std::size_t hashOf(std::uint64_t key) { return base::mix(key + 0x632BE59BD9B4E019ULL, 0x9E3779B97F4A7C15ULL); }
auto is(std::uint64_t key) {
  return [key](const Entry& entry) { return entry.key == key; };
}
bool isExpired(const Entry& entry) { return entry.expired; }

void put(Map& map, std::uint64_t key, std::string value, bool expired = false) {
  auto shard = map.lock(hashOf(key));
  Entry fresh{key, std::move(value), expired};
  if (Entry* old = shard.find(hashOf(key), is(key)); old != nullptr) {
    shard.replace(old, std::move(fresh));
  } else {
    shard.insert(hashOf(key), std::move(fresh), isExpired);
  }
}

std::string get(Map& map, std::uint64_t key) {
  auto shard = map.lock(hashOf(key));
  const Entry* entry = shard.find(hashOf(key), is(key));
  return entry != nullptr ? entry->value : "";
}

bool remove(Map& map, std::uint64_t key) {
  auto shard = map.lock(hashOf(key));
  Entry* entry = shard.find(hashOf(key), is(key));
  if (entry != nullptr) {
    shard.erase(entry);
  }
  return entry != nullptr;
}

} // namespace

TEST_CASE("a shard map finds what was put in, and nothing else") {
  Map map({.shards = 4, .maxEntries = 1000});
  CHECK(get(map, 1).empty());
  put(map, 1, "one");
  put(map, 2, "two");
  put(map, 1, "uno");
  CHECK(get(map, 1) == "uno");
  CHECK(get(map, 2) == "two");
  CHECK(map.entries() == 2);
  CHECK(remove(map, 1));
  CHECK_FALSE(remove(map, 1));
  CHECK(get(map, 1).empty());
  CHECK(get(map, 2) == "two");
}

TEST_CASE("entries whose hashes collide keep apart") {
  Map map({.shards = 1, .maxEntries = 100});
  for (std::uint64_t key = 1; key <= 50; ++key) {
    auto shard = map.lock(7);
    shard.insert(7, Entry{key, std::to_string(key)}, isExpired);
  }
  for (std::uint64_t key = 50; key >= 1; --key) {
    auto shard = map.lock(7);
    Entry* entry = shard.find(7, is(key));
    REQUIRE(entry != nullptr);
    CHECK(entry->value == std::to_string(key));
    shard.erase(entry);
  }
  CHECK(map.entries() == 0);
}

TEST_CASE("a shard map does what a plain map does, whatever the order") {
  Map map({.shards = 2, .maxEntries = 100'000});
  std::unordered_map<std::uint64_t, std::string> plain;
  std::minstd_rand random(1);
  for (int step = 0; step < 50'000; ++step) {
    const std::uint64_t key = random() % 3000;
    if (random() % 3 == 0) {
      CHECK(remove(map, key) == (plain.erase(key) == 1));
    } else {
      plain[key] = std::to_string(step);
      put(map, key, plain[key]);
    }
  }
  CHECK(map.entries() == plain.size());
  for (std::uint64_t key = 0; key < 3000; ++key) {
    const auto at = plain.find(key);
    REQUIRE(get(map, key) == (at != plain.end() ? at->second : ""));
  }
  const auto erased = map.eraseIf([](const Entry& entry) { return entry.key % 2 == 0; });
  CHECK(erased == static_cast<std::size_t>(
                      std::count_if(plain.begin(), plain.end(), [](const auto& pair) { return pair.first % 2 == 0; })));
  CHECK(map.eraseIf([](const Entry&) { return true; }) == plain.size() - erased);
  CHECK(map.bytes() == 0);
}

TEST_CASE("a full shard keeps what is in use") {
  Map map({.shards = 1, .maxEntries = 100});
  for (std::uint64_t key = 0; key < 1000; ++key) {
    put(map, key, "x");
    CHECK(get(map, 0) == "x"); // in use all the time
  }
  CHECK(map.entries() == 100);
  CHECK(get(map, 999) == "x");
}

TEST_CASE("a full shard gives up dead entries before used ones") {
  Map map({.shards = 1, .maxEntries = 20});
  for (std::uint64_t key = 0; key < 20; ++key) {
    put(map, key, "x", key % 2 == 0);
    CHECK((get(map, key) == "x" || key % 2 == 0));
  }
  for (std::uint64_t key = 100; key < 104; ++key) {
    put(map, key, "y");
  }
  for (std::uint64_t key = 1; key < 20; key += 2) {
    CHECK(get(map, key) == "x");
  }
}

TEST_CASE("the limit on bytes holds, and what is larger than a shard is refused") {
  Map map({.shards = 1, .maxEntries = 100'000, .maxBytes = 65536});
  for (std::uint64_t key = 0; key < 1000; ++key) {
    put(map, key, std::string(500, 'x'));
    CHECK(map.bytes() <= 65536);
  }
  put(map, 5000, std::string(70'000, 'x'));
  CHECK(get(map, 5000).empty());
  CHECK(get(map, 999).size() == 500);
}

TEST_CASE("a lowered limit on entries takes effect") {
  Map map({.shards = 1, .maxEntries = 100});
  for (std::uint64_t key = 0; key < 100; ++key) {
    put(map, key, "x");
  }
  map.setMaxEntries(10);
  put(map, 100, "x");
  CHECK(map.entries() == 10);
  map.setMaxEntries(50);
  for (std::uint64_t key = 200; key < 300; ++key) {
    put(map, key, "x");
  }
  CHECK(map.entries() == 50);
}

TEST_CASE("many threads use a shard map at once and its counts stay right") {
  Map map({.shards = 8, .maxEntries = 2000});
  std::vector<std::thread> threads;
  std::atomic<std::size_t> wrong{0};
  for (unsigned seed = 1; seed <= 4; ++seed) {
    threads.emplace_back([&map, &wrong, seed] {
      std::minstd_rand random(seed);
      for (int step = 0; step < 10'000; ++step) {
        const std::uint64_t key = random() % 5000;
        const std::string found = get(map, key);
        wrong += !found.empty() && found != std::to_string(key) ? 1U : 0U;
        if (step % 16 == 0) {
          remove(map, key);
        } else {
          put(map, key, std::to_string(key));
        }
      }
      wrong += map.copyShard(seed).size() > 250 ? 1U : 0U;
    });
  }
  for (std::thread& thread : threads) {
    thread.join();
  }
  CHECK(wrong == 0);
  CHECK(map.entries() <= 2000);
  CHECK(map.acquired() >= 4 * 2 * 10'000);
  std::size_t count = 0;
  std::size_t bytes = 0;
  for (std::size_t i = 0; i < map.shardCount(); ++i) {
    for (const Entry& entry : map.copyShard(i)) {
      ++count;
      bytes += entry.value.size();
    }
  }
  CHECK(count == map.entries());
  CHECK(map.bytes() > bytes);
  CHECK(map.eraseIf([](const Entry&) { return true; }) == count);
  CHECK(map.bytes() == 0);
}
