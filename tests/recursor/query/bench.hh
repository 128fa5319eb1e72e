// What the tests of the query folder share: packets by hand, a resolver that answers what it is told, and one worker's
// pipeline around it, with several "workers" faked by their numbers.
#pragma once

#include <catch2/catch.hpp>
#include <functional>
#include <string>
#include <vector>

#include "lib/coro/root.hh"
#include "lib/coro/wait.hh"
#include "lib/dns/message.hh"
#include "lib/dns/rdata.hh"
#include "recursor/query/hotpath.hh"
#include "recursor/query/pipeline.hh"
#include "recursor/trust/configured.hh"

namespace querytest {

using Packet = std::vector<std::byte>;

inline dns::Name name(const std::string& text) { return *dns::Name::parse(text); }

struct Ask {
  std::string name = "www.example.com";
  dns::RRType type = dns::RRType::A;
  dns::RRClass rrclass = dns::RRClass::IN;
  dns::Header header{.id = 0x1234, .rd = true};
  std::optional<dns::Edns> edns;
};

inline Packet packet(const Ask& ask) {
  Packet buffer(2000);
  const dns::Question question{name(ask.name), ask.type, ask.rrclass};
  buffer.resize(dns::writeQuery(buffer, ask.header, question, ask.edns));
  return buffer;
}

inline dns::Edns edns(std::uint16_t size = 1232) {
  dns::Edns options;
  options.udpSize = size;
  return options;
}

inline dns::Message parsed(const Packet& bytes) {
  auto message = dns::parseMessage(bytes);
  REQUIRE(message.ok());
  return *std::move(message);
}

inline rec::AgedRRset address(const std::string& owner, const std::string& text, std::uint32_t ttl = 300) {
  return {dns::makeAddressRRset(name(owner), ttl, *base::Address::parse(text)), ttl};
}

inline rec::Outcome positive(const std::string& owner, std::uint32_t ttl = 300) {
  rec::Outcome outcome;
  outcome.rcode = dns::RCode::NoError;
  outcome.kind = rec::AnswerKind::Iterated;
  outcome.answer.push_back(address(owner, "192.0.2.1", ttl));
  return outcome;
}

// Resolves after its gate is opened (or at once), to what `make` says.
class FakeResolver final : public rec::Resolver {
 public:
  explicit FakeResolver(coro::Loop& worker) : loop(worker) {}
  coro::Task<rec::Outcome> resolve(rec::Request request) override {
    ++resolutions;
    last = request;
    const base::MonoTime late = loop.now() + std::chrono::hours(1);
    if (slow) {
      coro::Gate& gate = *slow;
      co_await coro::GateWait(gate, late);
    }
    co_return make(request);
  }
  std::optional<rec::Outcome> fromCache(const rec::Request& request) override {
    return cached ? cached(request) : std::nullopt;
  }
  bool foundNothing() const override { return nothing; }
  bool wantsNotify(const dns::Name& zone) const override { return notified && zone == *notified; }
  bool isOperators(const dns::Name& owner) const override { return own && owner.isWithin(*own); }
  dns::Name zoneOf(const dns::Name& asked) const override {
    return asked.suffix(std::min<std::size_t>(asked.labelCount(), 2));
  }
  coro::Loop& loop;
  std::optional<coro::Gate> slow;
  std::function<rec::Outcome(const rec::Request&)> make = [](const rec::Request& request) {
    return positive(request.question.name.text());
  };
  std::function<std::optional<rec::Outcome>(const rec::Request&)> cached;
  std::optional<rec::Request> last;
  std::optional<dns::Name> notified, own;
  int resolutions = 0;
  bool nothing = false; // what foundNothing() says
};

struct Bench : rec::PipelineHost {
  explicit Bench(const std::function<void(rec::Settings&)>& change = {}) {
    settings = rec::defaultSettings();
    settings.threads = 1;
    if (change) {
      change(settings);
    }
    parts.emplace(rec::Pipeline::Parts{settings, resolver, cache, counters, latencies, loop, roots, *this, nullptr,
                                       &anchors, nullptr});
    prefetcher.emplace(rec::Prefetcher::Parts{settings, counters, loop, 0});
    parts->prefetcher = &*prefetcher;
    parts->top = &top;
    pipeline.emplace(*parts);
    prefetcher->attach(*pipeline);
    hot.emplace(settings, cache, counters, latencies, &*prefetcher);
    hot->setTop(&top);
  }
  ~Bench() override { roots.cancelAll(); }
  Bench(const Bench&) = delete;
  Bench& operator=(const Bench&) = delete;

  // As a listener does it; the answer, or nothing.
  std::optional<Packet> send(const Packet& question, bool tcp = false, const std::string& from = "127.0.0.1:4000") {
    answers.clear();
    Packet out(tcp ? 65535 : settings.udpTruncationThreshold);
    rec::Client client;
    client.source = *base::Address::parse(from);
    client.tcp = tcp;
    const auto result = hot->handle(question, client.source, tcp, out, clock.wall());
    wasHit = result.verdict == rec::HotPath::Verdict::Answer;
    if (wasHit) {
      out.resize(result.size);
      return out;
    }
    if (result.verdict == rec::HotPath::Verdict::Miss) {
      pipeline->accept(question, client, clock.mono());
    }
    return answers.empty() ? std::nullopt : std::optional(answers.front());
  }
  dns::Message ask(const Ask& question, bool tcp = false) {
    const auto answer = send(packet(question), tcp);
    REQUIRE(answer);
    return parsed(*answer);
  }

  void reply(const rec::Client& client, std::span<const std::byte> message) override {
    if (message.empty()) {
      ++dropped;
    } else {
      answers.emplace_back(message.begin(), message.end());
      lastClient = client;
    }
  }
  [[nodiscard]] std::uint32_t self() const override { return 0; }
  [[nodiscard]] std::uint32_t workers() const override { return workerCount; }
  void handOver(std::uint32_t worker, rec::QueryPtr query) override {
    REQUIRE(worker != 0);
    handedOver.push_back(std::move(query));
  }
  void wipeZone(const dns::Name& zone) override { wiped.push_back(zone); }

  base::ManualClock clock;
  coro::Loop loop{clock};
  std::vector<std::string> failures;
  coro::Roots roots{[this](const std::string& what) { failures.push_back(what); }};
  rec::Settings settings;
  rec::Counters counters;
  rec::Latencies latencies{counters, 1000};
  rec::TopRings top{100};
  rec::PacketCache cache{{}};
  rec::TrustAnchors anchors{rec::givenAnchors(rec::builtInLuaConfig())};
  FakeResolver resolver{loop};
  std::optional<rec::Pipeline::Parts> parts;
  std::optional<rec::Prefetcher> prefetcher;
  std::optional<rec::Pipeline> pipeline;
  std::optional<rec::HotPath> hot;
  std::vector<Packet> answers;
  std::vector<rec::QueryPtr> handedOver;
  std::vector<dns::Name> wiped;
  rec::Client lastClient;
  std::uint32_t workerCount = 1;
  int dropped = 0;
  bool wasHit = false;
};

} // namespace querytest
