// Datagrams that leave together: which become one message, and that all arrive as they were.
#include "lib/net/udpoutbox.hh"

#include <netinet/in.h>
#include <netinet/udp.h>

#include <array>
#include <catch2/catch.hpp>
#include <map>

#include "lib/base/fd.hh"
#include "lib/net/udpanswers.hh"
#include "lib/net/udpsocket.hh"

using namespace net;

namespace {

base::Address addressOf(int fd) {
  sockaddr_in6 self{};
  socklen_t size = sizeof self;
  REQUIRE(::getsockname(fd, reinterpret_cast<sockaddr*>(&self), &size) == 0);
  return base::Address::fromSockaddr(reinterpret_cast<sockaddr*>(&self));
}

// A receiver on loopback. With `whole` it gets messages as they came down the stack, pieces in one.
struct Receiver {
  explicit Receiver(bool whole = false, const char* at = "127.0.0.1", std::uint16_t port = 0)
      : socket(*bindUdp(*base::Address::parse(at, port), {})) {
    const int on = whole ? 1 : 0;
    REQUIRE(::setsockopt(socket.get(), SOL_UDP, UDP_GRO, &on, sizeof on) == 0);
    address = addressOf(socket.get());
  }
  // The size and the first octet of each, in order.
  std::vector<std::pair<std::size_t, unsigned>> take() const {
    std::vector<std::pair<std::size_t, unsigned>> got;
    std::array<std::byte, 65536> buffer{};
    for (ssize_t size; (size = ::recv(socket.get(), buffer.data(), buffer.size(), MSG_DONTWAIT)) >= 0;) {
      got.emplace_back(size, std::to_integer<unsigned>(buffer[0]));
    }
    return got;
  }
  base::Fd socket;
  base::Address address;
};

struct Sender {
  explicit Sender(const char* at = "127.0.0.1") : Sender(32, at) {}
  explicit Sender(std::size_t count, const char* at = "127.0.0.1")
      : socket(*bindUdp(*base::Address::parse(at), {})), outbox(count) {
    outbox.setJoining(true);
    outbox.leaveBy(socket.get());
  }
  void add(const Receiver& to, std::size_t size, const base::Address* from = nullptr) {
    auto& octets = kept[++number];
    octets.assign(size, static_cast<std::byte>(number));
    outbox.add(to.address, octets, from);
  }
  UdpOutbox::Sent flush() { return outbox.flush(); }

  base::Fd socket;
  UdpOutbox outbox;
  std::map<unsigned, std::vector<std::byte>> kept;
  unsigned number = 0;
};

using Got = std::vector<std::pair<std::size_t, unsigned>>;

} // namespace

TEST_CASE("datagrams to one receiver leave in messages of equally long ones and one that is shorter") {
  const Receiver receiver(true);
  Sender sender;
  for (const std::size_t size : {60U, 40U, 60U, 30U, 60U, 40U, 70U, 50U}) sender.add(receiver, size);
  const auto sent = sender.flush();
  CHECK(sent.joined == 8);
  CHECK(sent.dropped == 0);
  CHECK(receiver.take() == Got{{130, 7}, {170, 3}, {110, 2}}); // 70+60, 60+60+50, 40+40+30
}

TEST_CASE("what left as one message arrives as the datagrams that it was made of") {
  for (const char* at : {"127.0.0.1", "::1"}) {
    CAPTURE(at);
    const Receiver receiver(false, at);
    Sender sender(at);
    for (const std::size_t size : {60U, 60U, 40U, 100U}) sender.add(receiver, size);
    CHECK(sender.flush().joined == 4);
    CHECK(receiver.take() == Got{{100, 4}, {60, 1}, {60, 2}, {40, 3}});
    sender.add(receiver, 30); // the outbox begins anew
    CHECK(sender.flush().joined == 0);
    CHECK(receiver.take() == Got{{30, 5}});
  }
}

TEST_CASE("datagrams to different receivers stay apart, those to one are joined whatever comes between") {
  const Receiver one(true), other(true);
  Sender sender;
  for (const std::size_t size : {40U, 60U, 50U}) {
    sender.add(one, size);
    sender.add(other, 50);
  }
  CHECK(sender.flush().joined == 5);
  CHECK(one.take() == Got{{110, 3}, {40, 1}});
  CHECK(other.take() == Got{{150, 2}});
}

