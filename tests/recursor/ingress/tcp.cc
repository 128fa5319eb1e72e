// TCP connections of clients over a scripted stream: order, limits, garbage, quotas.
#include "recursor/ingress/tcp.hh"

#include <deque>

#include "lib/net/framing.hh"
#include "lib/net/stream.hh"
#include "tests/recursor/query/bench.hh"

using namespace querytest;
using namespace std::chrono_literals;

namespace {

// What a client sends, as it is told to, and what it received.
struct Script {
  explicit Script(coro::Loop& own) : loop(own) {}
  coro::Loop& loop;
  std::deque<std::vector<std::byte>> input;
  bool ended = false;
  std::optional<coro::Gate> arrival;
  net::FrameReader output;
  bool alive = true;

  void send(const Packet& message) {
    std::vector<std::byte> framed;
    net::appendFrame(framed, message);
    sendRaw(std::move(framed));
  }
  void sendRaw(std::vector<std::byte> octets) {
    input.push_back(std::move(octets));
    wake();
  }
  void end() {
    ended = true;
    wake();
  }
  void wake() {
    if (arrival) {
      arrival->open();
    }
  }
  // The ids of the answers so far.
  std::vector<std::uint16_t> answers() {
    std::vector<std::uint16_t> ids;
    while (const auto frame = output.next()) {
      ids.push_back(parsed({frame->begin(), frame->end()}).header.id);
    }
    return ids;
  }
};

class ScriptedStream final : public net::Stream {
 public:
  explicit ScriptedStream(Script& script) : d_script(script) {}
  ~ScriptedStream() override { d_script.alive = false; }
  coro::Task<net::StreamResult> connect(base::MonoTime /*deadline*/) override {
    co_return net::StreamResult{net::StreamResult::Status::Done};
  }
  coro::Task<net::StreamResult> readSome(std::span<std::byte> into, base::MonoTime deadline) override {
    if (d_script.input.empty() && !d_script.ended) {
      d_script.arrival.emplace(d_script.loop);
      coro::Gate& gate = *d_script.arrival;
      const bool arrived = co_await coro::GateWait(gate, deadline);
      d_script.arrival.reset();
      if (!arrived) {
        co_return net::StreamResult{net::StreamResult::Status::TimedOut};
      }
    }
    if (d_script.input.empty()) {
      co_return net::StreamResult{net::StreamResult::Status::Closed};
    }
    auto& chunk = d_script.input.front();
    const std::size_t count = std::min(chunk.size(), into.size());
    std::copy_n(chunk.begin(), count, into.begin());
    chunk.erase(chunk.begin(), chunk.begin() + static_cast<std::ptrdiff_t>(count));
    if (chunk.empty()) {
      d_script.input.pop_front();
    }
    co_return net::StreamResult{net::StreamResult::Status::Done, count};
  }
  coro::Task<net::StreamResult> writeAll(std::span<const std::byte> octets, base::MonoTime /*deadline*/) override {
    for (std::size_t at = 0; at < octets.size();) {
      const auto space = d_script.output.space();
      const std::size_t count = std::min(space.size(), octets.size() - at);
      std::copy_n(octets.begin() + static_cast<std::ptrdiff_t>(at), count, space.begin());
      d_script.output.filled(count);
      at += count;
    }
    co_return net::StreamResult{net::StreamResult::Status::Done, octets.size()};
  }

 private:
  Script& d_script;
};

// Answers come when release() is called with the question's number.
class HeldResolver final : public rec::Resolver {
 public:
  explicit HeldResolver(coro::Loop& loop) : d_loop(loop) {}
  coro::Task<rec::Outcome> resolve(rec::Request request) override {
    const std::string owner = request.question.name.text();
    auto& gate = *gates.emplace_back(std::make_unique<coro::Gate>(d_loop));
    const base::MonoTime late = d_loop.now() + 1h;
    co_await coro::GateWait(gate, late);
    co_return positive(owner);
  }
  std::vector<std::unique_ptr<coro::Gate>> gates;

 private:
  coro::Loop& d_loop;
};

struct TcpBench final : rec::PipelineHost {
  explicit TcpBench(const std::function<void(rec::Settings&)>& change = {}) : settings(rec::defaultSettings()) {
    if (change) {
      change(settings);
    }
    pipeline.emplace(rec::Pipeline::Parts{settings, resolver, cache, counters, latencies, loop, roots, *this});
    hot.emplace(settings, cache, counters, latencies);
    tcp.emplace(rec::TcpIngress::Parts{settings, *hot, *pipeline, counters, loop, roots, quota, queryLog});
  }
  ~TcpBench() override { roots.cancelAll(); }
  TcpBench(const TcpBench&) = delete;
  TcpBench& operator=(const TcpBench&) = delete;

