// What the tests of the query log share: made-up answered questions, put into rings and blocks, and a folder that goes
// away.
#pragma once

#include <stdlib.h>

#include <catch2/catch.hpp>
#include <filesystem>
#include <string>
#include <vector>

#include "recursor/querylog/block.hh"
#include "recursor/querylog/blockbuilder.hh"
#include "recursor/querylog/memorylog.hh"
#include "recursor/querylog/rawreader.hh"
#include "recursor/querylog/tap.hh"

namespace logtest {

constexpr std::int64_t kBegin = 1'767'225'600'000'000; // 2026-01-01

inline dns::Name name(const std::string& text) { return *dns::Name::parse(text); }
inline base::Address address(const std::string& text) { return *base::Address::parse(text); }

// A tap into a ring of its own.
struct Bench {
  explicit Bench(std::size_t bytes = 1 << 20) : ring(bytes) {
    tap.attach(ring, [this] { ++wakes; });
    tap.setOrders(std::make_shared<const rec::LogOrders>());
  }
  void add(const std::string& text, const std::string& client, std::int64_t time,
           const std::function<void(rec::LogEntry&)>& change = {}) {
    const dns::Name asked = name(text);
    const base::Address source = address(client);
    rec::LogEntry entry{.name = asked.wire(), .client = source};
    entry.type = dns::RRType::A;
    if (change) change(entry);
    tap.add(entry, time);
    tap.publish();
  }
  // A hit, as the ingress logs it; each publish() makes a batch.
  void hit(const std::string& text, const std::string& client, std::int64_t time, std::uint32_t latency = 7,
           const std::function<void(rec::RawHit&)>& change = {}) {
    const dns::Name asked = name(text);
    rec::RawHit made;
    made.type = static_cast<std::uint16_t>(dns::RRType::A);
    if (change) change(made);
    tap.addHit({.latency = latency, .time = time}, made, asked.wire(), address(client));
    tap.publish();
  }
  // All that is in the ring, moved into the builder.
  void drain(rec::BlockBuilder& builder) {
    reader.look();
    while (const std::byte* record = reader.next()) {
      builder.take(record, reader.moment(), 3);
      reader.pop();
    }
    reader.release();
  }

  rec::LogRing ring;
  rec::RawReader reader{ring};
  rec::LogTap tap;
  int wakes = 0;
};

// All records of an encoded block.
inline std::vector<rec::LogRecord> recordsOf(const rec::LogOctets& stored) {
  auto block = rec::Block::open(stored);
  REQUIRE(block.ok());
  REQUIRE(block->decode(rec::Block::kAll).ok());
  std::vector<rec::LogRecord> records;
  for (std::uint32_t i = 0; i < block->records(); ++i) records.push_back(block->record(i));
  return records;
}

struct Folder {
  Folder() {
    char pattern[] = "/tmp/rootwalk-querylog.XXXXXX";
    REQUIRE(::mkdtemp(pattern) != nullptr);
    path = pattern;
  }
  ~Folder() { std::filesystem::remove_all(path); }
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;
  std::string path;
};

// A block of `count` questions for names below "zoneN.example", a second apart.
inline rec::LogSink::Pending blockOf(std::uint64_t id, std::size_t count, std::int64_t begin, unsigned zone = 0) {
  Bench bench(1 << 24);
  rec::BlockBuilder builder;
  for (std::size_t i = 0; i < count; ++i) {
    bench.add("h" + std::to_string(i) + ".zone" + std::to_string(zone) + ".example",
              "192.0.2." + std::to_string(i % 200 + 1), begin + static_cast<std::int64_t>(i) * 1'000'000,
              [i](rec::LogEntry& entry) {
                entry.latency = static_cast<std::uint32_t>(i * 1000);
                entry.rcode = i % 10 == 9 ? dns::RCode::NXDomain : dns::RCode::NoError;
              });
  }
  bench.drain(builder);
  return {id, builder.encode()};
}

} // namespace logtest
