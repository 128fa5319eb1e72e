// Length-prefixed messages, however the octets arrive.
#include "lib/net/framing.hh"

#include <algorithm>
#include <catch2/catch.hpp>

using net::FrameReader;

namespace {

using Octets = std::vector<std::byte>;

Octets message(std::size_t size, std::uint8_t fill) { return Octets(size, std::byte{fill}); }

void feed(FrameReader& reader, std::span<const std::byte> octets) {
  while (!octets.empty()) {
    const auto space = reader.space();
    REQUIRE_FALSE(space.empty());
    const std::size_t count = std::min(space.size(), octets.size());
    std::copy_n(octets.begin(), count, space.begin());
    reader.filled(count);
    octets = octets.subspan(count);
  }
}

Octets copyOf(const std::optional<std::span<std::byte>>& frame) {
  REQUIRE(frame.has_value());
  return {frame->begin(), frame->end()};
}

} // namespace

TEST_CASE("a message comes out whole when it arrives octet by octet") {
  Octets stream;
  net::appendFrame(stream, message(300, 7));
  FrameReader reader;
  for (std::size_t i = 0; i + 1 < stream.size(); ++i) {
    feed(reader, std::span(stream).subspan(i, 1));
    REQUIRE_FALSE(reader.next().has_value());
    CHECK(reader.midMessage());
  }
  feed(reader, std::span(stream).last(1));
  CHECK(copyOf(reader.next()) == message(300, 7));
  CHECK_FALSE(reader.midMessage());
}

TEST_CASE("pipelined messages come out one by one, empty ones too") {
  Octets stream;
  net::appendFrame(stream, message(3, 1));
  net::appendFrame(stream, message(0, 0));
  net::appendFrame(stream, message(5000, 2));
  net::appendFrame(stream, message(1, 3));
  FrameReader reader;
  feed(reader, stream);
  CHECK(copyOf(reader.next()) == message(3, 1));
  CHECK(copyOf(reader.next()).empty());
  CHECK(copyOf(reader.next()) == message(5000, 2));
  CHECK(copyOf(reader.next()) == message(1, 3));
  CHECK_FALSE(reader.next().has_value());
}

TEST_CASE("the longest message fits") {
  Octets stream;
  net::appendFrame(stream, message(net::kMaxFrameSize, 9));
  CHECK(stream[0] == std::byte{0xff});
  FrameReader reader;
  feed(reader, stream);
  CHECK(copyOf(reader.next()) == message(net::kMaxFrameSize, 9));
}

TEST_CASE("an announced length alone takes no memory") {
  FrameReader reader;
  feed(reader, Octets{std::byte{0xff}, std::byte{0xff}});
  CHECK(reader.space().size() < 4096);
}

TEST_CASE("an idle reader gives its memory back, a busy one keeps what it has") {
  Octets stream;
  net::appendFrame(stream, message(10, 1));
  FrameReader reader;
  feed(reader, std::span(stream).first(5));
  reader.releaseIdle();
  feed(reader, std::span(stream).subspan(5));
  CHECK(copyOf(reader.next()) == message(10, 1));
  reader.releaseIdle();
  CHECK_FALSE(reader.next().has_value());
  feed(reader, stream);
  CHECK(copyOf(reader.next()) == message(10, 1));
}
