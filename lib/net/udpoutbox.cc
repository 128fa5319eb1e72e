// The control messages of a datagram that leaves, and what is done about messages that the kernel does not take.
#include "lib/net/udpoutbox.hh"

#include <netinet/in.h>
#include <netinet/udp.h>

#include <algorithm>
#include <cassert>
#include <cerrno>
#include <cstring>
#include <utility>

#include "lib/base/fd.hh"

namespace net {

// Room for the address to leave from and the size of the pieces.
struct alignas(cmsghdr) UdpOutbox::Control {
  std::byte octets[CMSG_SPACE(sizeof(in6_pktinfo)) + CMSG_SPACE(sizeof(std::uint16_t))];
};

namespace {

constexpr int kFlags = MSG_DONTWAIT | MSG_NOSIGNAL;
// A piece that is longer than what the way can carry is not cut up further but refused: this always fits (RFC 8200 5).
constexpr std::size_t kLongestPiece = 1280 - 48;
constexpr std::size_t kLongestMessage = 65507; // octets of UDP over IPv4
// The kernel cuts a message into 64 at most (UDP_MAX_SEGMENTS).
constexpr std::size_t kMostPieces = std::min<std::size_t>(64, kLongestMessage / kLongestPiece);
// After a message of several was refused, so many datagrams leave by themselves before it is tried again.
constexpr std::size_t kApartAfterRefusal = 10'000;

// Behind what is there already.
template <typename Info> void addControl(msghdr& header, void* control, int level, int type, const Info& info) {
  auto* const item = reinterpret_cast<cmsghdr*>(static_cast<std::byte*>(control) + header.msg_controllen);
  item->cmsg_level = level;
  item->cmsg_type = type;
  item->cmsg_len = CMSG_LEN(sizeof info);
  std::memcpy(CMSG_DATA(item), &info, sizeof info);
  header.msg_control = control;
  header.msg_controllen += CMSG_SPACE(sizeof info);
}

void leaveFrom(msghdr& header, void* control, const base::Address& local) {
  if (local.isV6()) {
    in6_pktinfo info{};
    const auto* from = reinterpret_cast<const sockaddr_in6*>(local.raw());
    info.ipi6_addr = from->sin6_addr;
    info.ipi6_ifindex = from->sin6_scope_id;
    addControl(header, control, IPPROTO_IPV6, IPV6_PKTINFO, info);
  } else {
    in_pktinfo info{};
    info.ipi_spec_dst = reinterpret_cast<const sockaddr_in*>(local.raw())->sin_addr;
    addControl(header, control, IPPROTO_IP, IP_PKTINFO, info);
  }
}

// There is no room in the socket; nothing is to be gained by trying again at once.
bool isFull(int error) { return error == EAGAIN || error == EWOULDBLOCK || error == ENOBUFS; }

// Perhaps it cannot be cut up there: no checksums by the card, pieces longer than the way allows.
bool mayBeRefusal(int error) { return error == EINVAL || error == EIO || error == EMSGSIZE || error == EOPNOTSUPP; }

// A kernel before 4.18 takes no notice of UDP_SEGMENT and sends all pieces as one datagram; it can be asked, though.
bool kernelCuts() {
  static const bool cuts = [] {
    const base::Fd socket(::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0));
    int size = 0;
    socklen_t length = sizeof size;
    return socket.valid() && ::getsockopt(socket.get(), SOL_UDP, UDP_SEGMENT, &size, &length) == 0;
  }();
  return cuts;
}

} // namespace

UdpOutbox::UdpOutbox(std::size_t count)
    : d_datagrams(count), d_begin(d_datagrams.data()), d_end(d_begin), d_gathered(count), d_headers(count),
      d_controls(std::make_unique<Control[]>(count)) {
  assert(count < kNone);
  d_runs.reserve(count);
  d_latest.fill(kNone);
}

UdpOutbox::~UdpOutbox() = default;

void UdpOutbox::setJoining(bool on) {
  d_joining = on && kernelCuts();
  d_run = nullptr;
}

// Ports tell receivers apart well enough: of two with one place in d_latest the later one is found, and what comes for
// the other goes on no earlier run.
void UdpOutbox::beginRun(const base::Address& peer, const base::Address* local) {
  endRun();
  const auto number = static_cast<Place>(d_runs.size());
  Run& run = d_runs.emplace_back(Run{&peer, {}, local != nullptr, false, d_end, nullptr, kNone, number});
  d_begin = d_end;
  if (local != nullptr) run.local = *local;
  d_run = nullptr;
  if (!d_joining || d_apart > 0) return;
  d_run = &run;
  Place& latest = d_latest[peer.port() % d_latest.size()];
  if (latest == kNone || !isOf(d_runs[latest], peer, local)) {
    latest = number;
    return;
  }
  run.goesOn = true;
  Run& first = d_runs[latest];
  d_runs[first.last].next = number;
  first.last = number;
}

