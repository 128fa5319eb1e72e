// NsSpeeds as rec_control shows it: dumps, and the counts for metrics.
#include <algorithm>
#include <string>
#include <vector>

#include "recursor/cache/nsspeeds.hh"
#include "recursor/cache/nsspeedsstate.hh"

namespace rec {
namespace {

using std::chrono::microseconds;
using std::chrono::seconds;

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

} // namespace

std::size_t NsSpeeds::dumpCookies(std::FILE* out, base::MonoTime now) const {
  std::fputs("; cookies dump follows\n; address\tstatus\tserver-octets\theard-s-ago\n", out);
  std::size_t lines = 0;
  visitAll(d_state->servers, [&](const NsServer& server) {
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
  visitAll(d_state->servers, [&](const NsServer& server) {
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
  visitAll(d_state->servers, [&](const NsServer& server) {
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
  visitAll(d_state->servers, [&](const NsServer& server) {
    if (server.downUntil > now) {
      std::fprintf(out, "%s\t*\t%ld\tServerDown\n", server.path.text().c_str(), secondsUntil(server.downUntil, now));
      ++lines;
    }
  });
  visitAll(d_state->lame, [&](const LameServer& lame) {
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
  visitAll(d_state->servers, [&](const NsServer& server) {
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
  return State::countOf(d_state->servers, [now](const NsServer& server) { return server.downUntil > now; }) +
         State::countOf(d_state->lame, [now](const LameServer& lame) { return lame.until > now; });
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
