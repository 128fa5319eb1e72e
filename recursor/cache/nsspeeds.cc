// NsSpeeds: what is reported of servers, and what is told of them. The entries are in nsspeedsstate.hh.
#include "recursor/cache/nsspeeds.hh"

#include <algorithm>
#include <cmath>
#include <string>
#include <vector>

#include "recursor/cache/nsspeedsstate.hh"

namespace rec {
namespace {

using std::chrono::microseconds;
using std::chrono::seconds;

constexpr std::chrono::seconds kSpoofingLife{120};
constexpr std::chrono::seconds kHalfLife{120};
constexpr std::chrono::microseconds kUnmeasured{400'000}; // taken for a server that only timed out
constexpr std::chrono::microseconds kSlowest{12'000'000};
constexpr unsigned kMaxDoublings = 5;

} // namespace

// RFC 6298 2.2, 2.3.
void NsServer::measure(microseconds rtt) {
  if (!measured) {
    srtt = rtt;
    rttvar = rtt / 2;
    measured = true;
    return;
  }
  const microseconds off = rtt > srtt ? rtt - srtt : srtt - rtt;
  rttvar = (rttvar * 3 + off) / 4;
  srtt = (srtt * 7 + rtt) / 8;
}

microseconds NsServer::shownSrtt(base::MonoTime now) const {
  const microseconds start = measured ? srtt : kUnmeasured;
  const microseconds slowed = std::min(start * (1U << std::min(timeouts, kMaxDoublings)), kSlowest);
  const std::chrono::duration<double> idle = std::max(now - heard.at, base::MonoTime::duration{0});
  const double shown =
      static_cast<double>(slowed.count()) * std::exp2(-idle / std::chrono::duration<double>(kHalfLife));
  return microseconds(static_cast<microseconds::rep>(shown));
}

void NsSpeeds::State::noteTimeout(NsServer& server, base::MonoTime now, bool mayThrottle) const {
  server.timeouts = forgotten(server, now) ? 1 : server.timeouts + 1;
  server.heard.note(now);
  if (mayThrottle && downAfter > 0U && server.timeouts >= downAfter) {
    server.downUntil = now + std::chrono::seconds(downFor);
  }
}

ServerState NsSpeeds::State::shown(const NsServer& server, base::MonoTime now) const {
  ServerState state;
  if (!forgotten(server, now)) {
    state.known = true;
    state.srtt = server.shownSrtt(now);
    state.usual = server.srtt;
    state.rttvar = server.rttvar;
    state.timeoutsInARow = server.timeouts;
  }
  state.down = server.downUntil > now;
  state.edns = server.ednsSince.holds(now, abilityLife) ? server.edns : EdnsStatus::Unknown;
  state.keepsCase = !server.caseLost.holds(now, abilityLife);
  state.spoofSuspected = server.spoofing.holds(now, kSpoofingLife);
  state.cookiesUnsupported = server.noCookies.holds(now, abilityLife);
  if (server.cookieSince.holds(now, abilityLife)) {
    state.cookie = server.cookie;
  }
  return state;
}

std::string ServerPath::text() const {
  const std::string where = address.textWithPort();
  return over == Scheme::Udp ? where : std::string(rec::text(over)) + "://" + where;
}

NsSpeeds::NsSpeeds(const Options& options) : d_state(std::make_unique<State>(options)) {}
NsSpeeds::~NsSpeeds() = default;

void NsSpeeds::adopt(const Options& options) {
  d_state->downAfter = options.downAfter;
  d_state->downFor = options.downFor;
  d_state->lists.setNeverThrottled(options.neverThrottled);
}

ServerState NsSpeeds::get(const ServerPath& server, base::MonoTime now) {
  ServerState state = d_state->find(server, now);
  if (d_state->lists.isWithoutCookies(server.address)) [[unlikely]] {
    state.cookie.reset();
    state.cookiesUnsupported = true;
  }
  return state;
}

void NsSpeeds::reportRtt(const ServerPath& server, microseconds rtt, base::MonoTime now) {
  d_state->change(server, now, [&](NsServer& known) {
    if (d_state->forgotten(known, now)) {
      known.measured = false;
    }
    known.measure(rtt);
    known.heard.note(now);
    known.timeouts = 0;
    known.downUntil = base::MonoTime{};
  });
}

void NsSpeeds::reportLate(const ServerPath& server, microseconds waited, base::MonoTime now) {
  d_state->change(server, now, [&](NsServer& known) {
    if (!known.measured || known.srtt < waited) {
      known.measure(waited);
    }
  });
}

void NsSpeeds::reportTimeout(const ServerPath& server, base::MonoTime now, bool mayThrottle) {
  const bool exempt = d_state->lists.isNeverThrottled(server.address);
  d_state->change(server, now, [&](NsServer& known) { d_state->noteTimeout(known, now, mayThrottle && !exempt); });
}

void NsSpeeds::reportEdns(const ServerPath& server, EdnsStatus status, base::MonoTime now) {
  d_state->change(server, now, [&](NsServer& known) {
    known.edns = status;
    known.ednsSince.note(now);
  });
}

void NsSpeeds::reportCaseLost(const ServerPath& server, base::MonoTime now) {
  d_state->change(server, now, [&](NsServer& known) { known.caseLost.note(now); });
}

void NsSpeeds::reportSpoofing(const ServerPath& server, base::MonoTime now) {
  d_state->change(server, now, [&](NsServer& known) { known.spoofing.note(now); });
}

void NsSpeeds::reportCookie(const ServerPath& server, const dns::Cookie& cookie, base::MonoTime now) {
  d_state->change(server, now, [&](NsServer& known) {
    known.cookie = cookie;
    known.cookieSince.note(now);
    known.noCookies.set = false;
  });
}

void NsSpeeds::reportNoCookies(const ServerPath& server, base::MonoTime now) {
  d_state->change(server, now, [&](NsServer& known) {
    known.noCookies.note(now);
    known.cookieSince.set = false;
  });
}

void NsSpeeds::reportLame(const base::Address& server, const dns::Name& zone, base::MonoTime now) {
  if (d_state->lists.isNeverThrottled(server)) {
    return;
  }
  const std::size_t hash = hashOf(server, zone);
  const base::MonoTime until = now + d_state->lameLife;
  d_state->lameSeen.store(true, std::memory_order_relaxed);
  auto shard = d_state->lame.lock(hash);
  if (LameServer* known = shard.find(hash, [&](const LameServer& l) { return l.address == server && l.zone == zone; });
      known != nullptr) {
    known->until = until;
    return;
  }
  shard.insert(hash, LameServer{server, zone, until}, [&](const LameServer& l) { return l.until <= now; });
}

bool NsSpeeds::isLame(const base::Address& server, const dns::Name& zone, base::MonoTime now) {
  if (!d_state->lameSeen.load(std::memory_order_relaxed)) {
    return false;
  }
  const std::size_t hash = hashOf(server, zone);
  auto shard = d_state->lame.lock(hash);
  const LameServer* known =
      shard.find(hash, [&](const LameServer& l) { return l.address == server && l.zone == zone; });
  return known != nullptr && known->until > now;
}

ServerLists& NsSpeeds::lists() { return d_state->lists; }

std::size_t NsSpeeds::clearCookies(const std::optional<base::Address>& server, base::MonoTime now) {
  std::vector<ServerPath> paths;
  d_state->visitAll([&](const NsServer& known) {
    const bool wanted = !server || known.path.address.withPort(0) == server->withPort(0);
    if (wanted && (known.cookieSince.set || known.noCookies.set)) paths.push_back(known.path);
  });
  for (const ServerPath& path : paths) {
    d_state->change(path, now, [](NsServer& known) { known.cookieSince.set = known.noCookies.set = false; });
  }
  return paths.size() + d_state->lists.removeWithoutCookies(server);
}

} // namespace rec
