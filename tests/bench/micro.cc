// Measures the steps of an answer one by one: name folding and hash, a look-up in a worker's packet cache, the whole
// hot path, composing, reading and writing messages, the sharded caches. Nanoseconds of processor time for each
// operation, medians of many short runs. Run by `./dev bench`, optionally with part of a row's name; not a test.
#include <algorithm>
#include <array>
#include <cstdio>
#include <ctime>
#include <string>
#include <string_view>
#include <vector>

#include "lib/dns/fold.hh"
#include "lib/dns/message.hh"
#include "lib/dns/rdata.hh"
#include "recursor/cache/recordcache.hh"
#include "recursor/query/compose.hh"
#include "recursor/query/hotpath.hh"

namespace {

constexpr std::size_t kRuns = 15;
constexpr double kRunNanoseconds = 10e6; // each run, about
constexpr std::size_t kNames = 10'000;
const base::WallTime kNow{std::chrono::seconds{1'767'225'600}};

std::string_view s_wanted;
std::size_t s_sum = 0; // of what the operations give, so that none is left out

double now() {
  timespec time{};
  ::clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
  return static_cast<double>(time.tv_sec) * 1e9 + static_cast<double>(time.tv_nsec);
}

template <typename Work> double timeEach(std::size_t count, const Work& work) {
  const double begun = now();
  for (std::size_t i = 0; i < count; ++i) {
    s_sum += static_cast<std::size_t>(work(i));
  }
  return (now() - begun) / static_cast<double>(count);
}

// One row: `work(i)` is one operation and gives a number.
template <typename Work> void row(std::string_view name, const Work& work) {
  if (name.find(s_wanted) == std::string_view::npos) {
    return;
  }
  const double guess = std::max(1.0, timeEach(2000, work));
  const auto count = static_cast<std::size_t>(kRunNanoseconds / guess) + 1;
  std::array<double, kRuns> runs{};
  for (double& run : runs) {
    run = timeEach(count, work);
  }
  std::sort(runs.begin(), runs.end());
  std::printf("%-44.*s %9.1f %9.1f\n", static_cast<int>(name.size()), name.data(), runs[kRuns / 2], runs.front());
}

struct Names {
  std::vector<dns::Name> names;
  std::vector<std::vector<std::byte>> packets; // questions for them, as clients send them
  Names() {
    for (std::size_t i = 0; i < kNames; ++i) {
      names.push_back(dns::Name::parse("www.Host" + std::to_string(i * 7919 % kNames) + ".example.com.").value());
      std::vector<std::byte> packet(600);
      dns::Header header;
      header.rd = true;
      dns::Edns edns;
      edns.udpSize = 1232;
      packet.resize(dns::writeQuery(packet, header, {names.back(), dns::RRType::A, dns::RRClass::IN}, edns));
      packets.push_back(std::move(packet));
    }
  }
};

dns::RRset addresses(const dns::Name& owner) {
  return dns::makeAddressRRset(owner, 3600, base::Address::parse("192.0.2.1").value());
}

void measureNames(const Names& all) {
  row("name: fold and hash", [&](std::size_t i) {
    const auto wire = all.names[i % kNames].wire();
    return dns::hashFolded(wire.data(), wire.size());
  });
  row("name: compare folded", [&](std::size_t i) {
    const auto wire = all.names[i % kNames].wire();
    return dns::equalFolded(all.packets[i % kNames].data() + dns::kHeaderSize, wire.data(), wire.size()) ? 1 : 0;
  });
  row("name: parse text", [&](std::size_t i) {
    return dns::Name::parse(i % 2 == 0 ? "www.example.com." : "mail.example.org.").value().wire().size();
  });
}

rec::Query answerTo(const dns::Name& name) {
  rec::Query query;
  query.header.rd = true;
  query.question = {name, dns::RRType::A, dns::RRClass::IN};
  query.edns.emplace();
  query.edns->udpSize = 1232;
  query.outcome.rcode = dns::RCode::NoError;
  query.outcome.answer.push_back({addresses(name), 3600});
  return query;
}

void measureMessages(const Names& all, const rec::Settings& settings) {
  row("wire: read a question in place",
      [&](std::size_t i) { return rec::parseRawQuestion(all.packets[i % kNames])->udpSize; });
  row("wire: parse a question whole",
      [&](std::size_t i) { return dns::parseMessage(all.packets[i % kNames])->question ? 1 : 0; });
  rec::Composer composer(settings);
  const rec::Query query = answerTo(all.names[0]);
  const auto composed = composer.compose(query).message;
  const std::vector<std::byte> answer(composed.begin(), composed.end());
  row("wire: parse an answer of one record", [&](std::size_t) { return dns::parseMessage(answer)->answer.size(); });
  row("compose: an answer of one record", [&](std::size_t) { return composer.compose(query).message.size(); });
}

void measurePacketCache(const Names& all, const rec::Settings& settings) {
  rec::PacketCache cache{{}};
  rec::Composer composer(settings);
  for (std::size_t i = 0; i < kNames; ++i) {
    const rec::Query query = answerTo(all.names[i]);
    const auto composed = composer.compose(query);
    const auto raw = rec::parseRawQuestion(all.packets[i]);
    cache.store(raw->key(false), composed.message, composed.ttlOffsets, 3600, kNow);
  }
  rec::Counters counters;
  rec::Latencies latencies(counters, 10000);
  rec::HotPath hotPath(settings, cache, counters, latencies);
  const auto client = base::Address::parse("127.0.0.1:4000").value();
  std::vector<std::byte> out(4096);
  std::vector<rec::PacketKey> keys;
  for (const auto& packet : all.packets) {
    keys.push_back(rec::parseRawQuestion(packet)->key(false));
  }
  row("packet cache: find, one name", [&](std::size_t) { return cache.find(keys[0], kNow).message.size(); });
  row("packet cache: find, 10,000 names",
      [&](std::size_t i) { return cache.find(keys[i % kNames], kNow).message.size(); });
  row("hot path: packet to answer, one name",
      [&](std::size_t) { return hotPath.handle(all.packets[0], client, false, out, kNow).size; });
  row("hot path: packet to answer, 10,000 names",
      [&](std::size_t i) { return hotPath.handle(all.packets[i % kNames], client, false, out, kNow).size; });
}

void measureRecordCache(const Names& all) {
  rec::RecordCache cache({.maxEntries = 4 * kNames});
  std::vector<dns::RRset> sets;
  for (const dns::Name& name : all.names) {
    sets.push_back(addresses(name));
    cache.store(sets.back(), rec::Rank::AnswerAuth, rec::Security::Insecure, kNow);
  }
  row("shards: find a record set",
      [&](std::size_t i) { return cache.find(all.names[i % kNames], dns::RRType::A, kNow).has_value() ? 1 : 0; });
  row("shards: look for what is not there",
      [&](std::size_t i) { return cache.find(all.names[i % kNames], dns::RRType::MX, kNow).has_value() ? 1 : 0; });
  row("shards: store a record set", [&](std::size_t i) {
    return cache.store(sets[i % kNames], rec::Rank::AnswerAuth, rec::Security::Insecure, kNow) ? 1 : 0;
  });
}

} // namespace

int main(int argc, char** argv) {
  s_wanted = argc > 1 ? argv[1] : "";
  const Names all;
  const rec::Settings settings = rec::defaultSettings();
  std::printf("%-44s %9s %9s\n", "ns for each", "median", "least");
  measureNames(all);
  measureMessages(all, settings);
  measurePacketCache(all, settings);
  measureRecordCache(all);
  return s_sum == 0 ? 1 : 0;
}
