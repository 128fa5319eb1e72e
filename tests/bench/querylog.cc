// bench-querylog: fills a query log with made-up questions through the same rings, blocks and file as a recursor, and
// says what a record costs: the worker's part and the writer's. Searching it afterwards is rec_control's part.
//
//   bench-querylog FOLDER [RECORDS [hot|mixed]]
//
// hot: 187 names by Zipf's law from one client, all hits. mixed: 300,000 names by Zipf's law, one in twenty a new one,
// 20,000 clients, a tenth resolved, some blocked.
#include <sys/stat.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <cmath>
#include <cstdio>
#include <ctime>
#include <random>
#include <string>
#include <vector>

#include "recursor/query/querylogging.hh"
#include "recursor/querylog/store.hh"
#include "recursor/querylog/tap.hh"
#include "recursor/querylog/writer.hh"

namespace {

constexpr std::int64_t kBegin = 1'767'225'600'000'000;
constexpr std::size_t kBatch = 2048; // records between drains
constexpr std::size_t kAtOnce = 8;   // of these leave together

double cpuSeconds() {
  timespec time{};
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time);
  return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_nsec) / 1e9;
}

// Ranks by Zipf's law with exponent 1.
class Zipf {
 public:
  explicit Zipf(std::size_t count) {
    double sum = 0;
    for (std::size_t i = 1; i <= count; ++i) d_sums.push_back(sum += 1.0 / static_cast<double>(i));
  }
  std::size_t operator()(std::mt19937_64& random) const {
    const double at = std::uniform_real_distribution<double>(0, d_sums.back())(random);
    return static_cast<std::size_t>(std::lower_bound(d_sums.begin(), d_sums.end(), at) - d_sums.begin());
  }

 private:
  std::vector<double> d_sums;
};

std::string word(std::mt19937_64& random) {
  std::string text;
  for (std::size_t left = 3 + random() % 9; left > 0; --left) text += static_cast<char>('a' + random() % 26);
  return text;
}

std::vector<dns::Name> makeNames(std::size_t count, std::mt19937_64& random) {
  const char* const tlds[] = {"com", "net", "org", "de", "nl", "io", "co.uk", "info"};
  std::vector<dns::Name> names;
  std::vector<std::string> zones;
  for (std::size_t i = 0; i < count / 4 + 1; ++i) zones.push_back(word(random) + "." + tlds[random() % 8]);
  while (names.size() < count) {
    const std::string zone = zones[random() % zones.size()];
    names.push_back(*dns::Name::parse((random() % 3 == 0 ? "www" : word(random)) + "." + zone));
  }
  return names;
}

std::vector<base::Address> makeClients(std::size_t count, std::mt19937_64& random) {
  std::vector<base::Address> clients;
  for (std::size_t i = 0; i < count; ++i) {
    const auto number = random();
    clients.push_back(*base::Address::parse("10." + std::to_string(number % 8) + "." +
                                            std::to_string(number >> 8 & 255) + "." +
                                            std::to_string(number >> 16 & 255)));
  }
  return clients;
}

