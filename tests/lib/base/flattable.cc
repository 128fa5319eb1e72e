// FlatTable by itself: tags that crowd at either end, guesses, memory that follows the number of entries.
#include "lib/base/flattable.hh"

#include <catch2/catch.hpp>

#include <algorithm>
#include <vector>

namespace {

struct Entry {
  int key = 0;
  [[nodiscard]] std::size_t heapBytes() const { return 100; }
};
using Table = base::FlatTable<Entry>;

bool isDead(const Entry& entry) { return entry.key < 0; }
bool has(Table& table, std::uint32_t tag, int key) {
  return table.find(tag, [key](const Entry& entry) { return entry.key == key; }) != nullptr;
}
void put(Table& table, std::uint32_t tag, int key, const Table::Bounds& bounds = {}) {
  table.insert(tag, {key}, bounds, isDead);
}

} // namespace

TEST_CASE("a flat table keeps entries whose tags crowd at either end of it") {
  for (const std::uint32_t first : {1U, 0x7FFFFFFFU, 0xFFFFFF00U}) {
    Table table;
    for (int key = 0; key < 250; ++key) {
      put(table, first + static_cast<std::uint32_t>(key / 2), key);
    }
    for (int key = 0; key < 250; ++key) {
      REQUIRE(has(table, first + static_cast<std::uint32_t>(key / 2), key));
      REQUIRE_FALSE(has(table, first + static_cast<std::uint32_t>(key / 2), key + 2));
    }
    CHECK(table.eraseIf([](const Entry& entry) { return entry.key % 5 != 0; }) == 200);
    for (int key = 0; key < 250; ++key) {
      REQUIRE(has(table, first + static_cast<std::uint32_t>(key / 2), key) == (key % 5 == 0));
    }
  }
}

TEST_CASE("a flat table's guess is the first entry of the tag, or none") {
  Table table;
  table.prefetch(7);
  CHECK(table.guess(7) == nullptr);
  put(table, 7, 70);
  put(table, 9, 90);
  put(table, 9, 91);
  REQUIRE(table.guess(9) != nullptr);
  CHECK(table.guess(9)->key == 90);
  CHECK(table.guess(7)->key == 70);
  CHECK(table.guess(8) == nullptr);
  CHECK(table.guess(0xFFFFFFFF) == nullptr);
}

TEST_CASE("the memory of a flat table follows the number of its entries") {
  Table table;
  CHECK(table.bytes() == 0);
  for (int key = 0; key < 10'000; ++key) {
    put(table, static_cast<std::uint32_t>(key) * 400'000U + 1, key);
  }
  const std::size_t full = table.bytes();
  CHECK(full > 10'000 * (100 + 12));
  CHECK(full < 10'000 * (100 + 12 * 3 / 2));
  table.shrinkTo(1000);
  CHECK(table.entries() == 1000);
  CHECK(table.bytes() < full / 8);
  CHECK(table.evicted() == 9000);
  CHECK(table.eraseIf([](const Entry&) { return true; }) == 1000);
  CHECK(table.bytes() == 0);
  put(table, 5, 5);
  CHECK(has(table, 5, 5));
}

TEST_CASE("a flat table lets entries go rather than grow beyond its bytes") {
  Table table;
  for (int key = 0; key < 1000; ++key) {
    put(table, static_cast<std::uint32_t>(key) * 4'000'000U + 1, key, {.maxBytes = 20'000});
    REQUIRE(table.bytes() <= 21'000); // a crowd at the end may need a few slots more
    REQUIRE(has(table, static_cast<std::uint32_t>(key) * 4'000'000U + 1, key));
  }
  CHECK(table.entries() > 140);
  CHECK(table.evicted() + table.entries() == 1000);
}

TEST_CASE("a walk through a flat table in pieces sees each entry that stays once, although others come and go") {
  Table table;
  const auto tagOf = [](int key) { return static_cast<std::uint32_t>(key) * 0x9E3779B1U | 1U; };
  for (int key = 0; key < 1000; ++key) {
    put(table, tagOf(key), key);
  }
  std::vector<int> seen(1000, 0);
  std::uint32_t at = 0;
  int pieces = 0, next = 1000;
  do {
    at = table.visitSome(
        at, 10, [&](const Entry& entry, unsigned) { seen[static_cast<std::size_t>(std::min(entry.key, 999))] += 1; });
    put(table, tagOf(next), next); // sometimes moves everything to other places
    ++next;
    ++pieces;
  } while (at != 0);
  CHECK(pieces >= 100);
  seen.pop_back(); // and all that came meanwhile
  CHECK(std::count(seen.begin(), seen.end(), 1) == 999);
}

TEST_CASE("an entry of an earlier life comes in when there is room, and with its worth") {
  Table table;
  const Table::Bounds bounds{.maxEntries = 10};
  for (std::uint32_t key = 1; key <= 10; ++key) {
    CHECK(table.restore(key << 24, {static_cast<int>(key)}, bounds, key <= 5 ? 7 : 0));
  }
  CHECK_FALSE(table.restore(11U << 24, {11}, bounds, 7));
  CHECK(table.entries() == 10);
  std::size_t hot = 0;
  table.visitSome(0, 100, [&](const Entry&, unsigned heat) { hot += heat == 7 ? 1 : 0; });
  CHECK(hot == 5);
  for (std::uint32_t key = 20; key < 25; ++key) {
    put(table, key << 24, static_cast<int>(key), bounds);
  }
  for (std::uint32_t key = 1; key <= 5; ++key) {
    CHECK(has(table, key << 24, static_cast<int>(key)));
  }
}