void UdpOutbox::endRun() {
  if (!d_runs.empty()) d_runs.back().end = d_end;
}

// The datagrams of a run and of those that go on it.
std::span<iovec> UdpOutbox::gather(const Run& run) {
  const std::size_t begin = d_countGathered;
  for (const Run* part = &run;; part = &d_runs[part->next]) {
    for (const iovec& datagram : std::span(part->begin, part->end)) {
      insert(&d_gathered[begin], &d_gathered[d_countGathered++], datagram);
    }
    if (part->next == kNone) break;
  }
  return std::span(d_gathered).first(d_countGathered).subspan(begin);
}

// All that are equally long, and one that is shorter, make a message.
void UdpOutbox::pack(const Run& run, std::span<iovec> datagrams) {
  while (!datagrams.empty()) {
    const std::size_t most = std::min(datagrams.size(), kMostPieces);
    std::size_t pieces = 1;
    if (const std::size_t size = datagrams[0].iov_len; size <= kLongestPiece) {
      while (pieces < most && datagrams[pieces].iov_len == size) ++pieces;
      if (pieces < most) ++pieces;
    }
    addMessage(run, datagrams.first(pieces));
    datagrams = datagrams.subspan(pieces);
  }
}

void UdpOutbox::addMessage(const Run& run, std::span<iovec> pieces) {
  Control& control = d_controls[d_messages];
  msghdr& header = d_headers[d_messages++].msg_hdr;
  header.msg_name = const_cast<sockaddr*>(run.peer->raw()); // only read
  header.msg_namelen = run.peer->rawSize();
  header.msg_iov = pieces.data();
  header.msg_iovlen = pieces.size();
  header.msg_controllen = 0;
  if (run.hasLocal) leaveFrom(header, &control, run.local);
  if (pieces.size() > 1) {
    addControl(header, &control, SOL_UDP, UDP_SEGMENT, static_cast<std::uint16_t>(pieces[0].iov_len));
    d_sent.joined += pieces.size();
  }
}

UdpOutbox::Sent UdpOutbox::flush() {
  send();
  return std::exchange(d_sent, {});
}

void UdpOutbox::send() {
  if (empty()) return;
  d_apart -= std::min(d_apart, static_cast<std::size_t>(d_end - d_datagrams.data()));
  endRun();
  for (const Run& run : d_runs) {
    if (run.goesOn) continue;
    pack(run, run.next == kNone ? std::span(run.begin, run.end) : gather(run));
  }
  std::span<mmsghdr> left = std::span(d_headers).first(d_messages);
  while (!left.empty()) {
    const int taken = ::sendmmsg(d_fd, left.data(), static_cast<unsigned>(left.size()), kFlags);
    if (taken < 0 && isFull(errno)) break;
    if (taken <= 0) passOver(left.front().msg_hdr);
    left = left.subspan(taken > 0 ? static_cast<std::size_t>(taken) : 1);
  }
  for (const mmsghdr& message : left) drop(message.msg_hdr);
  d_end = d_datagrams.data();
  d_countGathered = d_messages = 0;
  d_runs.clear();
  d_run = nullptr;
  d_latest.fill(kNone);
}

void UdpOutbox::drop(const msghdr& message) {
  d_sent.dropped += message.msg_iovlen;
  d_sent.joined -= message.msg_iovlen > 1 ? message.msg_iovlen : 0;
}

// The kernel did not take it: its pieces one by one, when that may help. It was a refusal to cut it up if it did.
void UdpOutbox::passOver(msghdr message) {
  const std::span pieces(message.msg_iov, message.msg_iovlen);
  if (pieces.size() == 1 || !mayBeRefusal(errno)) {
    return drop(message);
  }
  message.msg_controllen -= CMSG_SPACE(sizeof(std::uint16_t)); // the size of the pieces, which is the last one
  message.msg_iovlen = 1;
  std::size_t taken = 0;
  for (iovec& piece : pieces) {
    message.msg_iov = &piece;
    taken += ::sendmsg(d_fd, &message, kFlags) < 0 ? 0 : 1;
  }
  d_sent.joined -= pieces.size();
  d_sent.dropped += pieces.size() - taken;
  if (taken > 0) {
    d_sent.refused += 1;
    d_apart = kApartAfterRefusal;
  }
}

} // namespace net