  Script& newClient() { return clients.emplace_back(loop); }
  void connect(Script& script, const std::string& from = "127.0.0.1:4000") {
    tcp->welcome(std::make_unique<ScriptedStream>(script), *base::Address::parse(from), {});
  }
  void connectProxy(Script& script) {
    tcp->welcome(std::make_unique<ScriptedStream>(script), *base::Address::parse("127.0.0.1:4000"), {}, true);
  }
  void run() {
    for (int i = 0; i < 5; ++i) {
      loop.runOnce();
    }
  }
  void reply(const rec::Client& client, std::span<const std::byte> message) override {
    tcp->answer(client.connection, message);
  }
  [[nodiscard]] std::uint32_t self() const override { return 0; }
  [[nodiscard]] std::uint32_t workers() const override { return 1; }
  void handOver(std::uint32_t /*worker*/, rec::QueryPtr /*query*/) override {}
  void wipeZone(const dns::Name& /*zone*/) override {}

  rec::Settings settings;
  base::ManualClock clock;
  coro::Loop loop{clock};
  std::deque<Script> clients; // streams write to them until the roots are cancelled
  coro::Roots roots{[](const std::string& what) { FAIL(what); }};
  rec::Counters counters;
  rec::Latencies latencies{counters, 1000};
  rec::PacketCache cache{{}};
  HeldResolver resolver{loop};
  rec::TcpQuota quota{3, 2};
  rec::LogTap queryLog;
  std::optional<rec::Pipeline> pipeline;
  std::optional<rec::HotPath> hot;
  std::optional<rec::TcpIngress> tcp;
};

Packet numbered(std::uint16_t id) {
  return packet({.name = "n" + std::to_string(id) + ".example", .header = {.id = id, .rd = true}});
}

} // namespace

TEST_CASE("questions of one connection are answered in the order in which answers are ready") {
  TcpBench bench;
  Script& client = bench.newClient();
  bench.connect(client);
  for (std::uint16_t id = 1; id <= 3; ++id) {
    client.send(numbered(id));
  }
  bench.run();
  REQUIRE(bench.resolver.gates.size() == 3);
  for (const std::size_t which : {2U, 0U, 1U}) {
    bench.resolver.gates[which]->open();
    bench.run();
  }
  CHECK(client.answers() == std::vector<std::uint16_t>{3, 1, 2});
  client.send(numbered(2));
  bench.run();
  CHECK(client.answers() == std::vector<std::uint16_t>{2}); // from the packet cache
  CHECK(bench.resolver.gates.size() == 3);
}

TEST_CASE("a question that comes octet by octet is read") {
  TcpBench bench;
  Script& client = bench.newClient();
  bench.connect(client);
  std::vector<std::byte> framed;
  net::appendFrame(framed, numbered(1));
  for (const std::byte octet : framed) {
    client.sendRaw({octet});
    bench.run();
  }
  CHECK(bench.resolver.gates.size() == 1);
}

TEST_CASE("reading pauses while too many questions of a connection are under way") {
  TcpBench bench([](rec::Settings& settings) { settings.maxConcurrentRequestsPerTcpConnection = 2; });
  Script& client = bench.newClient();
  bench.connect(client);
  for (std::uint16_t id = 0; id < 5; ++id) {
    client.send(numbered(id));
  }
  bench.run();
  CHECK(bench.resolver.gates.size() == 2);
  CHECK(bench.counters.get(rec::Metric::MaxConcurrentRequestsPerTcpConnectionExceeded) > 0);
  for (std::size_t i = 0; i < bench.resolver.gates.size(); ++i) {
    bench.resolver.gates[i]->open();
    bench.run();
  }
  CHECK(client.answers().size() == 5);
}

TEST_CASE("garbage closes the connection") {
  TcpBench bench;
  Script& client = bench.newClient();
  bench.connect(client);
  client.send({std::byte{1}, std::byte{2}});
  bench.run();
  CHECK_FALSE(client.alive);
  CHECK(bench.tcp->connections() == 0);
  CHECK(bench.counters.get(rec::Metric::TcpClients) == 0);
}

TEST_CASE("a client that has ended its side still gets its answers") {
  TcpBench bench;
  Script& client = bench.newClient();
  bench.connect(client);
  client.send(numbered(7));
  client.end();
  bench.run();
  CHECK(client.alive);
  bench.resolver.gates.at(0)->open();
  bench.run();
  CHECK(client.answers() == std::vector<std::uint16_t>{7});
  CHECK_FALSE(client.alive);
}

TEST_CASE("an answer for a client that has gone is dropped") {
  TcpBench bench;
  Script& client = bench.newClient();
  bench.connect(client);
  client.send(numbered(7));
  bench.run();
  client.send({std::byte{0}}); // garbage ends it
  bench.tcp->answer(4711, {});
  bench.run();
  bench.resolver.gates.at(0)->open();
  bench.run();
  CHECK_FALSE(client.alive);
}

