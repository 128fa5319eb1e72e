// The whole hit path, from the socket to the socket: what it must not cost, and who is answered first.
#include "recursor/ingress/udp.hh"

#include <dlfcn.h>
#include <netinet/in.h>
#include <netinet/udp.h>
#include <poll.h>
#include <pthread.h>
#include <sys/socket.h>

#include <set>

#include "lib/coro/gate.hh"
#include "lib/net/udpsocket.hh"
#include "tests/recursor/query/allocations.hh"
#include "tests/recursor/query/bench.hh"

namespace {
std::atomic<std::size_t> s_locks{0};
std::function<void()> s_onPause;
} // namespace

#ifndef ROOTWALK_SANITIZED
// Counts mutexes taken. Locks of shards, which are none: regression/e2e/hit_path.
extern "C" int pthread_mutex_lock(pthread_mutex_t* mutex) noexcept {
  using Lock = int (*)(pthread_mutex_t*);
  static const auto real = reinterpret_cast<Lock>(::dlsym(RTLD_NEXT, "pthread_mutex_lock"));
  ++s_locks;
  return real(mutex);
}
// How the loop sleeps for a while.
extern "C" int ppoll(pollfd* fds, nfds_t count, const timespec* timeout, const sigset_t* signals) {
  using Poll = int (*)(pollfd*, nfds_t, const timespec*, const sigset_t*);
  static const auto real = reinterpret_cast<Poll>(::dlsym(RTLD_NEXT, "ppoll"));
  if (s_onPause) s_onPause();
  return real(fds, count, timeout, signals);
}
#endif

using namespace querytest;

