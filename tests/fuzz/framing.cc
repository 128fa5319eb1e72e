// Fuzz target: the same octets in pieces of any size give the same messages as in one piece.
#include "lib/net/framing.hh"

#include <algorithm>

#include "tests/fuzz/fuzz.hh"

namespace {

using Octets = std::vector<std::byte>;

// The messages of `stream`, fed in pieces of `piece` octets; written out again as they came.
Octets reframed(std::span<const std::byte> stream, std::size_t piece) {
  net::FrameReader reader;
  Octets out;
  while (!stream.empty()) {
    const auto space = reader.space();
    fuzz::require(!space.empty());
    const std::size_t count = std::min({piece, space.size(), stream.size()});
    std::copy_n(stream.begin(), count, space.begin());
    reader.filled(count);
    stream = stream.subspan(count);
    while (const auto message = reader.next()) net::appendFrame(out, *message);
    reader.releaseIdle();
  }
  fuzz::require(reader.midMessage() || !reader.next());
  return out;
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const auto stream = fuzz::octets(data + 1, size - 1);
  const Octets whole = reframed(stream, stream.size() + 1);
  fuzz::require(whole == reframed(stream, data[0] + std::size_t{1}));
  fuzz::require(whole.size() <= stream.size() && std::equal(whole.begin(), whole.end(), stream.begin()));
  return 0;
}
