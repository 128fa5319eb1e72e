// PROXY headers, version 2: what is read of a good one, and which are none.
#include "lib/net/proxyheader.hh"

#include <catch2/catch.hpp>
#include <initializer_list>

namespace {

using Octets = std::vector<std::byte>;
using Status = net::ProxyReading::Status;

constexpr std::size_t kLongest = 512;

Octets octets(std::initializer_list<unsigned> values) {
  Octets all;
  for (const unsigned value : values) {
    all.push_back(static_cast<std::byte>(value));
  }
  return all;
}

Octets operator+(Octets a, const Octets& b) {
  a.insert(a.end(), b.begin(), b.end());
  return a;
}

const Octets kSignature = octets({0x0D, 0x0A, 0x0D, 0x0A, 0x00, 0x0D, 0x0A, 0x51, 0x55, 0x49, 0x54, 0x0A});
const Octets kFour = octets({192, 0, 2, 7, 198, 51, 100, 9, 0xC0, 0x01, 0, 53});

Octets header(unsigned command, unsigned transport, const Octets& content) {
  const auto size = static_cast<unsigned>(content.size());
  return kSignature + octets({command, transport, size >> 8, size & 255}) + content;
}

Status statusOf(const Octets& all, std::size_t longest = kLongest) { return net::readProxyHeader(all, longest).status; }

} // namespace

TEST_CASE("a PROXY header names client and destination, over IPv4 and IPv6, datagram and stream") {
  const auto four = net::readProxyHeader(header(0x21, 0x12, kFour) + octets({1, 2, 3}), kLongest);
  REQUIRE(four.complete());
  CHECK(four.header.size == 28);
  CHECK(four.header.named);
  CHECK(four.header.source.textWithPort() == "192.0.2.7:49153");
  CHECK(four.header.destination.textWithPort() == "198.51.100.9:53");
  CHECK(four.header.values.empty());

  Octets addresses(36);
  addresses[0] = std::byte{0x20};
  addresses[15] = addresses[31] = std::byte{1};
  addresses[33] = std::byte{99};
  const auto six = net::readProxyHeader(header(0x21, 0x21, addresses), kLongest);
  REQUIRE(six.complete());
  CHECK(six.header.source.textWithPort() == "[2000::1]:99");
  CHECK(six.header.destination.textWithPort() == "[::1]:0");
}

TEST_CASE("the values of a PROXY header are taken apart") {
  const Octets values = octets({0xEE, 0, 3, 'a', 0, 'c', 0x04, 0, 0, 0xEE, 0, 1, 'x'});
  const auto all = header(0x21, 0x11, kFour + values);
  const auto reading = net::readProxyHeader(all, kLongest);
  REQUIRE(reading.complete());
  CHECK(net::proxyValues(reading.header.values) ==
        std::vector<net::ProxyValue>{{0xEE, std::string("a\0c", 3)}, {4, ""}, {0xEE, "x"}});
}

TEST_CASE("a LOCAL header names nobody, whatever stands behind it") {
  for (const Octets& content : {Octets(), kFour, octets({9, 9, 9})}) {
    const auto reading = net::readProxyHeader(header(0x20, 0x00, content), kLongest);
    REQUIRE(reading.complete());
    CHECK_FALSE(reading.header.named);
    CHECK(reading.header.size == 16 + content.size());
    CHECK(reading.header.values.empty());
  }
}

TEST_CASE("the beginning of a PROXY header is not enough, and not wrong") {
  const Octets whole = header(0x21, 0x12, kFour + octets({1, 0, 1, 7}));
  for (std::size_t size = 0; size < whole.size(); ++size) {
    CHECK(statusOf({whole.begin(), whole.begin() + static_cast<std::ptrdiff_t>(size)}) == Status::Partial);
  }
  CHECK(statusOf(whole) == Status::Complete);
}

TEST_CASE("what is no PROXY header of version 2 for IPv4 or IPv6 is invalid") {
  CHECK(statusOf(octets({0x12, 0x34, 1, 0})) == Status::Invalid);             // a question
  CHECK(statusOf(octets({'P', 'R', 'O', 'X', 'Y', ' '})) == Status::Invalid); // version 1
  CHECK(statusOf(header(0x11, 0x12, kFour)) == Status::Invalid);              // version
  CHECK(statusOf(header(0x22, 0x12, kFour)) == Status::Invalid);              // command
  CHECK(statusOf(header(0x21, 0x00, kFour)) == Status::Invalid);              // no family: nobody is named
  CHECK(statusOf(header(0x21, 0x31, Octets(216))) == Status::Invalid);        // a UNIX socket
  CHECK(statusOf(header(0x21, 0x13, kFour)) == Status::Invalid);              // transport
  CHECK(statusOf(header(0x21, 0x22, kFour)) == Status::Invalid);              // too short for IPv6
  CHECK(statusOf(header(0x21, 0x12, kFour + octets({1, 0}))) == Status::Invalid);
  CHECK(statusOf(header(0x21, 0x12, kFour + octets({1, 0, 5, 'x'}))) == Status::Invalid);
}

TEST_CASE("a PROXY header longer than allowed is invalid as soon as that is known") {
  CHECK(statusOf(header(0x21, 0x12, kFour), 28) == Status::Complete);
  CHECK(statusOf(header(0x21, 0x12, kFour), 27) == Status::Invalid);
  CHECK(statusOf(kSignature + octets({0x21, 0x12, 0xFF, 0xFF})) == Status::Invalid);
}
