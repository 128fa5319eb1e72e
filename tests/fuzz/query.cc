// Fuzz target: whatever a client sends, hot path and pipeline send nothing, or a well-formed answer with its id.
#include <vector>

#include "recursor/query/hotpath.hh"
#include "recursor/query/pipeline.hh"
#include "tests/fuzz/fuzz.hh"

namespace {

// Answers each name with records that depend on its size, so that composing has something to do.
class FakeResolver final : public rec::Resolver {
 public:
  coro::Task<rec::Outcome> resolve(rec::Request request) override {
    rec::Outcome outcome;
    outcome.rcode = static_cast<dns::RCode>(request.question.name.wireSize() % 6);
    outcome.errors.push_back({dns::EdeCode::Other, request.question.name.text()});
    dns::RRsetBuilder builder(request.question.name, dns::RRType::TXT, dns::RRClass::IN, 60);
    for (std::size_t i = 0; i < request.question.name.labelCount(); ++i) {
      std::vector<std::byte> rdata(120, std::byte{'x'});
      rdata[0] = std::byte{119};
      rdata[1] = static_cast<std::byte>(i);
      builder.add(rdata);
    }
    if (request.question.name.labelCount() > 0) {
      outcome.answer.push_back({builder.build(), 60});
    }
    co_return outcome;
  }
};

struct Surroundings final : rec::PipelineHost {
  void reply(const rec::Client& client, std::span<const std::byte> message) override {
    ++replies;
    check(client.tcp, message);
  }
  void check(bool tcp, std::span<const std::byte> message) const {
    if (message.empty()) {
      return;
    }
    fuzz::require(message.size() >= dns::kHeaderSize && (tcp || message.size() <= 1232));
    fuzz::require(message[0] == id[0] && message[1] == id[1]);
    const auto parsed = dns::parseMessage(message);
    fuzz::require(parsed.ok() && parsed->header.qr && !parsed->header.ad);
  }
  [[nodiscard]] std::uint32_t self() const override { return 0; }
  [[nodiscard]] std::uint32_t workers() const override { return 1; }
  void handOver(std::uint32_t /*worker*/, rec::QueryPtr /*query*/) override {}
  void wipeZone(const dns::Name& /*zone*/) override {}
  int replies = 0;
  std::byte id[2]{};
};

rec::Settings makeSettings() {
  rec::Settings settings = rec::defaultSettings();
  settings.threads = 1;
  static_cast<void>(settings.allowNotifyFrom.add("0.0.0.0/0"));
  settings.allowNotifyFor.push_back(dns::Name());
  settings.useIncomingEdnsSubnet = true;
  settings.ednsSubnetAllowList = {"."};
  return settings;
}

struct Bench {
  base::ManualClock clock;
  coro::Loop loop{clock};
  coro::Roots roots{[](const std::string& /*what*/) { fuzz::require(false); }};
  rec::Settings settings = makeSettings();
  rec::Counters counters;
  rec::Latencies latencies{counters, 1000};
  rec::PacketCache cache{{.maxEntries = 1000}};
  FakeResolver resolver;
  Surroundings surroundings;
  rec::Pipeline pipeline{{settings, resolver, cache, counters, latencies, loop, roots, surroundings}};
  rec::HotPath hot{settings, cache, counters, latencies};
};

void send(Bench& bench, std::span<const std::byte> packet, bool tcp) {
  static std::vector<std::byte> out(dns::kMaxMessageSize);
  rec::Client client;
  client.source = base::Address::parse("127.0.0.1:53").value();
  client.tcp = tcp;
  bench.surroundings.replies = 0;
  const auto room = std::span(out).first(tcp ? out.size() : bench.settings.udpTruncationThreshold);
  const auto result = bench.hot.handle(packet, client.source, tcp, room, bench.clock.wall());
  if (result.verdict == rec::HotPath::Verdict::Answer) {
    bench.surroundings.check(tcp, room.first(result.size));
  } else if (result.verdict == rec::HotPath::Verdict::Miss) {
    bench.pipeline.accept(packet, client, bench.clock.mono());
    fuzz::require(bench.surroundings.replies == 1);
  }
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static Bench bench;
  const auto packet = fuzz::octets(data, size);
  if (packet.size() >= 2) {
    bench.surroundings.id[0] = packet[0];
    bench.surroundings.id[1] = packet[1];
  }
  for (const bool tcp : {false, true, false}) { // the third may be a hit
    send(bench, packet, tcp);
  }
  return 0;
}