TEST_CASE("receivers with one port at different addresses are told apart") {
  const Receiver one(true);
  const Receiver other(true, "127.0.0.2", one.address.port());
  Sender sender;
  for (unsigned i = 0; i < 3; ++i) {
    sender.add(one, 50);
    sender.add(one, 50);
    sender.add(other, 40);
  }
  const auto sent = sender.flush();
  CHECK(sent.dropped == 0);
  CHECK(sent.joined == 6); // those to the one that come one after the other
  std::size_t octets = 0;
  for (const auto& [size, number] : one.take()) octets += size;
  CHECK(octets == 300);
  octets = 0;
  for (const auto& [size, number] : other.take()) octets += size;
  CHECK(octets == 120);
}

TEST_CASE("a message has no more pieces than the kernel cuts it into, and than fit when they are long") {
  const Receiver receiver(true);
  Sender sender(100);
  for (unsigned i = 0; i < 70; ++i) sender.add(receiver, 20);
  CHECK(sender.flush().joined == 70);
  CHECK(receiver.take() == Got{{53 * 20, 1}, {17 * 20, 54}});
  for (unsigned i = 0; i < 60; ++i) sender.add(receiver, 1232);
  const auto sent = sender.flush();
  CHECK(sent.joined == 60);
  CHECK(sent.refused == 0);
  CHECK(receiver.take() == Got{{53 * 1232, 71}, {7 * 1232, 124}});
}

TEST_CASE("what was added for one socket leaves by it before another one's turn") {
  const Receiver receiver;
  Sender sender;
  const Sender second;
  sender.add(receiver, 50);
  sender.outbox.leaveBy(second.socket.get());
  CHECK(receiver.take() == Got{{50, 1}});
  sender.add(receiver, 60);
  sender.outbox.leaveBy(second.socket.get());
  CHECK(receiver.take().empty());
  CHECK(sender.flush().dropped == 0);
  std::array<std::byte, 100> octets{};
  sockaddr_in6 source{};
  socklen_t length = sizeof source;
  REQUIRE(::recvfrom(receiver.socket.get(), octets.data(), octets.size(), MSG_DONTWAIT,
                     reinterpret_cast<sockaddr*>(&source), &length) == 60);
  CHECK(base::Address::fromSockaddr(reinterpret_cast<sockaddr*>(&source)) == addressOf(second.socket.get()));
}

TEST_CASE("datagrams stay apart that are to leave from different addresses") {
  const base::Address one = *base::Address::parse("127.0.0.2"), other = *base::Address::parse("127.0.0.3");
  const Receiver receiver(true);
  Sender sender("0.0.0.0");
  sender.add(receiver, 50, &one);
  sender.add(receiver, 50, &other);
  sender.add(receiver, 50, &other);
  CHECK(sender.flush().joined == 2);
  for (const auto& [size, from] : {std::pair(50, "127.0.0.2"), std::pair(100, "127.0.0.3")}) {
    std::array<std::byte, 200> octets{};
    sockaddr_in source{};
    socklen_t length = sizeof source;
    REQUIRE(::recvfrom(receiver.socket.get(), octets.data(), octets.size(), MSG_DONTWAIT,
                       reinterpret_cast<sockaddr*>(&source), &length) == size);
    CHECK(base::Address::fromSockaddr(reinterpret_cast<sockaddr*>(&source)).text() == from);
  }
}

TEST_CASE("datagrams that are joined leave from the address that each was to leave from") {
  const base::Address local = *base::Address::parse("127.0.0.2");
  const Receiver receiver(true), between(true);
  Sender sender("0.0.0.0");
  sender.add(receiver, 50, &local);
  sender.add(between, 50, &local);
  sender.add(receiver, 40, &local);
  CHECK(sender.flush().joined == 2);
  std::array<std::byte, 200> octets{};
  sockaddr_in source{};
  socklen_t length = sizeof source;
  REQUIRE(::recvfrom(receiver.socket.get(), octets.data(), octets.size(), MSG_DONTWAIT,
                     reinterpret_cast<sockaddr*>(&source), &length) == 90);
  CHECK(base::Address::fromSockaddr(reinterpret_cast<sockaddr*>(&source)).text() == "127.0.0.2");
}