struct Traffic {
  explicit Traffic(bool isMixed)
      : mixed(isMixed), names(makeNames(mixed ? 300'000 : 187, random)),
        clients(makeClients(mixed ? 20'000 : 1, random)), byName(names.size()), byClient(clients.size()) {}

  // A question as a worker has it when it has been answered.
  struct Answered {
    dns::Name name;
    base::Address client;
    rec::RawQuestion question;
    rec::LogKind kind{};
    dns::RCode rcode{};
    std::uint32_t latency = 0, upstreamQueries = 0, upstreamBytes = 0;
  };

  void make(Answered& made) {
    const std::size_t rank = byName(random);
    const bool isNew = mixed && random() % 20 == 0;
    made.name = isNew ? *names[rank].withLabel(word(random) + std::to_string(random() % 100000)) : names[rank];
    made.client = clients[byClient(random)];
    made.question.name = made.name.wire();
    made.question.type = rank % 3 == 0 ? dns::RRType::AAAA : dns::RRType::A;
    made.question.recursionDesired = true;
    made.question.hasEdns = random() % 4 != 0;
    made.latency = static_cast<std::uint32_t>(20 + random() % 60);
    made.kind = rec::LogKind::PacketCache;
    made.rcode = dns::RCode::NoError;
    if (isNew || (mixed && random() % 20 == 0)) {
      made.kind = rec::LogKind::Iterated;
      made.rcode = random() % 3 == 0 ? dns::RCode::NXDomain : dns::RCode::NoError;
      made.latency = static_cast<std::uint32_t>(3000 + random() % 90000);
      made.upstreamQueries = static_cast<std::uint32_t>(1 + random() % 4);
      made.upstreamBytes = static_cast<std::uint32_t>(100 + random() % 900);
    } else if (mixed && rank % 50 == 49) {
      made.kind = rec::LogKind::Policy;
      made.rcode = dns::RCode::NXDomain;
    }
  }

  std::mt19937_64 random{42};
  bool mixed;
  std::vector<dns::Name> names;
  std::vector<base::Address> clients;
  Zipf byName, byClient;
};

// As the pipeline does it.
void logOther(rec::LogTap& tap, const Traffic::Answered& made, std::int64_t time) {
  rec::LogEntry entry{.name = made.name.wire(), .client = made.client};
  entry.type = made.question.type;
  entry.kind = made.kind;
  entry.rcode = made.rcode;
  entry.flags = made.question.hasEdns ? rec::kLogRd | rec::kLogEdns : rec::kLogRd;
  entry.latency = made.latency;
  entry.upstreamQueries = made.upstreamQueries;
  entry.upstreamBytes = made.upstreamBytes;
  if (made.kind == rec::LogKind::Policy) {
    entry.policy = "ads";
    entry.rule = "||doubleclick.example^";
    entry.ede = 15;
  }
  tap.add(entry, time);
}

// Answers that left at once have the same time and latency.
void logAll(rec::LogTap& tap, std::span<const Traffic::Answered> batch, std::int64_t& time) {
  constexpr std::array<std::byte, dns::kHeaderSize> kAnswer{};
  std::chrono::microseconds took{};
  for (std::size_t i = 0; i < batch.size(); ++i) {
    const Traffic::Answered& made = batch[i];
    if (i % kAtOnce == 0) {
      took = std::chrono::microseconds(made.latency);
      time += made.latency;
      tap.publish();
    }
    if (made.kind == rec::LogKind::PacketCache) {
      rec::logHit(tap, made.question, kAnswer, made.client, false, took, time);
    } else {
      logOther(tap, made, time);
    }
  }
  tap.publish();
}

} // namespace

int main(int argc, char** argv) {
  if (argc < 2) {
    std::fprintf(stderr, "bench-querylog FOLDER [RECORDS [hot|mixed]]\n");
    return 1;
  }
  const std::size_t records = argc > 2 ? std::stoull(argv[2]) : 10'000'000;
  Traffic traffic(argc < 4 || std::string(argv[3]) != "hot");
  rec::LogStore store({argv[1], std::uint64_t{4} << 30, false});
  rec::LogRing ring(std::size_t{1} << 22);
  rec::LogTap tap;
  tap.attach(ring, [] {});
  tap.setOrders(std::make_shared<const rec::LogOrders>());
  rec::LogWriter writer({&ring}, store, {});
  double logging = 0, writing = 0;
  std::int64_t time = kBegin;
  std::vector<Traffic::Answered> batch(kBatch);
  for (std::size_t done = 0; done < records; done += batch.size()) {
    batch.resize(std::min(kBatch, records - done));
    for (Traffic::Answered& made : batch) traffic.make(made);
    const double begun = cpuSeconds();
    logAll(tap, batch, time);
    const double logged = cpuSeconds();
    writer.drain(time);
    writing += cpuSeconds() - logged;
    logging += logged - begun;
  }
  const double begun = cpuSeconds();
  writer.flush(time);
  writing += cpuSeconds() - begun;
  struct stat about{};
  ::stat((std::string(argv[1]) + "/data.mdb").c_str(), &about);
  const auto count = static_cast<double>(records);
  std::printf(
      "%zu records, %llu dropped, %.2f octets each in blocks, %.2f on disk, %.0f ns each of the worker, %.0f of the "
      "writer\n",
      records, static_cast<unsigned long long>(ring.dropped()),
      static_cast<double>(writer.counts().bytes.load()) / count, static_cast<double>(about.st_blocks) * 512 / count,
      logging / count * 1e9, writing / count * 1e9);
  return 0;
}
