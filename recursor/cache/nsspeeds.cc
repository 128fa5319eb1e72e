// NsSpeeds: one entry per server path in a ShardMap, and one per lame (server, zone). Round-trip times are smoothed
// as RFC 6298 2 says; what get() shows of them doubles with each timeout in a row and halves with each kHalfLife in
// which nothing was heard, so that a slow or dead server is tried again some day.
#include "recursor/cache/nsspeeds.hh"

#include <algorithm>
#include <atomic>
#include <cmath>
#include <string>

#include "lib/base/shardmap.hh"
#include "recursor/cache/key.hh"

namespace rec {
namespace {

using std::chrono::duration_cast;
using std::chrono::microseconds;
using std::chrono::seconds;

constexpr seconds kHalfLife{120};
constexpr seconds kSpoofingLife{120};
constexpr microseconds kUnmeasured{400'000}; // taken for a server that only timed out
constexpr microseconds kSlowest{12'000'000};
constexpr unsigned kMaxDoublings = 5;

// Since when something is known; nothing before it is set.
struct Since {
  base::MonoTime at{};
  bool set = false;
  void note(base::MonoTime now) { *this = Since{now, true}; }
  [[nodiscard]] bool holds(base::MonoTime now, seconds life) const { return set && now - at < life; }
};

struct Server {
  ServerPath path;
  Since heard; // the last report of an answer or a timeout
  microseconds srtt{0}, rttvar{0};
  bool measured = false;
  unsigned timeouts = 0; // in a row
  base::MonoTime downUntil{};
  EdnsStatus edns = EdnsStatus::Unknown;
  Since ednsSince, caseLost, spoofing, cookieSince, noCookies;
  dns::Cookie cookie;

  [[nodiscard]] std::size_t heapBytes() const { return 0; }

  // RFC 6298 2.2, 2.3.
  void measure(microseconds rtt) {
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

  [[nodiscard]] microseconds shownSrtt(base::MonoTime now) const {
    const microseconds start = measured ? srtt : kUnmeasured;
    const microseconds slowed = std::min(start * (1U << std::min(timeouts, kMaxDoublings)), kSlowest);
    const std::chrono::duration<double> idle = std::max(now - heard.at, base::MonoTime::duration{0});
    const double shown =
        static_cast<double>(slowed.count()) * std::exp2(-idle / std::chrono::duration<double>(kHalfLife));
    return microseconds(static_cast<microseconds::rep>(shown));
  }
};

struct Lame {
  base::Address address;
  dns::Name zone;
  base::MonoTime until{};
  [[nodiscard]] std::size_t heapBytes() const { return 0; }
};

std::size_t hashOf(const ServerPath& server) {
  return base::mix(server.address.hash() + static_cast<std::size_t>(server.over), 0x9E3779B97F4A7C15ULL);
}
std::size_t hashOf(const base::Address& server, const dns::Name& zone) {
  return base::mix(server.hash() ^ zone.hash(), 0x9E3779B97F4A7C15ULL);
}

long secondsUntil(base::MonoTime until, base::MonoTime now) {
  return static_cast<long>(std::chrono::ceil<seconds>(until - now).count());
}

double milliseconds(microseconds time) { return static_cast<double>(time.count()) / 1000.0; }

std::string_view text(EdnsStatus status) {
  switch (status) {
  case EdnsStatus::Unknown: return "Unknown";
  case EdnsStatus::Good: return "EDNSOK";
  case EdnsStatus::Ignorant: return "EDNSIgnorant";
  case EdnsStatus::Broken: return "NoEDNS";
  }
  return "?";
}

template <typename Entry, typename Visit> void visitAll(const base::ShardMap<Entry>& map, const Visit& visit) {
  for (std::size_t i = 0; i < map.shardCount(); ++i) {
    const std::vector<Entry> entries = map.copyShard(i);
    std::for_each(entries.begin(), entries.end(), visit);
  }
}

// Without copies: `visit` must be short.
template <typename Entry, typename Visit> void countAll(const base::ShardMap<Entry>& map, const Visit& visit) {
  for (std::size_t i = 0; i < map.shardCount(); ++i) {
    map.lockShard(i).forEach(visit);
  }
}

} // namespace

struct NsSpeeds::State {
  explicit State(const Options& given)
      : options(given), lists(given.neverThrottled), servers({.shards = given.shards, .maxEntries = given.maxEntries}),
        lame({.shards = given.shards, .maxEntries = given.maxEntries}) {}

  // Changes what is known of a server, first of all that it exists.
  template <typename Change> void change(const ServerPath& server, base::MonoTime now, const Change& make) {
    const std::size_t hash = hashOf(server);
    auto shard = servers.lock(hash);
    if (Server* known = shard.find(hash, [&](const Server& s) { return s.path == server; }); known != nullptr) {
      make(*known);
      return;
    }
    Server fresh;
    fresh.path = server;
    make(fresh);
    shard.insert(hash, std::move(fresh), [&](const Server& s) { return s.heard.set && forgotten(s, now); });
  }

  [[nodiscard]] ServerState find(const ServerPath& server, base::MonoTime now) {
    const std::size_t hash = hashOf(server);
    auto shard = servers.lock(hash);
    const Server* known = shard.find(hash, [&](const Server& s) { return s.path == server; });
    return known != nullptr ? shown(*known, now) : ServerState{};
  }

  // An hour without a word: it may be another machine by now.
  [[nodiscard]] bool forgotten(const Server& server, base::MonoTime now) const {
    return !server.heard.holds(now, options.abilityLife);
  }

  void noteTimeout(Server& server, base::MonoTime now, bool mayThrottle) const {
    server.timeouts = forgotten(server, now) ? 1 : server.timeouts + 1;
    server.heard.note(now);
    if (mayThrottle && options.downAfter > 0 && server.timeouts >= options.downAfter) {
      server.downUntil = now + options.downFor;
    }
  }

  [[nodiscard]] ServerState shown(const Server& server, base::MonoTime now) const {
    ServerState state;
    if (!forgotten(server, now)) {
      state.known = true;
      state.srtt = server.shownSrtt(now);
      state.usual = server.srtt;
      state.rttvar = server.rttvar;
      state.timeoutsInARow = server.timeouts;
    }
    state.down = server.downUntil > now;
    state.edns = server.ednsSince.holds(now, options.abilityLife) ? server.edns : EdnsStatus::Unknown;
    state.keepsCase = !server.caseLost.holds(now, options.abilityLife);
    state.spoofSuspected = server.spoofing.holds(now, kSpoofingLife);
    state.cookiesUnsupported = server.noCookies.holds(now, options.abilityLife);
    if (server.cookieSince.holds(now, options.abilityLife)) {
      state.cookie = server.cookie;
    }
    return state;
  }

  // How many servers' shown state fits.
  template <typename Fits> [[nodiscard]] std::size_t count(base::MonoTime now, const Fits& fits) const {
    std::size_t count = 0;
    countAll(servers, [&](const Server& server) { count += fits(shown(server, now)) ? 1U : 0U; });
    return count;
  }

  const Options options;
  ServerLists lists;
  base::ShardMap<Server> servers;
  base::ShardMap<Lame> lame;
  std::atomic<bool> lameSeen{false}; // else the look into `lame` is spared
};

std::string ServerPath::text() const {
  const std::string where = address.textWithPort();
  return over == Scheme::Udp ? where : std::string(rec::text(over)) + "://" + where;
}

NsSpeeds::NsSpeeds(const Options& options) : d_state(std::make_unique<State>(options)) {}
NsSpeeds::~NsSpeeds() = default;

ServerState NsSpeeds::get(const ServerPath& server, base::MonoTime now) {
  ServerState state = d_state->find(server, now);
  if (d_state->lists.isWithoutCookies(server.address)) [[unlikely]] {
    state.cookie.reset();
    state.cookiesUnsupported = true;
  }
  return state;
}

void NsSpeeds::reportRtt(const ServerPath& server, microseconds rtt, base::MonoTime now) {
  d_state->change(server, now, [&](Server& known) {
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
  d_state->change(server, now, [&](Server& known) {
    if (!known.measured || known.srtt < waited) {
      known.measure(waited);
    }
  });
}

void NsSpeeds::reportTimeout(const ServerPath& server, base::MonoTime now, bool mayThrottle) {
  const bool exempt = d_state->lists.isNeverThrottled(server.address);
  d_state->change(server, now, [&](Server& known) { d_state->noteTimeout(known, now, mayThrottle && !exempt); });
}

void NsSpeeds::reportEdns(const ServerPath& server, EdnsStatus status, base::MonoTime now) {
  d_state->change(server, now, [&](Server& known) {
    known.edns = status;
    known.ednsSince.note(now);
  });
}

void NsSpeeds::reportCaseLost(const ServerPath& server, base::MonoTime now) {
  d_state->change(server, now, [&](Server& known) { known.caseLost.note(now); });
}

void NsSpeeds::reportSpoofing(const ServerPath& server, base::MonoTime now) {
  d_state->change(server, now, [&](Server& known) { known.spoofing.note(now); });
}

void NsSpeeds::reportCookie(const ServerPath& server, const dns::Cookie& cookie, base::MonoTime now) {
  d_state->change(server, now, [&](Server& known) {
    known.cookie = cookie;
    known.cookieSince.note(now);
    known.noCookies.set = false;
  });
}

void NsSpeeds::reportNoCookies(const ServerPath& server, base::MonoTime now) {
  d_state->change(server, now, [&](Server& known) {
    known.noCookies.note(now);
    known.cookieSince.set = false;
  });
}

void NsSpeeds::reportLame(const base::Address& server, const dns::Name& zone, base::MonoTime now) {
  if (d_state->lists.isNeverThrottled(server)) {
    return;
  }
  const std::size_t hash = hashOf(server, zone);
  const base::MonoTime until = now + d_state->options.lameLife;
  d_state->lameSeen.store(true, std::memory_order_relaxed);
  auto shard = d_state->lame.lock(hash);
  if (Lame* known = shard.find(hash, [&](const Lame& l) { return l.address == server && l.zone == zone; });
      known != nullptr) {
    known->until = until;
    return;
  }
  shard.insert(hash, Lame{server, zone, until}, [&](const Lame& l) { return l.until <= now; });
}

bool NsSpeeds::isLame(const base::Address& server, const dns::Name& zone, base::MonoTime now) {
  if (!d_state->lameSeen.load(std::memory_order_relaxed)) {
    return false;
  }
  const std::size_t hash = hashOf(server, zone);
  auto shard = d_state->lame.lock(hash);
  const Lame* known = shard.find(hash, [&](const Lame& l) { return l.address == server && l.zone == zone; });
  return known != nullptr && known->until > now;
}

ServerLists& NsSpeeds::lists() { return d_state->lists; }

std::size_t NsSpeeds::clearCookies(const std::optional<base::Address>& server, base::MonoTime now) {
  std::vector<ServerPath> paths;
  countAll(d_state->servers, [&](const Server& known) {
    const bool wanted = !server || known.path.address.withPort(0) == server->withPort(0);
    if (wanted && (known.cookieSince.set || known.noCookies.set)) paths.push_back(known.path);
  });
  for (const ServerPath& path : paths) {
    d_state->change(path, now, [](Server& known) { known.cookieSince.set = known.noCookies.set = false; });
  }
  return paths.size() + d_state->lists.removeWithoutCookies(server);
}

std::size_t NsSpeeds::dumpCookies(std::FILE* out, base::MonoTime now) const {
  std::fputs("; cookies dump follows\n; address\tstatus\tserver-octets\theard-s-ago\n", out);
  std::size_t lines = 0;
  visitAll(d_state->servers, [&](const Server& server) {
    const ServerState state = d_state->shown(server, now);
    if (!state.cookie && !state.cookiesUnsupported) {
      return;
    }
    std::fprintf(out, "%s\t%s\t%u\t%ld\n", server.path.text().c_str(), state.cookie ? "Supported" : "Unsupported",
                 state.cookie ? unsigned{state.cookie->serverSize} : 0U,
                 secondsUntil(now, state.cookie ? server.cookieSince.at : server.noCookies.at));
    ++lines;
  });
  for (const base::Address& server : d_state->lists.withoutCookies()) {
    std::fprintf(out, "%s\tPinned\t0\t0\n", server.text().c_str());
    ++lines;
  }
  return lines;
}

std::size_t NsSpeeds::dumpSpeeds(std::FILE* out, base::MonoTime now) const {
  std::fputs("; nsspeed dump follows\n; address\tsrtt-ms\tusual-ms\trttvar-ms\ttimeouts\theard-s-ago\n", out);
  std::size_t lines = 0;
  visitAll(d_state->servers, [&](const Server& server) {
    const ServerState state = d_state->shown(server, now);
    if (!state.known) {
      return;
    }
    std::fprintf(out, "%s\t%.3f\t%.3f\t%.3f\t%u\t%ld\n", server.path.text().c_str(), milliseconds(state.srtt),
                 milliseconds(state.usual), milliseconds(state.rttvar), state.timeoutsInARow,
                 secondsUntil(now, server.heard.at));
    ++lines;
  });
  return lines;
}

std::size_t NsSpeeds::dumpEdns(std::FILE* out, base::MonoTime now) const {
  std::fputs("; edns dump follows\n; address\tstatus\tcase\tcookies\n", out);
  std::size_t lines = 0;
  visitAll(d_state->servers, [&](const Server& server) {
    const ServerState state = d_state->shown(server, now);
    const char* cookies = state.cookie ? "Supported" : state.cookiesUnsupported ? "Unsupported" : "Unknown";
    std::fprintf(out, "%s\t%s\t%s\t%s\n", server.path.text().c_str(), std::string(text(state.edns)).c_str(),
                 state.keepsCase ? "Kept" : "Lost", cookies);
    ++lines;
  });
  return lines;
}

std::size_t NsSpeeds::dumpThrottles(std::FILE* out, base::MonoTime now) const {
  std::fputs("; throttle map dump follows\n; address\tzone\tttd-s\treason\n", out);
  std::size_t lines = 0;
  visitAll(d_state->servers, [&](const Server& server) {
    if (server.downUntil > now) {
      std::fprintf(out, "%s\t*\t%ld\tServerDown\n", server.path.text().c_str(), secondsUntil(server.downUntil, now));
      ++lines;
    }
  });
  visitAll(d_state->lame, [&](const Lame& lame) {
    if (lame.until > now) {
      std::fprintf(out, "%s\t%s\t%ld\tLame\n", lame.address.textWithPort().c_str(), lame.zone.text().c_str(),
                   secondsUntil(lame.until, now));
      ++lines;
    }
  });
  return lines;
}

std::size_t NsSpeeds::dumpFailing(std::FILE* out, base::MonoTime now) const {
  std::fputs("; failed servers dump follows\n; address\ttimeouts\theard-s-ago\n", out);
  std::size_t lines = 0;
  visitAll(d_state->servers, [&](const Server& server) {
    if (server.timeouts > 0 && !d_state->forgotten(server, now)) {
      std::fprintf(out, "%s\t%u\t%ld\n", server.path.text().c_str(), server.timeouts,
                   secondsUntil(now, server.heard.at));
      ++lines;
    }
  });
  return lines;
}

std::size_t NsSpeeds::entries() const { return d_state->servers.entries(); }

std::size_t NsSpeeds::throttled(base::MonoTime now) const {
  std::size_t count = 0;
  countAll(d_state->servers, [&](const Server& server) { count += server.downUntil > now ? 1U : 0U; });
  countAll(d_state->lame, [&](const Lame& lame) { count += lame.until > now ? 1U : 0U; });
  return count;
}

std::size_t NsSpeeds::failing(base::MonoTime now) const {
  return d_state->count(now, [](const ServerState& state) { return state.timeoutsInARow > 0; });
}

std::size_t NsSpeeds::withCookies(base::MonoTime now) const {
  return d_state->count(now, [](const ServerState& state) { return state.cookie.has_value(); });
}

std::size_t NsSpeeds::withoutCookies(base::MonoTime now) const {
  return d_state->count(now, [](const ServerState& state) { return state.cookiesUnsupported; });
}

} // namespace rec
