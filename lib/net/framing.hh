// Framing of DNS over streams: each message behind its length in two octets (RFC 1035 4.2.2, RFC 7766 8). FrameReader
// takes octets as they come and gives whole messages; appendFrame builds what is sent. No I/O. Used by the upstream
// pool and the TCP listeners.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

namespace net {

constexpr std::size_t kMaxFrameSize = 65535;

class FrameReader {
 public:
  // Where to read the next octets to; never empty. Grows with what has arrived, never with what was
  // announced.
  [[nodiscard]] std::span<std::byte> space();
  void filled(std::size_t octets) { d_end += octets; }
  // What has arrived and not been given out; skip() leaves out the first octets of it, which are no message.
  [[nodiscard]] std::span<const std::byte> unread() const { return {d_buffer.data() + d_begin, d_end - d_begin}; }
  void skip(std::size_t octets) { d_begin += octets; }

  // The next whole message (possibly of size 0), or nothing until more octets come. Valid until the next space().
  // Mutable, because a receiver may patch it in place.
  [[nodiscard]] std::optional<std::span<std::byte>> next();
  // Part of a message has arrived: the end of the stream now is an error.
  [[nodiscard]] bool midMessage() const { return d_begin != d_end; }
  // Gives the buffer back when nothing is under way: idle connections hold no memory.
  void releaseIdle();

 private:
  // Octets the frame at d_begin has, its length field included, as far as that is known.
  [[nodiscard]] std::size_t wanted() const;

  std::vector<std::byte> d_buffer;
  std::size_t d_begin = 0, d_end = 0; // of the octets not given out yet
};

// `message` (at most 65,535 octets) behind its length, in one piece, so that it leaves in one segment.
void appendFrame(std::vector<std::byte>& out, std::span<const std::byte> message);

} // namespace net