TEST_CASE("a datagram that might not fit the way to the client is joined to nothing") {
  const Receiver receiver(true);
  Sender sender;
  for (const std::size_t size : {1233U, 1233U, 1232U, 1232U, 1400U}) sender.add(receiver, size);
  CHECK(sender.flush().joined == 2);
  CHECK(receiver.take() == Got{{1400, 5}, {1233, 1}, {1233, 2}, {2464, 3}});
}

TEST_CASE("without joining each datagram is a message") {
  const Receiver receiver(true);
  Sender sender;
  sender.outbox.setJoining(false);
  sender.add(receiver, 50);
  sender.add(receiver, 50);
  CHECK(sender.flush().joined == 0);
  CHECK(receiver.take() == Got{{50, 1}, {50, 2}});
}

TEST_CASE(
    "where the kernel does not cut up messages, their datagrams leave one by one, and nothing is joined for a while") {
  const Receiver receiver;
  Sender sender;
  const int on = 1; // nothing is cut up without checksums
  REQUIRE(::setsockopt(sender.socket.get(), SOL_SOCKET, SO_NO_CHECK, &on, sizeof on) == 0);
  for (const std::size_t size : {70U, 50U, 60U, 60U, 60U}) sender.add(receiver, size);
  auto sent = sender.flush();
  CHECK(sent.refused == 2);
  CHECK(sent.joined == 0);
  CHECK(sent.dropped == 0);
  CHECK(receiver.take() == Got{{70, 1}, {60, 3}, {60, 4}, {60, 5}, {50, 2}});
  sender.add(receiver, 50);
  sender.add(receiver, 50);
  sent = sender.flush();
  CHECK(sent.refused == 0);
  CHECK(receiver.take() == Got{{50, 6}, {50, 7}});
}

TEST_CASE("datagrams that have no way to go are counted, and those behind them leave") {
  const Receiver receiver;
  Receiver nowhere;
  nowhere.address = *base::Address::parse("::1", 53); // of the other family
  Sender sender;
  sender.add(nowhere, 50);
  sender.add(nowhere, 50);
  sender.add(receiver, 50);
  const auto sent = sender.flush();
  CHECK(sent.dropped == 2);
  CHECK(sent.joined == 0);
  CHECK(receiver.take() == Got{{50, 3}});
}

TEST_CASE("a receiver that cannot be sent to keeps nobody else's datagrams apart") {
  const Receiver receiver(true);
  Receiver portless;
  portless.address = *base::Address::parse("127.0.0.1", 0); // the same error as for what cannot be cut up
  Sender sender;
  sender.add(portless, 50);
  sender.add(portless, 50);
  auto sent = sender.flush();
  CHECK(sent.dropped == 2);
  CHECK(sent.refused == 0);
  CHECK(sent.joined == 0);
  sender.add(receiver, 50);
  sender.add(receiver, 50);
  CHECK(sender.flush().joined == 2);
  CHECK(receiver.take() == Got{{100, 3}});
}

TEST_CASE("answers leave with those of a batch, and their room is used again afterwards") {
  const Receiver one(true), other(true);
  Sender sender;
  UdpAnswers answers(sender.outbox, 2, 100);
  const int fd = sender.socket.get();
  const auto add = [&](const Receiver& to, std::size_t size) {
    const std::vector<std::byte> octets(size, static_cast<std::byte>(100 + size)); // copied: it may go
    answers.add(fd, false, to.address, {}, octets);
  };
  for (unsigned i = 0; i < 3; ++i) {
    add(one, 40);
    add(other, 50);
    sender.add(other, 50);
    CHECK(one.take().empty());
    CHECK(sender.flush().joined == 2);
    CHECK(one.take() == Got{{40, 140}});
    CHECK(other.take() == Got{{100, 150}});
  }
  for (unsigned i = 0; i < 3; ++i) add(one, 30); // there is room for two
  CHECK(one.take() == Got{{60, 130}});
  CHECK(sender.flush().joined == 2); // and says so of those that left by themselves
  CHECK(one.take() == Got{{30, 130}});
}
