// The TCP pool over a stream played by the test: pipelining, order, cancelling, dead and idle connections.
#include "recursor/upstream/tcp.hh"

#include <catch2/catch.hpp>

#include "lib/coro/wait.hh"
#include "tests/recursor/upstream/helpers.hh"

using namespace rec;
using namespace std::chrono_literals;
using test::Packet;

namespace {

using Status = net::StreamResult::Status;

// The far end of a stream: what was written to it, what it says, whether it hangs up.
struct Peer {
  std::vector<Packet> questions; // whole messages
  net::FrameReader written;
  std::vector<std::byte> toRead;
  bool hangUp = false;
  int refuses = 0;   // errno
  bool gone = false; // the stream was destroyed

  void say(const Packet& message) { net::appendFrame(toRead, message); }
  void take(std::span<const std::byte> octets) {
    while (!octets.empty()) {
      const auto space = written.space();
      const std::size_t count = std::min(space.size(), octets.size());
      std::copy_n(octets.begin(), count, space.begin());
      written.filled(count);
      octets = octets.subspan(count);
      while (const auto message = written.next()) questions.emplace_back(message->begin(), message->end());
    }
  }
};

class FakeStream final : public net::Stream {
 public:
  FakeStream(coro::Loop& loop, std::shared_ptr<Peer> peer) : d_loop(loop), d_peer(std::move(peer)) {}
  ~FakeStream() override { d_peer->gone = true; }
  coro::Task<net::StreamResult> connect(base::MonoTime) override {
    co_return d_peer->refuses != 0 ? net::StreamResult{Status::Failed, 0, d_peer->refuses}
                                   : net::StreamResult{Status::Done, 0, 0};
  }
  coro::Task<net::StreamResult> readSome(std::span<std::byte> into, base::MonoTime deadline) override {
    while (d_peer->toRead.empty() && !d_peer->hangUp) {
      if (d_loop.now() >= deadline) co_return net::StreamResult{Status::TimedOut, 0, 0};
      co_await coro::Yield(d_loop);
    }
    if (d_peer->toRead.empty()) co_return net::StreamResult{Status::Closed, 0, 0};
    const std::size_t count = std::min(into.size(), d_peer->toRead.size());
    std::copy_n(d_peer->toRead.begin(), count, into.begin());
    d_peer->toRead.erase(d_peer->toRead.begin(), d_peer->toRead.begin() + static_cast<std::ptrdiff_t>(count));
    co_return net::StreamResult{Status::Done, count, 0};
  }
  coro::Task<net::StreamResult> writeAll(std::span<const std::byte> octets, base::MonoTime) override {
    d_peer->take(octets);
    co_return net::StreamResult{Status::Done, octets.size(), 0};
  }

 private:
  coro::Loop& d_loop;
  std::shared_ptr<Peer> d_peer;
};

struct Judge final : ReplyJudge {
  ReplyVerdict take(std::span<std::byte> packet) override {
    got.assign(packet.begin(), packet.end());
    return verdict;
  }
  Packet got;
  [[nodiscard]] std::optional<std::chrono::milliseconds> idleAllowed() const override { return idle; }
  ReplyVerdict verdict = ReplyVerdict::Accept;
  std::optional<std::chrono::milliseconds> idle;
};

Packet message(std::uint16_t id, std::uint8_t body) {
  return {static_cast<std::byte>(id >> 8), static_cast<std::byte>(id & 0xff), std::byte{body}};
}

struct Asked {
  Judge judge;
  Packet packet;
  std::optional<WireOutcome> outcome;
};

coro::Task<void> run(TcpTransport& transport, WireQuery query, std::shared_ptr<Asked> asked) {
  auto outcome = co_await transport.exchange(query, asked->judge);
  asked->outcome.emplace(std::move(outcome));
}

struct Bench {
  std::shared_ptr<Asked> ask(std::uint16_t id, std::chrono::milliseconds wait = 1000ms) {
    return askFrom(roots, id, wait);
  }
  std::shared_ptr<Asked> askFrom(coro::Roots& owner, std::uint16_t id, std::chrono::milliseconds wait = 1000ms) {
    if (!transport) transport.emplace(loop, counters, options, maker());
    auto asked = std::make_shared<Asked>();
    asked->packet = message(id, 1);
    WireQuery query;
    query.server = server;
    query.endpoint = endpoint;
    query.id = id;
    query.packet = asked->packet;
    query.deadline = clock.mono() + wait;
    owner.spawn(run(*transport, query, asked));
    turn();
    return asked;
  }
  TcpTransport::StreamMaker maker() {
    return [this](const Upstream&) -> std::unique_ptr<net::Stream> {
      peers.push_back(std::make_shared<Peer>());
      peers.back()->refuses = refuse;
      return std::make_unique<FakeStream>(loop, peers.back());
    };
  }
  void turn() {
    for (int i = 0; i < 5; ++i) loop.runOnce();
  }

