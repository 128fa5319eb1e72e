// NsSpeeds over a restart: monotonic times become ages, and times again.
#include <algorithm>

#include "recursor/cache/nsspeeds.hh"
#include "recursor/cache/nsspeedsstate.hh"

namespace rec {
namespace {

using Seconds = std::chrono::seconds;

SavedServer::Ago age(const Since& since, base::MonoTime now) {
  if (!since.set) return std::nullopt;
  return std::max(std::chrono::floor<Seconds>(now - since.at), Seconds{0});
}

Since since(const SavedServer::Ago& ago, base::MonoTime now) { return ago ? Since{now - *ago, true} : Since{}; }

Seconds left(base::MonoTime until, base::MonoTime now) {
  return until > now ? std::chrono::ceil<Seconds>(until - now) : Seconds{0};
}

} // namespace

CachePiece<SavedServer> NsSpeeds::servers(const base::ShardPlace& from, base::MonoTime now) const {
  return pieceOf<SavedServer>(d_state->servers, from, [&](const NsServer& s, unsigned) -> std::optional<SavedServer> {
    const Seconds life = d_state->abilityLife;
    if (!s.heard.holds(now, life) && !s.ednsSince.holds(now, life)) return std::nullopt;
    SavedServer saved{.path = s.path, .measured = s.measured, .srtt = s.srtt, .rttvar = s.rttvar};
    saved.timeouts = s.timeouts;
    saved.edns = s.edns;
    saved.heard = age(s.heard, now);
    saved.ednsKnown = age(s.ednsSince, now);
    saved.caseLost = age(s.caseLost, now);
    saved.spoofing = age(s.spoofing, now);
    saved.noCookies = age(s.noCookies, now);
    saved.down = left(s.downUntil, now);
    return saved;
  });
}

CachePiece<SavedLame> NsSpeeds::lameServers(const base::ShardPlace& from, base::MonoTime now) const {
  return pieceOf<SavedLame>(d_state->lame, from, [&](const LameServer& l, unsigned) -> std::optional<SavedLame> {
    return l.until > now ? std::optional(SavedLame{l.address, l.zone, left(l.until, now)}) : std::nullopt;
  });
}

Restored NsSpeeds::restore(const SavedServer& saved, base::MonoTime now) {
  NsServer server;
  server.path = saved.path;
  server.measured = saved.measured;
  server.srtt = saved.srtt;
  server.rttvar = saved.rttvar;
  server.timeouts = saved.timeouts;
  server.edns = saved.edns;
  server.heard = since(saved.heard, now);
  server.ednsSince = since(saved.ednsKnown, now);
  server.caseLost = since(saved.caseLost, now);
  server.spoofing = since(saved.spoofing, now);
  server.noCookies = since(saved.noCookies, now);
  const bool throttles = saved.down.count() > 0 && !d_state->lists.isNeverThrottled(saved.path.address);
  server.downUntil = throttles ? now + std::min(saved.down, Seconds(d_state->downFor)) : base::MonoTime{};
  const std::size_t hash = hashOf(saved.path);
  auto shard = d_state->servers.lock(hash);
  if (shard.find(hash, [&](const NsServer& s) { return s.path == saved.path; }) != nullptr) return Restored::Known;
  return shard.restore(hash, std::move(server), base::Eviction::kHot) ? Restored::Yes : Restored::NoRoom;
}

Restored NsSpeeds::restore(const SavedLame& saved, base::MonoTime now) {
  if (saved.left.count() <= 0 || d_state->lists.isNeverThrottled(saved.address)) return Restored::Unfit;
  const std::size_t hash = hashOf(saved.address, saved.zone);
  d_state->lameSeen.store(true, std::memory_order_relaxed);
  auto shard = d_state->lame.lock(hash);
  const auto same = [&](const LameServer& l) { return l.address == saved.address && l.zone == saved.zone; };
  if (shard.find(hash, same) != nullptr) return Restored::Known;
  LameServer lame{saved.address, saved.zone, now + std::min(saved.left, d_state->lameLife)};
  return shard.restore(hash, std::move(lame), base::Eviction::kHot) ? Restored::Yes : Restored::NoRoom;
}

} // namespace rec
