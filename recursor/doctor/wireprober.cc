// One socket for each question, poll() over all of them until everything has come or patience ends.
#include "recursor/doctor/wireprober.hh"

#include <poll.h>
#include <sys/socket.h>

#include <algorithm>
#include <cerrno>

#include "lib/base/fd.hh"
#include "lib/base/random.hh"
#include "lib/dns/message.hh"

namespace rec {
namespace {

using Clock = std::chrono::steady_clock;
constexpr std::size_t kFrame = 2; // octets of length over TCP

struct Flight {
  base::Fd socket;
  bool tcp = false, connected = false, done = false;
  std::uint16_t id = 0;
  std::vector<std::byte> question;
  std::vector<std::byte> received; // TCP
  ProbeAnswer* answer = nullptr;
};

dns::Edns ednsOf(Probe probe) {
  dns::Edns edns;
  edns.udpSize = probe == Probe::Large || probe == Probe::Tcp ? 4096 : 1232;
  edns.dnssecOk = probe != Probe::Edns;
  return edns;
}

dns::RRType typeFor(Probe probe) {
  switch (probe) {
  case Probe::Plain:
  case Probe::Edns: return dns::RRType::SOA;
  case Probe::Signed: return dns::RRType::NS;
  case Probe::Large:
  case Probe::Tcp: return dns::RRType::DNSKEY;
  }
  return dns::RRType::SOA;
}

std::vector<std::byte> questionFor(Probe probe, std::uint16_t id) {
  const dns::Question question{dns::Name(), typeFor(probe), dns::RRClass::IN};
  std::vector<std::byte> octets(512);
  dns::Header header;
  header.id = id;
  octets.resize(
      dns::writeQuery(octets, header, question, probe == Probe::Plain ? std::nullopt : std::optional(ednsOf(probe))));
  return octets;
}

bool isBoundTo(const base::Fd& socket, const base::Address& server, const std::vector<base::Address>& sources) {
  const auto own = std::ranges::find_if(
      sources, [&](const base::Address& source) { return source.family() == server.family() && !source.isWildcard(); });
  if (own == sources.end()) {
    return true;
  }
  const base::Address from = own->withPort(0);
  return ::bind(socket.get(), from.raw(), from.rawSize()) == 0;
}

// Nothing when there is no way there.
base::Fd connectTo(const base::Address& server, bool tcp, const std::vector<base::Address>& sources) {
  base::Fd socket(::socket(server.family(), (tcp ? SOCK_STREAM : SOCK_DGRAM) | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  if (!socket.valid() || !isBoundTo(socket, server, sources)) {
    return {};
  }
  const bool going = ::connect(socket.get(), server.raw(), server.rawSize()) == 0 || errno == EINPROGRESS;
  return going ? std::move(socket) : base::Fd();
}

void sendQuestion(Flight& flight) {
  std::vector<std::byte> octets = flight.question;
  if (flight.tcp) {
    const std::size_t size = octets.size();
    octets.insert(octets.begin(), {static_cast<std::byte>(size >> 8), static_cast<std::byte>(size & 255)});
    flight.connected = true;
  }
  static_cast<void>(::send(flight.socket.get(), octets.data(), octets.size(), MSG_NOSIGNAL | MSG_DONTWAIT));
}

// Whether it is the answer to our question, and a good one.
bool takeAnswer(Flight& flight, std::span<const std::byte> message) {
  const auto header = dns::parseHeader(message);
  if (!header || !header->qr || header->id != flight.id || header->rcode != dns::RCode::NoError) {
    return false;
  }
  *flight.answer = {true, header->tc, message.size()};
  flight.done = true;
  return true;
}

void readUdp(Flight& flight) {
  std::vector<std::byte> buffer(dns::kMaxMessageSize);
  const ssize_t size = ::recv(flight.socket.get(), buffer.data(), buffer.size(), MSG_DONTWAIT);
  if (size >= 0) {
    static_cast<void>(takeAnswer(flight, std::span(buffer).first(static_cast<std::size_t>(size))));
  } else if (errno != EAGAIN) {
    flight.done = true; // refused, unreachable
  }
}

void readTcp(Flight& flight) {
  std::vector<std::byte> buffer(dns::kMaxMessageSize);
  const ssize_t size = ::recv(flight.socket.get(), buffer.data(), buffer.size(), MSG_DONTWAIT);
  if (size < 0 && errno == EAGAIN) {
    return;
  }
  if (size <= 0) {
    flight.done = true;
    return;
  }
  auto& all = flight.received;
  all.insert(all.end(), buffer.begin(), buffer.begin() + size);
  const std::size_t wanted =
      all.size() < kFrame ? all.size() + 1
                          : kFrame + (std::to_integer<std::size_t>(all[0]) << 8 | std::to_integer<std::size_t>(all[1]));
  if (all.size() >= wanted) {
    static_cast<void>(takeAnswer(flight, std::span(all).subspan(kFrame, wanted - kFrame)));
    flight.done = true;
  }
}

void onEvent(Flight& flight, short events) {
  if (flight.tcp && !flight.connected) {
    int error = 0;
    socklen_t size = sizeof error;
    ::getsockopt(flight.socket.get(), SOL_SOCKET, SO_ERROR, &error, &size);
    flight.done = error != 0;
    if (!flight.done && (events & POLLOUT) != 0) sendQuestion(flight);
  } else if ((events & (POLLIN | POLLERR | POLLHUP)) != 0) {
    flight.tcp ? readTcp(flight) : readUdp(flight);
  }
}

// Until all are done or `until`.
void wait(std::vector<Flight>& flights, Clock::time_point until) {
  for (;;) {
    std::vector<pollfd> polled;
    std::vector<Flight*> whose;
    for (Flight& flight : flights) {
      if (flight.done) continue;
      const bool connecting = flight.tcp && !flight.connected;
      polled.push_back({flight.socket.get(), static_cast<short>(connecting ? POLLOUT : POLLIN), 0});
      whose.push_back(&flight);
    }
    const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(until - Clock::now()).count();
    if (polled.empty() || left <= 0 || ::poll(polled.data(), polled.size(), static_cast<int>(left)) < 0) {
      return;
    }
    for (std::size_t i = 0; i < polled.size(); ++i) {
      if (polled[i].revents != 0) onEvent(*whose[i], polled[i].revents);
    }
  }
}

} // namespace

std::vector<ProbedServer> WireProber::ask(const std::vector<base::Address>& servers) {
  std::vector<ProbedServer> paths(servers.size());
  std::vector<Flight> flights;
  for (std::size_t i = 0; i < servers.size(); ++i) {
    ProbedServer& path = paths[i];
    path.server = servers[i].port() == 0 ? servers[i].withPort(53) : servers[i];
    for (std::size_t number = 0; number < kProbes; ++number) {
      const auto probe = static_cast<Probe>(number);
      Flight flight;
      flight.tcp = probe == Probe::Tcp;
      flight.socket = connectTo(path.server, flight.tcp, d_sources);
      if (!flight.socket.valid()) continue;
      path.routed = true;
      flight.id = base::randomU16();
      flight.question = questionFor(probe, flight.id);
      flight.answer = &path.of(probe);
      if (!flight.tcp) sendQuestion(flight);
      flights.push_back(std::move(flight));
    }
  }
  const auto begun = Clock::now();
  wait(flights, begun + d_patience / 3);
  for (Flight& flight : flights) {
    if (!flight.done && !flight.tcp) sendQuestion(flight); // packets get lost
  }
  wait(flights, begun + d_patience);
  return paths;
}

} // namespace rec
