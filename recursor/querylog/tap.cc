// The copy into the ring: head, name, client, extras.
#include "recursor/querylog/tap.hh"

#include <algorithm>
#include <cstddef>

namespace rec {
namespace {

constexpr std::size_t kMostText = 255;
constexpr std::size_t kMostAnswers = 32;
constexpr std::size_t kMostExtra = 2 * sizeof(std::uint32_t) + 4 * (kMostText + 1) + 17 * kMostAnswers;
static_assert(sizeof(RawHead) + dns::kMaxNameSize + 16 + kMostExtra + 8 <= LogRing::kMostRecord);

std::byte* putString(std::byte* to, std::string_view text) {
  const std::size_t size = std::min(text.size(), kMostText);
  *to++ = static_cast<std::byte>(size);
  return std::copy_n(std::as_bytes(std::span(text)).begin(), size, to);
}

std::byte* putAnswers(std::byte* to, std::span<const base::Address> answers) {
  std::byte* const size = to++;
  for (const base::Address& address : answers.first(std::min(answers.size(), kMostAnswers))) {
    const auto octets = address.octets();
    if (to + octets.size() - size > static_cast<std::ptrdiff_t>(kMostText)) break;
    *to++ = static_cast<std::byte>(octets.size());
    to = std::ranges::copy(octets, to).out;
  }
  *size = static_cast<std::byte>(to - size - 1);
  return to;
}

std::uint8_t marksOf(const LogEntry& entry, bool unlogged) {
  unsigned marks = 0;
  if (entry.upstreamQueries != 0 || entry.upstreamBytes != 0) marks |= kRawUpstream;
  if (!entry.policy.empty() || !entry.rule.empty()) marks |= kRawPolicy;
  if (!entry.tags.empty()) marks |= kRawTags;
  if (!entry.answers.empty()) marks |= kRawAnswers;
  if (unlogged) marks |= kRawUnlogged;
  return static_cast<std::uint8_t>(marks);
}

// Only what `marks` say is there.
std::size_t putExtras(std::byte* const begin, const LogEntry& entry, unsigned marks) {
  std::byte* to = begin;
  if ((marks & kRawUpstream) != 0) {
    std::memcpy(to, &entry.upstreamQueries, sizeof entry.upstreamQueries);
    std::memcpy(to + sizeof entry.upstreamQueries, &entry.upstreamBytes, sizeof entry.upstreamBytes);
    to += 2 * sizeof(std::uint32_t);
  }
  if ((marks & kRawPolicy) != 0) to = putString(putString(to, entry.policy), entry.rule);
  if ((marks & kRawTags) != 0) to = putString(to, entry.tags);
  if ((marks & kRawAnswers) != 0) to = putAnswers(to, entry.answers);
  return static_cast<std::size_t>(to - begin);
}

void maskOctets(std::byte* at, std::size_t size, unsigned bits) {
  for (std::size_t i = bits / 8; i < size; ++i) {
    const unsigned kept = i == bits / 8 ? bits % 8 : 0;
    at[i] &= static_cast<std::byte>(0xFF00U >> kept);
  }
}

LogRecord recordOf(const LogEntry& entry, std::int64_t time) {
  LogRecord record;
  record.time = time;
  record.client = entry.client;
  record.name = dns::Name::fromWire(entry.name);
  record.type = entry.type;
  record.rrclass = entry.rrclass;
  record.rcode = entry.rcode;
  record.kind = entry.kind;
  record.transport = entry.transport;
  record.security = entry.security;
  record.flags = entry.flags;
  if (entry.ede != kNoEde) record.ede = entry.ede;
  record.latency = entry.latency;
  record.policy = entry.policy;
  record.tags = entry.tags;
  return record;
}

} // namespace

void LogTap::attach(LogRing& ring, std::function<void()> wake) {
  d_ring = &ring;
  d_wake = std::move(wake);
}

void LogTap::setOrders(LogOrdersPtr orders) {
  d_orders = std::move(orders);
  d_left = 1;
  d_takesHits = d_orders && d_orders->sample == 1 && !d_orders->only && !d_orders->answers;
  if (d_orders) {
    d_bits4 = d_orders->ipv4Bits;
    d_bits6 = d_orders->ipv6Bits;
  }
}

// A moment that finds no room is put before the next hit that does.
void LogTap::addHit(const RawMoment& moment, RawHit hit, std::span<const std::byte> name, const base::Address& client) {
  const bool isPlain = client.isV4() && d_bits4 == 32; // as nearly all of them are
  const std::size_t clientSize = isPlain ? 4 : client.octets().size();
  const std::size_t size = (sizeof hit + name.size() + clientSize + 7) & ~std::size_t{7};
  const bool isNew = moment.time != d_moment.time || moment.latency != d_moment.latency;
  std::byte* to = d_ring->reserve(isNew ? size + sizeof moment : size);
  if (to == nullptr) [[unlikely]] {
    d_ring->drop();
    return;
  }
  if (isNew) {
    std::memcpy(to, &moment, sizeof moment);
    to += sizeof moment;
    d_moment = moment;
  }
  hit.size = static_cast<std::uint16_t>(size + static_cast<unsigned>(RawForm::Hit));
  hit.nameSize = static_cast<std::uint8_t>(name.size());
  hit.clientSize = static_cast<std::uint8_t>(clientSize);
  std::memcpy(to, &hit, sizeof hit);
  to += sizeof hit;
  std::memcpy(to, name.data(), name.size());
  to += name.size();
  if (isPlain) {
    std::memcpy(to, reinterpret_cast<const std::byte*>(client.raw()) + offsetof(sockaddr_in, sin_addr), 4);
  } else {
    putClient(to, client.octets());
  }
}

bool LogTap::isWanted(const LogEntry& entry, std::int64_t time) {
  if (d_orders->only && !d_orders->only->matches(recordOf(entry, time))) {
    return false;
  }
  if (--d_left != 0) {
    return false;
  }
  d_left = d_orders->sample;
  return true;
}

// What was decided about a question is told in any case: hits of the packet cache that follow are logged with it.
void LogTap::add(const LogEntry& entry, std::int64_t time) {
  const bool plain = d_orders->sample == 1 && !d_orders->only;
  if (plain || isWanted(entry, time)) {
    write(entry, time, false);
  } else if (entry.kind != LogKind::PacketCache && (!entry.policy.empty() || entry.ede != kNoEde)) {
    write(entry, time, true);
  }
}

// As many bits of it as are wanted, the others 0.
void LogTap::putClient(std::byte* to, std::span<const std::byte> octets) const {
  if (octets.size() == 4) {
    std::memcpy(to, octets.data(), 4);
    if (d_bits4 < 32) [[unlikely]]
      maskOctets(to, 4, d_bits4);
  } else if (!octets.empty()) {
    std::memcpy(to, octets.data(), octets.size());
    if (d_bits6 < 128) maskOctets(to, octets.size(), d_bits6);
  }
}

void LogTap::write(const LogEntry& entry, std::int64_t time, bool unlogged) {
  const auto client = entry.client.octets();
  const unsigned marks = marksOf(entry, unlogged);
  const std::size_t least = sizeof(RawHead) + entry.name.size() + client.size();
  std::byte extras[kMostExtra];
  const std::size_t extraSize = marks == 0 ? 0 : putExtras(extras, entry, marks);
  const std::size_t size = (least + extraSize + 7) & ~std::size_t{7};
  std::byte* const at = d_ring->reserve(size);
  if (at == nullptr) {
    d_ring->drop();
    return;
  }
  const RawHead head{.size = static_cast<std::uint16_t>(size),
                     .nameSize = static_cast<std::uint8_t>(entry.name.size()),
                     .clientSize = static_cast<std::uint8_t>(client.size()),
                     .latency = entry.latency,
                     .time = time,
                     .type = static_cast<std::uint16_t>(entry.type),
                     .rrclass = static_cast<std::uint16_t>(entry.rrclass),
                     .rcode = static_cast<std::uint16_t>(entry.rcode),
                     .ede = entry.ede,
                     .flags = entry.flags,
                     .kind = static_cast<std::uint8_t>(entry.kind),
                     .transport = static_cast<std::uint8_t>(entry.transport),
                     .security = static_cast<std::uint8_t>(entry.security),
                     .marks = static_cast<std::uint8_t>(marks),
                     .extraSize = static_cast<std::uint16_t>(extraSize)};
  std::memcpy(at, &head, sizeof head);
  std::byte* to = at + sizeof head;
  std::ranges::copy(entry.name, to);
  to += entry.name.size();
  putClient(to, client);
  if (extraSize != 0) std::memcpy(to + client.size(), extras, extraSize);
}

} // namespace rec