  base::ManualClock clock;
  coro::Loop loop{clock};
  Counters counters;
  TcpTransport::Options options;
  std::vector<std::shared_ptr<Peer>> peers;
  int refuse = 0; // errno of connecting
  base::Address server = test::address("198.51.100.1");
  std::shared_ptr<const Endpoint> endpoint;
  std::optional<TcpTransport> transport;
  coro::Roots roots{[](const std::string& what) { FAIL(what); }};
};

} // namespace

TEST_CASE("questions share a connection and answers may come in any order") {
  Bench bench;
  auto first = bench.ask(1);
  auto second = bench.ask(2);
  REQUIRE(bench.peers.size() == 1);
  Peer& peer = *bench.peers[0];
  CHECK(peer.questions == std::vector<Packet>{message(1, 1), message(2, 1)});
  peer.say(message(2, 20));
  bench.turn();
  REQUIRE(second->outcome.has_value());
  CHECK(second->outcome->status == WireStatus::Accepted);
  CHECK(second->judge.got == message(2, 20));
  CHECK_FALSE(first->outcome.has_value());
  peer.say(message(1, 10));
  bench.turn();
  CHECK(first->judge.got == message(1, 10));
  CHECK(bench.counters.get(Metric::IdleTcpoutConnections) == 1);
}

TEST_CASE("the same id twice at once needs a second connection") {
  Bench bench;
  bench.ask(1);
  bench.ask(1);
  CHECK(bench.peers.size() == 2);
}

TEST_CASE("what the judge does not accept over TCP is not waited for again") {
  Bench bench;
  auto asked = bench.ask(1);
  asked->judge.verdict = ReplyVerdict::Ignore;
  bench.peers[0]->say(message(1, 1));
  bench.turn();
  CHECK(asked->outcome->status == WireStatus::Abandoned);
}

TEST_CASE("a cancelled question leaves the connection usable and its answer is passed over") {
  Bench bench;
  {
    coro::Roots cancelled{[](const std::string&) {}};
    bench.askFrom(cancelled, 1);
  }
  auto asked = bench.ask(2);
  bench.peers[0]->say(message(1, 10));
  bench.peers[0]->say(message(2, 20));
  bench.turn();
  CHECK(bench.peers.size() == 1);
  CHECK(asked->judge.got == message(2, 20));
  CHECK(bench.counters.get(Metric::UnexpectedPackets) == 1);
}

TEST_CASE("a question lost with a kept connection is asked once more over a fresh one") {
  Bench bench;
  bench.ask(1);
  bench.peers[0]->say(message(1, 10));
  bench.turn();
  auto asked = bench.ask(2);
  bench.peers[0]->hangUp = true;
  bench.turn();
  REQUIRE(bench.peers.size() == 2);
  CHECK(bench.peers[0]->gone);
  CHECK(bench.peers[1]->questions == std::vector<Packet>{message(2, 1)});
  bench.peers[1]->hangUp = true;
  bench.turn();
  REQUIRE(asked->outcome.has_value());
  CHECK(asked->outcome->status == WireStatus::Unreachable);
  CHECK(asked->outcome->detail == "connection closed by server");
  CHECK(bench.transport->connections() == 0);
}

TEST_CASE("a refused connection is not tried twice") {
  Bench bench;
  bench.refuse = ECONNREFUSED;
  auto asked = bench.ask(1);
  REQUIRE(asked->outcome.has_value());
  CHECK(asked->outcome->status == WireStatus::Unreachable);
  CHECK(asked->outcome->detail == "connection refused");
  CHECK(bench.peers.size() == 1);
}

TEST_CASE("a connection that this machine could not make is no reason to leave the server in peace") {
  Bench bench;
  bench.refuse = EMFILE;
  for (int i = 0; i < 5; ++i) {
    const auto asked = bench.ask(1);
    REQUIRE(asked->outcome.has_value());
    CHECK(asked->outcome->status == WireStatus::LocalFailure);
  }
  CHECK(bench.peers.size() == 5);
  CHECK(bench.counters.get(Metric::TcpOutBackoffs) == 0);
}

