// Source ports, batches and streams, over socket pairs: no network.
#include <netinet/in.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <catch2/catch.hpp>
#include <cerrno>
#include <set>

#include "lib/coro/root.hh"
#include "lib/net/kernelports.hh"
#include "lib/net/tcpstream.hh"
#include "lib/net/udpbatch.hh"
#include "lib/net/udpsocket.hh"

using namespace net;
using namespace std::chrono_literals;

namespace {

struct Pair {
  explicit Pair(int type) {
    int fds[2] = {-1, -1};
    REQUIRE(::socketpair(AF_UNIX, type | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, fds) == 0);
    near.reset(fds[0]);
    far.reset(fds[1]);
  }
  base::Fd near, far;
};

struct Bench {
  base::SystemClock clock;
  coro::Loop loop{clock};
  coro::Roots roots{[](const std::string& what) { FAIL(what); }};
  void finish() {
    while (roots.running() > 0) loop.runOnce();
  }
  [[nodiscard]] base::MonoTime late() const { return clock.mono() + 5s; }
};

coro::Task<void> store(coro::Task<StreamResult> work, StreamResult& into) {
  auto result = co_await work;
  into = result;
}

coro::Task<void> readUntil(Stream& stream, std::vector<std::byte>& buffer, std::size_t wanted,
                           base::MonoTime deadline) {
  std::size_t have = 0;
  while (have < wanted) {
    const std::span<std::byte> into = std::span(buffer).subspan(have);
    auto result = co_await stream.readSome(into, deadline);
    REQUIRE(result.done());
    have += result.count;
  }
}

} // namespace

TEST_CASE("source ports cover the range and leave out what is to be avoided") {
  const PortRange range{5000, 5009, {5001, 5008}};
  std::set<std::uint16_t> seen;
  for (int i = 0; i < 2000; ++i) seen.insert(pickPort(range));
  CHECK(seen == std::set<std::uint16_t>{5000, 5002, 5003, 5004, 5005, 5006, 5007, 5009});
}

TEST_CASE("a range of one port works, and one without any gives none") {
  CHECK(pickPort({65535, 65535, {}}) == 65535);
  CHECK(pickPort({1234, 1234, {1234}}) == 0);
}

TEST_CASE("source ports are not in any order") {
  const PortRange range;
  int rises = 0;
  std::uint16_t before = pickPort(range);
  for (int i = 0; i < 1000; ++i) {
    const std::uint16_t port = pickPort(range);
    rises += port > before ? 1 : 0;
    before = port;
  }
  CHECK(rises > 400);
  CHECK(rises < 600);
}

TEST_CASE("the kernel's ports are read from its two files") {
  const PortRange ports = parseKernelPorts("32768\t60999\n", "8080,33000-33002,60999\n").value();
  CHECK(ports.first == 32768);
  CHECK(ports.last == 60999);
  CHECK(ports.avoid == std::vector<std::uint16_t>{8080, 33000, 33001, 33002, 60999});
  CHECK(parseKernelPorts("1024 65535", "\n").value().avoid.empty());
  CHECK_FALSE(parseKernelPorts("", "").ok());
  CHECK_FALSE(parseKernelPorts("70000 80000", "").ok());
}

TEST_CASE("the kernel's ports suit when none of them is forbidden") {
  const PortRange allowed{1024, 65535, {4791, 11211}};
  CHECK(staysWithin({32768, 60999, {}}, allowed));
  CHECK_FALSE(staysWithin({1024, 65535, {}}, allowed));
  CHECK(staysWithin({1024, 65535, {4791, 11211}}, allowed)); // reserved: the kernel leaves them out, too
  CHECK_FALSE(staysWithin({1000, 60999, {4791, 11211}}, allowed));
  CHECK_FALSE(staysWithin({32768, 60999, {}}, {1024, 50000, {}}));
}

TEST_CASE("what errors mean is said in a few words") {
  CHECK(std::string_view(networkErrorText(ECONNREFUSED)) == "connection refused");
  CHECK(std::string_view(networkErrorText(ENETUNREACH)) == "network unreachable");
  CHECK(std::string_view(networkErrorText(12345)) == "network error");
}

TEST_CASE("a batch reads several datagrams at once and marks those that were cut") {
  Pair pair(SOCK_DGRAM);
  const base::Address bound = base::Address::parse("192.0.2.1", 53).value();
  UdpOutbox outbox(3);
  UdpBatch batch(outbox, 3, 16, 16);
  CHECK(batch.receive(pair.near.get(), bound) == 0);
  for (const std::size_t size : {1U, 16U, 17U, 4U}) {
    const std::vector<std::byte> octets(size, std::byte{static_cast<unsigned char>(size)});
    REQUIRE(::send(pair.far.get(), octets.data(), size, 0) == static_cast<ssize_t>(size));
  }
  REQUIRE(batch.receive(pair.near.get(), bound) == 3);
  CHECK(batch.packet(0).size() == 1);
  CHECK(batch.packet(1).size() == 16);
  CHECK_FALSE(batch.isCut(1));
  CHECK(batch.isCut(2));
  CHECK(batch.local(0) == bound);
  REQUIRE(batch.receive(pair.near.get(), bound) == 1);
  CHECK(batch.packet(0)[0] == std::byte{4});
}