namespace {

// A listener on a port of its own, and a client of it.
struct UdpBench : Bench {
  explicit UdpBench(const std::function<void(rec::Settings&)>& change = {}) : Bench(change) {
    const base::Address any = *base::Address::parse("127.0.0.1");
    auto bound = net::bindUdp(any, {});
    REQUIRE(bound.ok());
    base::Fd socket = *std::move(bound);
    sockaddr_in self{};
    socklen_t size = sizeof self;
    REQUIRE(::getsockname(socket.get(), reinterpret_cast<sockaddr*>(&self), &size) == 0);
    client.reset(::socket(AF_INET, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
    REQUIRE(::connect(client.get(), reinterpret_cast<const sockaddr*>(&self), sizeof self) == 0);
    udp.emplace(rec::UdpIngress::Parts{settings, *hot, *pipeline, counters, loop, queryLog, 0});
    udp->listen(std::move(socket), any.withPort(ntohs(self.sin_port)));
  }
  void reply(const rec::Client& to, std::span<const std::byte> message) override {
    if (sending) {
      udp->send(to, message);
    } else {
      Bench::reply(to, message);
    }
  }
  void put(const Packet& question) const {
    REQUIRE(::send(client.get(), question.data(), question.size(), 0) == static_cast<ssize_t>(question.size()));
  }
  // Of the client's socket.
  [[nodiscard]] rec::Client asked() const {
    sockaddr_in self{};
    socklen_t size = sizeof self;
    REQUIRE(::getsockname(client.get(), reinterpret_cast<sockaddr*>(&self), &size) == 0);
    rec::Client from;
    from.source = base::Address::fromSockaddr(reinterpret_cast<const sockaddr*>(&self));
    return from;
  }
  // The next answer's id, 0 when there is none.
  [[nodiscard]] unsigned takeId() const {
    std::array<std::byte, 1500> answer{};
    const ssize_t size = ::recv(client.get(), answer.data(), answer.size(), 0);
    return size < 12 ? 0 : std::to_integer<unsigned>(answer[0]) << 8 | std::to_integer<unsigned>(answer[1]);
  }

  base::Fd client;
  rec::LogTap queryLog;
  std::optional<rec::UdpIngress> udp;
  bool sending = false;
};

} // namespace

TEST_CASE("hits cost no allocation and no lock, from the socket to the socket") {
  UdpBench bench;
  bench.ask({.edns = edns()});
  const auto serve = [&] {
    for (std::uint16_t id = 1; id <= 40; ++id) { // more than a batch
      bench.put(packet({.header = {.id = id, .rd = true}, .edns = edns()}));
    }
    const std::size_t allocations = s_allocations, locks = s_locks;
    bench.loop.runOnce();
    CHECK(s_allocations == allocations);
    CHECK(s_locks == locks);
    for (unsigned id = 1; id <= 40; ++id) {
      REQUIRE(bench.takeId() == id);
    }
  };
  serve();
  serve();
  CHECK(bench.counters.get(rec::Metric::PacketcacheHits) == 80);
  CHECK(bench.counters.get(rec::Metric::UdpBatches) >= 4);
#ifndef ROOTWALK_SANITIZED
  CHECK(s_allocations > 0); // it does count
  std::mutex mutex;
  const std::size_t before = s_locks;
  mutex.lock();
  mutex.unlock();
  CHECK(s_locks == before + 1);
#endif
}

TEST_CASE("hits of a batch leave before resolutions are started for others") {
  UdpBench bench;
  bench.ask({});
  bench.sending = true;
  unsigned seenByResolver = 0;
  bench.resolver.make = [&](const rec::Request& request) {
    seenByResolver = bench.takeId();
    return positive(request.question.name.text());
  };
  bench.put(packet({.name = "new.example.com", .header = {.id = 7, .rd = true}}));
  bench.put(packet({.header = {.id = 8, .rd = true}}));
  bench.loop.runOnce();
  CHECK(seenByResolver == 8);
  CHECK(bench.takeId() == 7);
}

TEST_CASE("an answer that is ready leaves in one message with those that the packet cache has for its client") {
  UdpBench bench;
  bench.ask({});
  const int whole = 1; // messages as they came down the stack
  REQUIRE(::setsockopt(bench.client.get(), SOL_UDP, UDP_GRO, &whole, sizeof whole) == 0);
  const Packet ready = packet({.name = "a.example", .header = {.id = 5, .rd = true}}); // shorter than the others
  bench.loop.post([&] { bench.udp->send(bench.asked(), ready); });
  bench.put(packet({.header = {.id = 6, .rd = true}}));
  bench.loop.runOnce();
  std::array<std::byte, 1500> message{};
  const ssize_t size = ::recv(bench.client.get(), message.data(), message.size(), 0);
  REQUIRE(size > static_cast<ssize_t>(ready.size()));
  CHECK(std::to_integer<unsigned>(message[1]) == 6);
  CHECK(std::equal(ready.begin(), ready.end(), message.begin() + size - static_cast<ssize_t>(ready.size())));
  CHECK(bench.takeId() == 0);
  CHECK(bench.counters.get(rec::Metric::UdpJoinedAnswers) == 2);
}

TEST_CASE("an answer that is ready leaves when no question comes, too") {
  UdpBench bench;
  bench.udp->send(bench.asked(), packet({.header = {.id = 5, .rd = true}}));
  CHECK(bench.takeId() == 0);
  bench.loop.runOnce();
  CHECK(bench.takeId() == 5);
}

#ifndef ROOTWALK_SANITIZED
TEST_CASE("before questions are let gather, what is ready leaves") {
  UdpBench bench([](rec::Settings& settings) { settings.udpGatherTime = 100'000; });
  bench.ask({});
  bench.sending = true;
  // Someone who waits for a server, until the last question of the batch has been read.
  coro::Gate server(bench.loop);
  bench.roots.spawn([](UdpBench& b, coro::Gate& gate) -> coro::Task<void> {
    co_await coro::GateWait(gate, base::MonoTime::max());
    b.udp->send(b.asked(), packet({.header = {.id = 5, .rd = true}}));
  }(bench, server));
  bench.resolver.make = [&](const rec::Request& request) {
    server.open();
    return positive(request.question.name.text());
  };
  // How many come is known from the second wait on.
  bench.put(packet({.header = {.id = 4, .rd = true}}));
  bench.loop.post([&] {
    bench.loop.post([&] {
      for (unsigned i = 0; i < 10; ++i) bench.put(packet({.header = {.id = 6, .rd = true}}));
      bench.put(packet({.name = "new.example.com", .header = {.id = 7, .rd = true}}));
    });
  });
  std::multiset<unsigned> before; // the pause
  s_onPause = [&] {
    for (unsigned id = bench.takeId(); id != 0; id = bench.takeId()) before.insert(id);
    bench.loop.stop();
  };
  bench.loop.run();
  s_onPause = nullptr;
  CHECK(before.count(6) == 10);
  CHECK(before.count(7) == 1);
  CHECK(before.count(5) == 1);
  CHECK(bench.counters.get(rec::Metric::UdpGatherPauses) == 1);
}
#endif

namespace {

// In front of what a proxy sends for 192.0.2.7 (or another last octet), which asked 198.51.100.9.
Packet proxied(const Packet& question, unsigned last = 7, const std::string& values = {}) {
  const std::size_t size = 12 + values.size();
  Packet all;
  for (const unsigned octet : {0x0DU, 0x0AU, 0x0DU, 0x0AU, 0U,    0x0DU, 0x0AU, 0x51U,
                               0x55U, 0x49U, 0x54U, 0x0AU, 0x21U, 0x12U, 0U,    static_cast<unsigned>(size),
                               192U,  0U,    2U,    last,  198U,  51U,   100U,  9U,
                               0xC0U, 1U,    0U,    53U}) {
    all.push_back(static_cast<std::byte>(octet));
  }
  const auto more = std::as_bytes(std::span(values));
  all.insert(all.end(), more.begin(), more.end());
  all.insert(all.end(), question.begin(), question.end());
  return all;
}

void trustProxies(rec::Settings& settings) {
  REQUIRE(settings.proxyProtocolFrom.add("127.0.0.0/8").ok());
  settings.allowFrom = {};
  REQUIRE(settings.allowFrom.add("192.0.2.7").ok());
}

Packet numbered(std::uint16_t id) { return packet({.header = {.id = id, .rd = true}, .edns = edns()}); }

} // namespace

TEST_CASE("behind a proxy hits are still answered from the packet cache, without an allocation or a lock") {
  UdpBench bench(trustProxies);
  bench.send(numbered(1), false, "192.0.2.7:1"); // into the cache
  const std::string value("\x01\x00\x02hi", 5);
  const auto serve = [&](bool counted) {
    for (std::uint16_t id = 1; id <= 40; ++id) {
      bench.put(proxied(numbered(id), 7, value));
    }
    const std::size_t allocations = s_allocations, locks = s_locks;
    bench.loop.runOnce();
    if (counted) {
      CHECK(s_allocations == allocations);
      CHECK(s_locks == locks);
    }
    for (unsigned id = 1; id <= 40; ++id) {
      REQUIRE(bench.takeId() == id);
    }
  };
  serve(false); // room for what is unwrapped is made
  serve(true);
  CHECK(bench.counters.get(rec::Metric::PacketcacheHits) >= 80);
}

TEST_CASE("the client that the proxy names is the one who asks; the answer goes to the proxy") {
  UdpBench bench(trustProxies);
  bench.sending = true;
  rec::Request seen;
  bench.resolver.make = [&](const rec::Request& request) {
    seen = request;
    return positive(request.question.name.text());
  };
  bench.put(proxied(numbered(5)));
  bench.put(proxied(numbered(6), 8)); // not allowed
  bench.loop.runOnce();
  CHECK(seen.client.textWithPort() == "192.0.2.7:49153");
  CHECK(bench.takeId() == 5);
  CHECK(bench.takeId() == 0);
  CHECK(bench.counters.get(rec::Metric::UnauthorizedUdp) == 1);
}

TEST_CASE("what comes from a proxy without a good header is dropped and counted") {
  UdpBench bench(trustProxies);
  bench.sending = true;
  bench.put(numbered(1));
  Packet cut = proxied(numbered(2));
  cut.resize(20);
  bench.put(cut);
  bench.put(proxied(numbered(3), 7, std::string(600, 'x')));
  bench.put(proxied(numbered(4), 7, "x"));
  bench.put(proxied(numbered(5)));
  bench.loop.runOnce();
  CHECK(bench.takeId() == 5);
  CHECK(bench.takeId() == 0);
  CHECK(bench.counters.get(rec::Metric::ProxyProtocolInvalid) == 4);
}

TEST_CASE("a listener that is excepted, and a client that is no proxy, need no header") {
  UdpBench bench;
  REQUIRE(bench.settings.proxyProtocolFrom.add("127.0.0.1/32").ok());
  bench.sending = true;
  bench.put(numbered(1));
  bench.loop.runOnce();
  CHECK(bench.takeId() == 0);
  sockaddr_in server{};
  socklen_t size = sizeof server;
  REQUIRE(::getpeername(bench.client.get(), reinterpret_cast<sockaddr*>(&server), &size) == 0);
  bench.settings.proxyProtocolExceptions = {base::Address::fromSockaddr(reinterpret_cast<const sockaddr*>(&server))};
  bench.put(numbered(2));
  bench.loop.runOnce();
  CHECK(bench.takeId() == 2);
  bench.settings.proxyProtocolExceptions.clear();
  bench.settings.proxyProtocolFrom = {};
  REQUIRE(bench.settings.proxyProtocolFrom.add("127.0.0.2/32").ok());
  bench.put(numbered(3));
  bench.loop.runOnce();
  CHECK(bench.takeId() == 3);
}
