// WireReader: integers, names and rdata out of a message. The loop over a name moves backwards at each pointer, so that
// it ends; rdata is walked by the layout of its type (rrtypes.def).
#include "lib/dns/wirereader.hh"

#include <cstring>

namespace dns {
namespace {

std::size_t octet(std::byte b) { return std::to_integer<std::size_t>(b); }

// Types beyond RFC 1035 whose names receivers decompress: RFC 3597 4, and KX and DNAME, which some old senders
// compress. For all others a pointer in the rdata is malformed.
bool mayBeCompressed(RRType type) {
  switch (type) {
  case RRType::RP:
  case RRType::AFSDB:
  case RRType::RT:
  case RRType::SIG:
  case RRType::PX:
  case RRType::NXT:
  case RRType::NAPTR:
  case RRType::SRV:
  case RRType::KX:
  case RRType::DNAME: return true;
  default: return false;
  }
}

void append(std::vector<std::byte>& out, std::span<const std::byte> octets) {
  out.insert(out.end(), octets.begin(), octets.end());
}

} // namespace

std::span<const std::byte> WireReader::bytes(std::size_t count) {
  if (!have(count)) {
    return {};
  }
  d_at += count;
  return d_message.subspan(d_at - count, count);
}

Name WireReader::name() {
  std::array<std::byte, kMaxNameSize> wire;
  const std::size_t size = nameWire(wire);
  return size == 0 ? Name() : Name::fromWire(std::span(wire).first(size));
}

std::size_t WireReader::nameWire(std::span<std::byte, kMaxNameSize> out, bool pointersAllowed) {
  std::size_t size = 0;
  std::size_t at = d_at;
  std::size_t partStart = at; // pointers must lead before it
  std::size_t after = 0;      // where reading goes on: behind the first pointer
  while (!d_failed) {
    if (at >= d_message.size()) {
      d_failed = d_ranOut = true;
      break;
    }
    const std::size_t length = octet(d_message[at]);
    if (length <= kMaxLabelSize) {
      if (at + 1 + length > d_message.size()) {
        d_failed = d_ranOut = true;
        break;
      }
      if (size + 1 + length + (length != 0 ? 1 : 0) > kMaxNameSize) {
        break;
      }
      std::memcpy(out.data() + size, d_message.data() + at, length + 1);
      size += length + 1;
      at += length + 1;
      if (length == 0) {
        d_at = after != 0 ? after : at;
        return size;
      }
      continue;
    }
    if (length < 0xC0 || !pointersAllowed) {
      break; // 0x40 and 0x80 label types do not exist (RFC 6891 5)
    }
    if (at + 2 > d_message.size()) {
      d_failed = d_ranOut = true;
      break;
    }
    const std::size_t target = (length & 0x3F) << 8 | octet(d_message[at + 1]);
    if (target >= partStart || d_pointersLeft == 0) {
      break;
    }
    --d_pointersLeft;
    after = after != 0 ? after : at + 2;
    at = partStart = target;
  }
  d_failed = true;
  return 0;
}

void WireReader::rdata(RRType type, std::size_t size, std::vector<std::byte>& out) {
  if (!have(size)) {
    return;
  }
  const std::size_t end = d_at + size;
  const std::string_view layout = rdataLayout(type);
  if (layout == "16") {
    octets(16, end, out);
  } else {
    for (const char kind : layout) {
      field(kind, type, end, out);
    }
  }
  if (d_at != end) {
    d_failed = true;
  }
}

void WireReader::field(char kind, RRType type, std::size_t end, std::vector<std::byte>& out) {
  std::array<std::byte, kMaxNameSize> wire;
  switch (kind) {
  case 'N':
  case 'n': append(out, std::span(wire).first(nameWire(wire, kind == 'N' || mayBeCompressed(type)))); break;
  case 's': octets(d_at < end ? 1 + octet(d_message[d_at]) : 1, end, out); break;
  case 'x': octets(d_at <= end ? end - d_at : 0, end, out); break;
  default: octets(static_cast<std::size_t>(kind - '0'), end, out); break;
  }
}

void WireReader::octets(std::size_t count, std::size_t end, std::vector<std::byte>& out) {
  if (d_failed || d_at + count > end) {
    d_failed = true;
    return;
  }
  append(out, d_message.subspan(d_at, count));
  d_at += count;
}

bool rdataWellFormed(RRType type, std::span<const std::byte> rdata) {
  WireReader reader(rdata);
  std::vector<std::byte> out;
  reader.rdata(type, rdata.size(), out);
  return !reader.failed() && out.size() == rdata.size();
}

} // namespace dns