TEST_CASE("a server that refuses connections is left in peace for a moment, ever longer, and not for ever") {
  Bench bench;
  bench.refuse = ECONNREFUSED;
  bench.ask(1);
  for (const auto pause : {50ms, 100ms, 200ms, 400ms, 800ms, 1000ms, 1000ms}) {
    const std::size_t before = bench.peers.size();
    bench.ask(1);
    CHECK(bench.peers.size() == before + 1);
    bench.clock.advance(pause / 2 - 1ms);
    const auto early = bench.ask(2);
    CHECK(bench.peers.size() == before + 1);
    CHECK(early->outcome->status == WireStatus::Unreachable);
    CHECK(early->outcome->detail == "connection refused");
    bench.clock.advance(pause / 2 + 1ms);
  }
  CHECK(bench.counters.get(Metric::TcpOutBackoffs) == 7);
  bench.refuse = 0;
  bench.ask(3);
  CHECK(bench.counters.get(Metric::TcpOutConnects) == 1);
  bench.peers.back()->hangUp = true;
  bench.turn();
  const std::size_t before = bench.peers.size();
  bench.ask(4); // it worked: nothing to wait for
  CHECK(bench.peers.size() == before + 1);
}

TEST_CASE("a server has no more connections than it may") {
  Bench bench;
  bench.options.maxPerServer = 2;
  bench.ask(1);
  bench.ask(1);
  const auto third = bench.ask(1);
  CHECK(bench.peers.size() == 2);
  REQUIRE(third->outcome.has_value());
  CHECK(third->outcome->status == WireStatus::LocalFailure);
  CHECK(bench.counters.get(Metric::TcpOverflow) == 1);
}

TEST_CASE("a server that keeps idle connections for less long than we would is heeded") {
  Bench bench;
  auto asked = bench.ask(1);
  asked->judge.idle = 3s;
  bench.peers[0]->say(message(1, 10));
  bench.turn();
  bench.clock.advance(2s);
  bench.turn();
  CHECK_FALSE(bench.peers[0]->gone);
  bench.clock.advance(1s);
  bench.turn();
  CHECK(bench.peers[0]->gone);
  asked = bench.ask(2);
  asked->judge.idle = 0s; // close it now
  bench.peers[1]->say(message(2, 10));
  bench.turn();
  bench.ask(3);
  CHECK(bench.peers.size() == 3);
}

TEST_CASE("a connection on which a question timed out gets no more of them") {
  Bench bench;
  auto asked = bench.ask(1, -1ms);
  bench.turn();
  REQUIRE(asked->outcome.has_value());
  CHECK(asked->outcome->status == WireStatus::TimedOut);
  bench.ask(2);
  CHECK(bench.peers.size() == 2);
}

TEST_CASE("an idle connection is closed after its time") {
  Bench bench;
  bench.ask(1);
  bench.peers[0]->say(message(1, 10));
  bench.turn();
  bench.clock.advance(9s);
  bench.turn();
  CHECK_FALSE(bench.peers[0]->gone);
  bench.clock.advance(2s);
  bench.turn();
  CHECK(bench.peers[0]->gone);
  CHECK(bench.counters.get(Metric::IdleTcpoutConnections) == 0);
}

TEST_CASE("no more connections stay idle than allowed") {
  Bench bench;
  bench.options.maxIdlePerServer = 1;
  bench.ask(1);
  bench.ask(1);
  bench.peers[0]->say(message(1, 10));
  bench.peers[1]->say(message(1, 10));
  bench.turn();
  CHECK(bench.transport->connections() == 1);
}

TEST_CASE("a connection is closed when its questions are used up") {
  Bench bench;
  bench.options.connection.maxQueries = 2;
  bench.ask(1);
  bench.ask(2);
  bench.ask(3);
  CHECK(bench.peers.size() == 2);
  bench.peers[0]->say(message(1, 10));
  bench.peers[0]->say(message(2, 10));
  bench.turn();
  CHECK(bench.peers[0]->gone);
}

TEST_CASE("there are never more connections than allowed") {
  Bench bench;
  bench.options.maxConnections = 1;
  bench.ask(1);
  auto asked = bench.ask(1);
  REQUIRE(asked->outcome.has_value());
  CHECK(asked->outcome->status == WireStatus::LocalFailure);
  CHECK(bench.counters.get(Metric::TcpOverflow) == 1);
}

TEST_CASE("one server does not get all connections") {
  Bench bench;
  bench.options.maxConnections = 8;
  for (int i = 0; i < 5; ++i) bench.ask(1);
  CHECK(bench.peers.size() == 3);
  bench.server = test::address("198.51.100.2");
  CHECK_FALSE(bench.ask(1)->outcome.has_value());
  CHECK(bench.peers.size() == 4);
}

