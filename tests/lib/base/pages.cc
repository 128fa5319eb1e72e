// Memory straight from the system: what stays when it grows, and tables of large pages.
#include "lib/base/pages.hh"

#include <algorithm>
#include <catch2/catch.hpp>

TEST_CASE("what is in pages stays when they grow, and what is new is 0") {
  base::Pages<std::uint32_t> numbers;
  for (std::uint32_t i = 0; i < 100'000; ++i) numbers.push(i);
  numbers.resize(100'002);
  CHECK(numbers[99'999] == 99'999);
  CHECK(numbers[100'001] == 0);
  numbers.resize(0);
  CHECK(numbers.bytes() == 0);
}

TEST_CASE("a table in large pages has the size asked for, begins empty and can be made anew and moved") {
  base::Pages<std::uint16_t> table;
  for (const std::size_t count : {std::size_t{10}, std::size_t{1} << 20, std::size_t{3'000'001}, std::size_t{5}}) {
    table.renewLarge(count);
    REQUIRE(table.size() == count);
    CHECK(table.bytes() < count * sizeof(std::uint16_t) + 4096);
    CHECK(std::ranges::all_of(table.span(), [](std::uint16_t word) { return word == 0; }));
    std::ranges::fill_n(table.data(), static_cast<std::ptrdiff_t>(count), std::uint16_t{7});
  }
  table.renewLarge(2'000'000);
  table[1'999'999] = 9;
  base::Pages<std::uint16_t> other;
  other = std::move(table);
  other.resize(4'000'000);
  CHECK(other[1'999'999] == 9);
  CHECK(other[3'999'999] == 0);
}