TEST_CASE("connections are limited in all and for each client") {
  TcpBench bench;
  const auto connect = [&](const std::string& from) {
    Script& client = bench.newClient();
    bench.connect(client, from);
    return client.alive;
  };
  CHECK(connect("127.0.0.1:1"));
  CHECK(connect("127.0.0.1:2"));
  CHECK_FALSE(connect("127.0.0.1:3"));
  CHECK(bench.counters.get(rec::Metric::MaxTcpPerClientExceeded) == 1);
  CHECK(connect("127.0.0.2:1"));
  CHECK_FALSE(connect("127.0.0.3:1"));
  CHECK(bench.counters.get(rec::Metric::TcpClientOverflow) == 1);
  bench.clients.front().end();
  bench.run();
  CHECK(connect("127.0.0.3:1"));
}

TEST_CASE("a connection is closed after its share of questions") {
  TcpBench bench([](rec::Settings& settings) { settings.maxTcpQueriesPerConnection = 2; });
  Script& client = bench.newClient();
  bench.connect(client);
  for (std::uint16_t id = 0; id < 3; ++id) {
    client.send(numbered(id));
  }
  bench.run();
  CHECK(bench.resolver.gates.size() == 2);
  for (const auto& gate : bench.resolver.gates) {
    gate->open();
    bench.run();
  }
  CHECK(client.answers().size() == 2);
  CHECK_FALSE(client.alive);
}

namespace {

// What a proxy sends first for 192.0.2.7 (or another last octet).
std::vector<std::byte> proxyHeader(unsigned last = 7) {
  std::vector<std::byte> all;
  for (const unsigned octet :
       {0x0DU, 0x0AU, 0x0DU, 0x0AU, 0U, 0x0DU, 0x0AU, 0x51U, 0x55U, 0x49U, 0x54U, 0x0AU, 0x21U, 0x11U,
        0U,    12U,   192U,  0U,    2U, last,  198U,  51U,   100U,  9U,    0xC0U, 1U,    0U,    53U}) {
    all.push_back(static_cast<std::byte>(octet));
  }
  return all;
}

void allowOne(rec::Settings& settings) {
  settings.allowFrom = {};
  REQUIRE(settings.allowFrom.add("192.0.2.7").ok());
}

} // namespace

TEST_CASE("a connection of a proxy begins with its header, in any pieces, and is the named client's then") {
  TcpBench bench(allowOne);
  Script& client = bench.newClient();
  bench.connectProxy(client);
  std::vector<std::byte> stream = proxyHeader();
  net::appendFrame(stream, numbered(1));
  net::appendFrame(stream, numbered(2));
  SECTION("at once") { client.sendRaw(stream); }
  SECTION("octet by octet") {
    for (const std::byte octet : stream) {
      client.sendRaw({octet});
      bench.run();
    }
  }
  bench.run();
  REQUIRE(bench.resolver.gates.size() == 2);
  bench.resolver.gates[1]->open();
  bench.resolver.gates[0]->open();
  bench.run();
  CHECK(client.answers().size() == 2);
  CHECK(bench.counters.get(rec::Metric::ProxyProtocolInvalid) == 0);
}

TEST_CASE("a connection of a proxy without a good header, or for a client that may not ask, is closed") {
  TcpBench bench(allowOne);
  Script& client = bench.newClient();
  bench.connectProxy(client);
  unsigned invalid = 0, unauthorized = 0;
  SECTION("a question") {
    client.send(numbered(1));
    invalid = 1;
  }
  SECTION("half a header") {
    auto half = proxyHeader();
    half.resize(17);
    client.sendRaw(half);
    client.end();
    invalid = 1;
  }
  SECTION("nothing") { client.end(); }
  SECTION("another client") {
    client.sendRaw(proxyHeader(8));
    unauthorized = 1;
  }
  bench.run();
  CHECK_FALSE(client.alive);
  CHECK(bench.counters.get(rec::Metric::ProxyProtocolInvalid) == invalid);
  CHECK(bench.counters.get(rec::Metric::UnauthorizedTcp) == unauthorized);
  CHECK(bench.counters.get(rec::Metric::TcpClients) == 0);
}

TEST_CASE("max-tcp-per-client counts the clients that a proxy names, not the proxy") {
  TcpBench bench(allowOne);
  std::vector<Script*> clients;
  for (int i = 0; i < 3; ++i) {
    clients.push_back(&bench.newClient());
    bench.connectProxy(*clients.back());
  }
  CHECK(bench.tcp->connections() == 3);
  for (Script* client : clients) {
    client->sendRaw(proxyHeader());
    bench.run();
  }
  CHECK(bench.tcp->connections() == 2);
  CHECK(bench.counters.get(rec::Metric::MaxTcpPerClientExceeded) == 1);
}