TEST_CASE("answers of a batch go back to those who asked, from where they asked, in any order") {
  const base::Address wildcard = base::Address::parse("0.0.0.0", 0).value();
  auto server = bindUdp(wildcard, {});
  REQUIRE(server.ok());
  const int fd = server->get();
  sockaddr_in self{};
  socklen_t size = sizeof self;
  REQUIRE(::getsockname(fd, reinterpret_cast<sockaddr*>(&self), &size) == 0);
  base::Fd client(::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  UdpOutbox outbox(4);
  UdpBatch batch(outbox, 4, 64, 128);
  for (const char* asked : {"127.0.0.1", "127.0.0.2"}) {
    const base::Address target = base::Address::parse(asked, ntohs(self.sin_port)).value();
    REQUIRE(::sendto(client.get(), asked, 9, 0, target.raw(), target.rawSize()) == 9);
  }
  REQUIRE(batch.receive(fd, wildcard.withPort(ntohs(self.sin_port))) == 2);
  CHECK(batch.local(1) == base::Address::parse("127.0.0.2", ntohs(self.sin_port)).value());
  for (const std::size_t i : {1U, 0U}) {
    REQUIRE(batch.room(i).size() == 128);
    std::fill_n(batch.room(i).begin(), 100, static_cast<std::byte>(i));
    batch.queueAnswer(i, 100);
  }
  CHECK(outbox.flush().dropped == 0);
  for (const char* expected : {"127.0.0.2", "127.0.0.1"}) {
    std::array<std::byte, 200> answer{};
    sockaddr_in from{};
    size = sizeof from;
    REQUIRE(::recvfrom(client.get(), answer.data(), answer.size(), 0, reinterpret_cast<sockaddr*>(&from), &size) ==
            100);
    CHECK(base::Address::fromSockaddr(reinterpret_cast<sockaddr*>(&from)).text() == expected);
    CHECK(answer[99] == static_cast<std::byte>(expected[8] - '1'));
  }
}

TEST_CASE("packets that find a full buffer are counted by the kernel, and what it grants is known") {
  BindOptions options;
  options.receiveBuffer = 8192;
  auto server = bindUdp(base::Address::parse("127.0.0.1").value(), options);
  REQUIRE(server.ok());
  const int fd = server->get();
  CHECK(grantedBuffers(fd, options) == 100);
  CHECK(droppedPackets(fd) == 0);
  sockaddr_in self{};
  socklen_t size = sizeof self;
  REQUIRE(::getsockname(fd, reinterpret_cast<sockaddr*>(&self), &size) == 0);
  const base::Fd client(::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0));
  const std::array<std::byte, 1000> packet{};
  for (int i = 0; i < 100; ++i) {
    const auto* to = reinterpret_cast<const sockaddr*>(&self);
    REQUIRE(::sendto(client.get(), packet.data(), packet.size(), 0, to, sizeof self) == 1000);
  }
  CHECK(droppedPackets(fd) > 0);
  options.receiveBuffer = 1 << 20;
  CHECK(grantedBuffers(fd, options) < 100);
}

TEST_CASE("sockets of one address take packets by the CPU that they arrive on") {
  auto first = bindUdp(base::Address::parse("127.0.0.1").value(), {});
  REQUIRE(first.ok());
  sockaddr_in self{};
  socklen_t size = sizeof self;
  REQUIRE(::getsockname(first->get(), reinterpret_cast<sockaddr*>(&self), &size) == 0);
  auto second = bindUdp(base::Address::fromSockaddr(reinterpret_cast<sockaddr*>(&self)), {});
  REQUIRE(second.ok());
  REQUIRE(steerByCpu(second->get(), 1)); // all CPUs are 0 modulo 1
  const base::Fd client(::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0));
  std::array<std::byte, 12> packet{};
  for (int i = 0; i < 8; ++i) {
    const auto* to = reinterpret_cast<const sockaddr*>(&self);
    REQUIRE(::sendto(client.get(), packet.data(), packet.size(), 0, to, sizeof self) == 12);
  }
  for (int i = 0; i < 8; ++i) {
    CHECK(::recv(first->get(), packet.data(), packet.size(), 0) == 12);
  }
  CHECK(::recv(second->get(), packet.data(), packet.size(), 0) == -1);
}

TEST_CASE("a stream moves more than a socket buffer holds") {
  Bench bench;
  Pair pair(SOCK_STREAM);
  TcpStream writer(bench.loop, std::move(pair.near));
  TcpStream reader(bench.loop, std::move(pair.far));
  const std::vector<std::byte> sent(2'000'000, std::byte{42});
  std::vector<std::byte> got(sent.size());
  StreamResult written;
  bench.roots.spawn(store(writer.writeAll(sent, bench.late()), written));
  CHECK_FALSE(written.done());
  bench.roots.spawn(readUntil(reader, got, got.size(), bench.late()));
  bench.finish();
  CHECK(written.done());
  CHECK(written.count == sent.size());
  CHECK(got == sent);
}

TEST_CASE("the end of a stream and a passed deadline are told apart") {
  Bench bench;
  Pair pair(SOCK_STREAM);
  TcpStream reader(bench.loop, std::move(pair.near));
  std::vector<std::byte> buffer(10);
  StreamResult result;
  bench.roots.spawn(store(reader.readSome(buffer, bench.clock.mono() - 1s), result));
  bench.finish();
  CHECK(result.status == StreamResult::Status::TimedOut);
  pair.far.reset();
  bench.roots.spawn(store(reader.readSome(buffer, bench.late()), result));
  bench.finish();
  CHECK(result.status == StreamResult::Status::Closed);
  bench.roots.spawn(store(reader.writeAll(buffer, bench.late()), result));
  bench.finish();
  CHECK(result.status == StreamResult::Status::Failed);
  CHECK(std::string_view(streamErrorText(result)) == "connection closed");
}
