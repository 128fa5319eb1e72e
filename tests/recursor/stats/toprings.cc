// The rings of the last questions, clients and servers, and the lists that are counted from them.
#include "recursor/stats/toprings.hh"

#include <catch2/catch.hpp>

#include "recursor/stats/toplist.hh"

using namespace rec;

namespace {

const base::Address kClient = *base::Address::parse("192.0.2.1:4000");

dns::Name name(const std::string& text) { return *dns::Name::parse(text); }

void ask(TopRings& rings, const std::string& text, dns::RRType type = dns::RRType::A, std::size_t weight = 1) {
  rings.note(TopEvent::Asked, name(text).wire(), type, kClient, weight);
}

// "count text" of each row.
std::vector<std::string> shown(const TopList& list) {
  std::vector<std::string> lines;
  for (const TopRow& row : list.rows) lines.push_back(std::to_string(row.count) + " " + row.text);
  return lines;
}

TopList names(const TopRings& rings, std::size_t most = 20, const NameOf& nameOf = {}) {
  const std::array copies{rings.names(TopEvent::Asked)};
  return topNames(copies, most, nameOf);
}

TopList clients(const TopRings& rings, TopEvent event = TopEvent::Asked) {
  const std::array copies{rings.addresses(event)};
  return topAddresses(copies, 20);
}

using Lines = std::vector<std::string>;

} // namespace

TEST_CASE("names are counted by type and without letter case, most first") {
  TopRings rings(100);
  ask(rings, "b.example");
  ask(rings, "a.example");
  ask(rings, "B.Example");
  ask(rings, "b.example", dns::RRType::AAAA);
  ask(rings, ".", dns::RRType::NS);
  CHECK(names(rings).total == 5);
  CHECK(shown(names(rings)) == Lines{"2 b.example|A", "1 .|NS", "1 a.example|A", "1 b.example|AAAA"});
  CHECK(shown(names(rings, 1)) == Lines{"2 b.example|A"});
  CHECK(names(rings, 1).total == 5);
}

TEST_CASE("the oldest go when a ring is full") {
  TopRings rings(3);
  for (const char* text : {"a", "b", "c", "d"}) ask(rings, text);
  CHECK(shown(names(rings)) == Lines{"1 b|A", "1 c|A", "1 d|A"});
  CHECK(clients(rings).total == 3);
}

TEST_CASE("long names are whole, wherever the ring ends, and leave nothing behind when they go") {
  const std::string longest =
      std::string(63, 'a') + "." + std::string(63, 'b') + "." + std::string(63, 'c') + "." + std::string(61, 'd');
  TopRings rings(7);
  for (std::size_t before = 0; before < 20; ++before) {
    ask(rings, "short" + std::to_string(before));
    ask(rings, longest);
    ask(rings, "behind");
    const auto lines = shown(names(rings));
    CHECK(std::ranges::count(lines, "1 " + longest + "|A") == 1);
    CHECK(std::ranges::count(lines, "1 behind|A") == 1);
    for (const auto& line : lines) {
      const bool known = line.starts_with("1 short") || line == "1 " + longest + "|A" || line.ends_with(" behind|A");
      CHECK(known);
    }
  }
}

TEST_CASE("without entries nothing is noted") {
  TopRings rings(0);
  ask(rings, "a.example");
  rings.note(TopEvent::TimedOut, kClient);
  CHECK_FALSE(rings.isDue(1));
  CHECK(names(rings).total == 0);
  CHECK(clients(rings, TopEvent::TimedOut).total == 0);
}

TEST_CASE("addresses are counted without their ports, of both families") {
  TopRings rings(10);
  for (const char* text : {"192.0.2.1:1", "192.0.2.1:2", "[2001:db8::1]:53"}) {
    rings.note(TopEvent::TimedOut, *base::Address::parse(text));
  }
  CHECK(shown(clients(rings, TopEvent::TimedOut)) == Lines{"2 192.0.2.1", "1 2001:db8::1"});
  CHECK(clients(rings).total == 0);
}

TEST_CASE("names that can be registered are counted as one") {
  TopRings rings(10);
  ask(rings, "a.b.example");
  ask(rings, "c.b.example");
  const auto list = names(rings, 20, [](const dns::Name& full) { return full.suffix(2); });
  CHECK(shown(list) == Lines{"2 b.example|A"});
}

TEST_CASE("all hits of few are noted, of many one stands for those since the last one") {
  TopRings rings(10);
  CHECK_FALSE(rings.isDue(0));
  CHECK(rings.isDue(1));
  CHECK(rings.takeWeight() == 1);
  CHECK_FALSE(rings.isDue(32));
  CHECK_FALSE(rings.isDue(20));
  CHECK(rings.isDue(20));
  CHECK(rings.takeWeight() == 72);
  CHECK(rings.isDue(64));
  ask(rings, "a.example", dns::RRType::A, rings.takeWeight());
  CHECK(names(rings).total == 64);
  CHECK(clients(rings).total == 64);
  CHECK(rings.choose(3) != rings.choose(3));
}
