// The whole hit path, from the socket to the socket: what it must not cost, and who is answered first.
#include "recursor/ingress/udp.hh"

#include <dlfcn.h>
#include <netinet/in.h>
#include <pthread.h>
#include <sys/socket.h>

#include <atomic>
#include <cstdlib>
#include <new>

#include "lib/net/udpsocket.hh"
#include "tests/recursor/query/bench.hh"

// Counts what operator new is asked for, and mutexes taken. Sanitizers bring both of their own, which are left alone.
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define ROOTWALK_SANITIZED
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#define ROOTWALK_SANITIZED
#endif
#endif

namespace {
std::atomic<std::size_t> s_allocations{0}, s_locks{0};
}

#ifndef ROOTWALK_SANITIZED
#pragma GCC diagnostic ignored "-Wmismatched-new-delete" // operator new below does take its memory from malloc
void* operator new(std::size_t size) {
  ++s_allocations;
  void* memory = std::malloc(size == 0 ? 1 : size);
  if (memory == nullptr) {
    throw std::bad_alloc();
  }
  return memory;
}
void operator delete(void* memory) noexcept { std::free(memory); }
void operator delete(void* memory, std::size_t) noexcept { std::free(memory); }

extern "C" int pthread_mutex_lock(pthread_mutex_t* mutex) noexcept {
  using Lock = int (*)(pthread_mutex_t*);
  static const auto real = reinterpret_cast<Lock>(::dlsym(RTLD_NEXT, "pthread_mutex_lock"));
  ++s_locks;
  return real(mutex);
}
#endif

using namespace querytest;

namespace {

// A listener on a port of its own, and a client of it.
struct UdpBench : Bench {
  UdpBench() {
    const base::Address any = *base::Address::parse("127.0.0.1");
    auto bound = net::bindUdp(any, {});
    REQUIRE(bound.ok());
    base::Fd socket = *std::move(bound);
    sockaddr_in self{};
    socklen_t size = sizeof self;
    REQUIRE(::getsockname(socket.get(), reinterpret_cast<sockaddr*>(&self), &size) == 0);
    client.reset(::socket(AF_INET, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
    REQUIRE(::connect(client.get(), reinterpret_cast<const sockaddr*>(&self), sizeof self) == 0);
    udp.emplace(rec::UdpIngress::Parts{settings, *hot, *pipeline, counters, loop, 0});
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
  // The next answer's id, 0 when there is none.
  [[nodiscard]] unsigned takeId() const {
    std::array<std::byte, 1500> answer{};
    const ssize_t size = ::recv(client.get(), answer.data(), answer.size(), 0);
    return size < 12 ? 0 : std::to_integer<unsigned>(answer[0]) << 8 | std::to_integer<unsigned>(answer[1]);
  }

  base::Fd client;
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
