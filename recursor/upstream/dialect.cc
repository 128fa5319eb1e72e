// DNS messages behind their lengths; an answer belongs to the question with its id.
#include "recursor/upstream/dialect.hh"

namespace rec {

namespace {

constexpr std::size_t kMaxPipelined = 64; // questions at once; more open another connection

} // namespace

bool DnsDialect::hasRoom(std::size_t waiting) const { return waiting < kMaxPipelined; }

void DnsDialect::ask(Key /*key*/, std::span<const std::byte> packet) { net::appendFrame(d_out, packet); }

std::string DnsDialect::take(std::size_t octets, Listener& listener) {
  d_frames.filled(octets);
  while (const auto message = d_frames.next()) {
    const bool hasId = message->size() >= 2;
    const Key id = hasId ? std::to_integer<Key>((*message)[0]) << 8 | std::to_integer<Key>((*message)[1]) : -1;
    listener.answered(id, *message);
  }
  return {};
}

void DnsDialect::write(std::vector<std::byte>& out) {
  if (out.empty()) {
    out.swap(d_out);
    return;
  }
  out.insert(out.end(), d_out.begin(), d_out.end());
  d_out.clear();
}

} // namespace rec
