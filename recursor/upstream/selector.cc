// choose() in steps: rate every server not asked yet, drop classes that are not to be asked, take the best or, now and
// then, another one; derive how long to wait from how long it usually takes (RFC 6298 2).
#include "recursor/upstream/selector.hh"

#include <algorithm>

#include "lib/base/random.hh"

namespace rec {

namespace {

using std::chrono::microseconds;
using std::chrono::milliseconds;

// A server nothing is known of is taken to be this fast at most, at random: all get explored, none is preferred.
constexpr std::uint32_t kUnknownMaxMicros = 40'000;
// Differences below this are noise: such servers share the load.
constexpr std::uint32_t kJitterMicros = 2'000;
constexpr milliseconds kFirstTimeout{800}; // nothing known: two dead servers must leave time for a third
constexpr milliseconds kMinTimeout{300};
constexpr milliseconds kMinHedge{25};
constexpr milliseconds kFirstHedge{300};
constexpr unsigned kSilentMeansBroken = 5;
constexpr std::chrono::seconds kFamilyRetry{60};
constexpr std::ptrdiff_t kMaxLastResorts = 2;

bool contains(std::span<const base::Address> list, const base::Address& server) {
  return std::find(list.begin(), list.end(), server) != list.end();
}

} // namespace

milliseconds usualWait(const ServerState& state) {
  if (state.usual.count() == 0) return kFirstHedge;
  return std::max(std::chrono::ceil<milliseconds>(state.usual + 4 * state.rttvar), kMinHedge);
}

Selector::Selector(NsSpeeds& speeds, const Options& options) : d_speeds(speeds), d_options(options) {}

std::optional<ServerChoice> Selector::choose(std::span<const base::Address> candidates,
                                             std::span<const base::Address> asked, const dns::Name& zone,
                                             base::MonoTime now) {
  rate(candidates, asked, zone, now);
  d_passedOver = static_cast<std::size_t>(std::count_if(d_rated.begin(), d_rated.end(), [](const Rated& rated) {
    return rated.state.down && rated.rank == Class::LastResort;
  }));
  if (d_rated.empty()) return std::nullopt;
  const Rated& chosen = pick();
  if (chosen.rank == Class::LastResort) {
    const auto before = std::count_if(asked.begin(), asked.end(), [&](const base::Address& server) {
      return isLastResort(server, d_speeds.get(server, now), zone, now);
    });
    if (before >= kMaxLastResorts) return std::nullopt;
    d_passedOver -= chosen.state.down ? 1 : 0;
  }
  d_hedgeTokens = std::min(d_hedgeTokens + d_options.hedgePercent / 100.0, kMaxHedgeTokens);
  return withTimes(chosen);
}

void Selector::rate(std::span<const base::Address> candidates, std::span<const base::Address> asked,
                    const dns::Name& zone, base::MonoTime now) {
  d_rated.clear();
  for (const base::Address& server : candidates) {
    if (serves(server) && !contains(asked, server)) d_rated.push_back(rate(server, zone, now));
  }
}

Selector::Rated Selector::rate(const base::Address& server, const dns::Name& zone, base::MonoTime now) {
  Rated rated{&server, d_speeds.get(server, now), Class::Usual, {}};
  const bool measured = rated.state.known;
  const std::uint32_t noise = base::randomBelow(measured ? kJitterMicros : kUnknownMaxMicros);
  rated.cost = (measured ? rated.state.srtt : microseconds(0)) + microseconds(noise);
  if (isLastResort(server, rated.state, zone, now)) {
    const bool lenient =
        rated.state.down && d_options.bypassThrottleOneIn > 0 && base::randomBelow(d_options.bypassThrottleOneIn) == 0;
    rated.rank = lenient ? Class::Usual : Class::LastResort;
  } else if (familyIsBroken(server, now)) {
    rated.rank = Class::BrokenFamily;
  }
  return rated;
}

bool Selector::isLastResort(const base::Address& server, const ServerState& state, const dns::Name& zone,
                            base::MonoTime now) {
  return state.down || d_speeds.isLame(server, zone, now);
}

const Selector::Rated& Selector::pick() const {
  const auto better = [](const Rated& a, const Rated& b) {
    return a.rank != b.rank ? a.rank < b.rank : a.cost < b.cost;
  };
  const Rated& best = *std::min_element(d_rated.begin(), d_rated.end(), better);
  if (best.rank == Class::LastResort || base::randomBelow(1000) >= d_options.explorePermille) return best;
  const Rated& other = d_rated[base::randomBelow(static_cast<std::uint32_t>(d_rated.size()))];
  return other.rank == best.rank ? other : best;
}

bool Selector::serves(const base::Address& server) const {
  return server.isV6() ? d_options.ipv6 : server.isV4() && d_options.ipv4;
}

ServerChoice Selector::withTimes(const Rated& chosen) const {
  const ServerState& state = chosen.state;
  const bool measured = state.usual.count() > 0;
  ServerChoice choice{*chosen.server, kFirstTimeout, usualWait(state)};
  if (measured) choice.timeout = std::max(choice.hedgeAfter, kMinTimeout);
  // Silence may mean that it got slower than we wait (RFC 6298 5.5).
  choice.timeout = choice.timeout * (1U << std::min(state.timeoutsInARow, 3U));
  choice.timeout = std::min(choice.timeout, d_options.networkTimeout);
  choice.hedgeAfter = std::min(choice.hedgeAfter, choice.timeout);
  return choice;
}

bool Selector::mayHedge() {
  if (d_hedgeTokens < 1.0 || d_options.hedgePercent == 0) return false;
  d_hedgeTokens -= 1.0;
  return true;
}

void Selector::reportFamily(const base::Address& server, bool answered, base::MonoTime now) {
  Family& family = server.isV6() ? d_ipv6 : d_ipv4;
  if (answered) {
    family = Family();
    return;
  }
  if (family.lastSilent == server) return; // one dead server is not a dead network
  family.lastSilent = server;
  ++family.silentInARow;
  if (family.silentInARow >= kSilentMeansBroken) family.retryAt = now + kFamilyRetry;
}

bool Selector::familyIsBroken(const base::Address& server, base::MonoTime now) const {
  const Family& family = server.isV6() ? d_ipv6 : d_ipv4;
  return family.silentInARow >= kSilentMeansBroken && now < family.retryAt;
}

} // namespace rec