TEST_CASE("an endpoint may allow fewer connections, and questions over one that is there are counted") {
  Bench bench;
  bench.options.opens = Metric::DotConnections;
  bench.options.reuses = Metric::DotConnectionReuses;
  Endpoint few;
  few.maxConnections = 2;
  bench.endpoint = std::make_shared<const Endpoint>(few);
  auto first = bench.ask(1), second = bench.ask(1), third = bench.ask(1); // the same id needs another connection
  CHECK(bench.peers.size() == 2);
  REQUIRE(third->outcome);
  CHECK(third->outcome->status == WireStatus::LocalFailure);
  auto fourth = bench.ask(2);
  CHECK(bench.peers.size() == 2);
  CHECK(bench.counters.get(Metric::DotConnections) == 2);
  CHECK(bench.counters.get(Metric::DotConnectionReuses) == 1);
}

TEST_CASE("waiting questions outlive the pool's end") {
  Bench bench;
  auto asked = bench.ask(1);
  bench.roots.cancelAll();
  bench.transport.reset();
  CHECK_FALSE(asked->outcome.has_value());
  CHECK(bench.peers[0]->gone);
}

TEST_CASE("all questions lost with a connection share the next one") {
  Bench bench;
  bench.ask(1);
  bench.peers[0]->say(message(1, 10));
  bench.turn();
  std::vector<std::shared_ptr<Asked>> asked;
  for (std::uint16_t id = 2; id < 12; ++id) asked.push_back(bench.ask(id));
  bench.peers[0]->hangUp = true;
  bench.turn();
  REQUIRE(bench.peers.size() == 2);
  CHECK(bench.peers[1]->questions.size() == 10);
  for (std::uint16_t id = 2; id < 12; ++id) bench.peers[1]->say(message(id, 10));
  bench.turn();
  for (const auto& one : asked) CHECK(one->outcome.value().status == WireStatus::Accepted);
}

TEST_CASE("questions that joined a connection which is refused fail with it") {
  Bench bench;
  bench.refuse = ECONNREFUSED;
  auto first = bench.ask(1);
  CHECK(first->outcome.value().status == WireStatus::Unreachable);
  CHECK(bench.peers.size() == 1);
  CHECK(bench.transport->connections() == 0);
}

TEST_CASE("a question that times out does not end a connection on which others are answered") {
  Bench bench;
  bench.ask(9);
  auto slow = bench.ask(1, 1000ms);
  bench.clock.advance(500ms);
  bench.ask(2, 1000ms);
  bench.peers[0]->say(message(2, 10));
  bench.turn();
  bench.clock.advance(501ms);
  bench.ask(3);
  CHECK(bench.peers.size() == 1);
}

TEST_CASE("a connection that has been silent since a question gets no more, though nobody waited so long") {
  Bench bench;
  bench.ask(1);
  bench.peers[0]->say(message(1, 10));
  bench.turn();
  {
    coro::Roots cancelled{[](const std::string&) {}};
    bench.askFrom(cancelled, 2);
  }
  bench.clock.advance(1s);
  bench.ask(3);
  CHECK(bench.peers.size() == 1);
  bench.clock.advance(1500ms);
  bench.ask(4);
  CHECK(bench.peers.size() == 2);
}

TEST_CASE("connections are shared by those who demand the same of the server only") {
  Bench bench;
  const auto endpoint = [](std::string_view text) {
    return std::make_shared<const Endpoint>(Endpoint::parse(text).value());
  };
  bench.endpoint = endpoint("tls://198.51.100.1#dns.example.net");
  bench.ask(1);
  bench.endpoint = endpoint("tls://198.51.100.1#dns.example.net"); // read anew
  bench.ask(2);
  CHECK(bench.peers.size() == 1);
  bench.endpoint = endpoint("tls://198.51.100.1#other.example.net");
  bench.ask(3);
  CHECK(bench.peers.size() == 2);
  bench.endpoint = endpoint("tls://198.51.100.1?ca=/etc/ca.pem#dns.example.net");
  bench.ask(4);
  CHECK(bench.peers.size() == 3);
  bench.endpoint = endpoint("tls://198.51.100.1?pin=AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=#dns.example.net");
  bench.ask(5);
  CHECK(bench.peers.size() == 4);
  bench.endpoint.reset();
  bench.ask(6);
  CHECK(bench.peers.size() == 5);
}
