// Incremental reading of length-prefixed messages.
#include "lib/net/framing.hh"

#include <algorithm>
#include <cassert>

namespace net {

namespace {

constexpr std::size_t kLengthSize = 2;
constexpr std::size_t kFirstBuffer = 2048;

std::size_t lengthAt(const std::byte* at) {
  return std::to_integer<std::size_t>(at[0]) << 8 | std::to_integer<std::size_t>(at[1]);
}

} // namespace

std::size_t FrameReader::wanted() const {
  if (d_end - d_begin < kLengthSize) return kLengthSize;
  return kLengthSize + lengthAt(&d_buffer[d_begin]);
}

std::span<std::byte> FrameReader::space() {
  if (d_begin > 0) {
    std::copy(d_buffer.begin() + static_cast<std::ptrdiff_t>(d_begin),
              d_buffer.begin() + static_cast<std::ptrdiff_t>(d_end), d_buffer.begin());
    d_end -= d_begin;
    d_begin = 0;
  }
  if (d_end == d_buffer.size()) d_buffer.resize(std::max(kFirstBuffer, 2 * d_end));
  return {d_buffer.data() + d_end, d_buffer.size() - d_end};
}

std::optional<std::span<std::byte>> FrameReader::next() {
  const std::size_t have = d_end - d_begin;
  const std::size_t whole = wanted();
  if (have < kLengthSize || have < whole) return std::nullopt;
  const std::span<std::byte> message(&d_buffer[d_begin] + kLengthSize, whole - kLengthSize);
  d_begin += whole;
  return message;
}

void FrameReader::releaseIdle() {
  if (midMessage()) return;
  d_begin = d_end = 0;
  std::vector<std::byte>().swap(d_buffer);
}

void appendFrame(std::vector<std::byte>& out, std::span<const std::byte> message) {
  assert(message.size() <= kMaxFrameSize);
  out.push_back(static_cast<std::byte>(message.size() >> 8));
  out.push_back(static_cast<std::byte>(message.size() & 0xff));
  out.insert(out.end(), message.begin(), message.end());
}

} // namespace net
