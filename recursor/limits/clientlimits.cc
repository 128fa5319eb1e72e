// judge(): the rate of the network -> random subdomains of a zone above the name -> questions of the network that wait
// -> of these, those for the zone. Whatever concerns one zone only does not hold for names that are known to exist.
#include "recursor/limits/clientlimits.hh"

#include <algorithm>

#include "lib/base/hash.hh"

namespace rec {
namespace {

// Zones of more labels than this have no account of their own: few have random names below them.
constexpr std::size_t kMostLabels = 10;
constexpr std::uint32_t kNoLimit = UINT32_MAX;

std::uint64_t zoneKey(std::uint64_t network, const dns::Name& zone) {
  return base::mix(network ^ zone.hash(), base::hashSeeds().c) | 1;
}

// DecayingCounts: a steady rate of r counts up to 2 r.
bool isBeyond(std::uint32_t count, std::uint32_t rate) { return count >= 2 * std::uint64_t{rate}; }

} // namespace

std::string_view settingOf(LimitReason reason) {
  switch (reason) {
  case LimitReason::Resolutions: return "rate-limit-resolutions";
  case LimitReason::RandomSubdomains: return "rate-limit-random-subdomains";
  case LimitReason::Waiting: return "wait-limit";
  case LimitReason::ZoneWaiting: return "wait-limit-zone";
  case LimitReason::None: break;
  }
  return "";
}

ClientLimits::ClientLimits(const Options& options, LimitedNow& limited, const PublicSuffixes& suffixes)
    : d_inForce(options.inForce), d_resolutions(options.resolutions), d_subdomains(options.subdomains),
      d_atOnce(options.waiting), d_zoneAtOnce(options.zoneWaiting), d_ipv4Bits(options.ipv4Bits),
      d_ipv6Bits(options.ipv6Bits), d_limited(limited), d_suffixes(suffixes) {}

void ClientLimits::adopt(const Options& options) {
  d_inForce = options.inForce;
  d_resolutions = options.resolutions;
  d_subdomains = options.subdomains;
  d_atOnce = options.waiting;
  d_zoneAtOnce = options.zoneWaiting;
  d_ipv4Bits = options.ipv4Bits;
  d_ipv6Bits = options.ipv6Bits;
}

ClientLimits::Options ClientLimits::optionsOf(const Settings& settings) {
  Options options;
  options.inForce = settings.rateLimiting == "yes";
  options.resolutions = settings.rateLimitResolutions;
  options.subdomains = settings.rateLimitRandomSubdomains;
  options.waiting = settings.waitLimit;
  options.zoneWaiting = settings.waitLimitZone;
  options.ipv4Bits = static_cast<std::uint8_t>(settings.rateLimitIpv4PrefixLength);
  options.ipv6Bits = static_cast<std::uint8_t>(settings.rateLimitIpv6PrefixLength);
  return options;
}

base::Netmask ClientLimits::networkOf(const base::Address& client) const {
  return base::Netmask::of(client, client.isV4() ? d_ipv4Bits : d_ipv6Bits);
}

std::uint64_t ClientLimits::keyOf(const Asked& asked) const {
  return base::mix(networkOf(asked.client).network.hash() ^ (asked.tcp ? 1 : 0), base::hashSeeds().a) | 1;
}

// Where anybody can have a name, what is below one is its owner's, whether or not its delegation is known already.
dns::Name ClientLimits::accountedZone(const dns::Name& name, const dns::Name& cut) const {
  return d_suffixes.isSuffix(cut) ? d_suffixes.registered(name) : cut;
}

// A zone above the name of which this network had too many random names resolved.
std::optional<dns::Name> ClientLimits::torturedZone(std::uint64_t network, const dns::Name& name,
                                                    base::MonoTime now) const {
  if (d_subdomains == 0U) {
    return std::nullopt;
  }
  for (std::size_t labels = std::min(name.labelCount(), kMostLabels + 1); labels > 2; --labels) {
    dns::Name zone = name.suffix(labels - 1);
    if (isBeyond(d_rates.count(zoneKey(network, zone), now), d_subdomains)) {
      return zone;
    }
  }
  return std::nullopt;
}

ClientLimits::Verdict ClientLimits::judge(const Asked& asked, base::MonoTime now) {
  Verdict verdict;
  const std::uint64_t network = keyOf(asked);
  if (d_resolutions > 0U && isBeyond(d_rates.count(network, now), d_resolutions)) {
    verdict.reason = LimitReason::Resolutions;
    tell(verdict.reason, asked, std::nullopt, now);
    return verdict;
  }
  if (auto zone = torturedZone(network, asked.name, now)) {
    verdict.isKnown = d_known.has(asked.name);
    if (!verdict.isKnown) {
      verdict.reason = LimitReason::RandomSubdomains;
      tell(verdict.reason, asked, zone, now);
      return verdict;
    }
  }
  const dns::Name zone = accountedZone(asked.name, asked.zone);
  verdict.reason = take(verdict, network, asked, zone);
  if (verdict.reason != LimitReason::None) {
    const bool isZone = verdict.reason == LimitReason::ZoneWaiting;
    tell(verdict.reason, asked, isZone ? std::optional(zone) : std::nullopt, now);
    return verdict;
  }
  if (d_resolutions > 0) {
    static_cast<void>(d_rates.add(network, now));
  }
  return verdict;
}

// Places among those that wait. The name of the zone itself is none of its random names.
LimitReason ClientLimits::take(Verdict& verdict, std::uint64_t network, const Asked& asked, const dns::Name& zone) {
  const std::uint64_t all = d_atOnce > 0U ? network : 0;
  if (all != 0 && !d_waiting.enter(all, d_atOnce)) {
    return LimitReason::Waiting;
  }
  std::uint64_t ofZone = d_zoneAtOnce > 0U && asked.name != zone ? zoneKey(network, zone) : 0;
  bool hasPlace = ofZone == 0 || d_waiting.enter(ofZone, d_zoneAtOnce);
  if (!hasPlace && d_known.has(asked.name)) {
    verdict.isKnown = true;
    hasPlace = d_waiting.enter(ofZone, kNoLimit);
  }
  verdict.slot = WaitingSlot(d_waiting, all, hasPlace ? ofZone : 0);
  return hasPlace ? LimitReason::None : LimitReason::ZoneWaiting;
}

LimitReason ClientLimits::wouldJudge(const Asked& asked, base::MonoTime now) const {
  const std::uint64_t network = keyOf(asked);
  if (d_resolutions > 0U && isBeyond(d_rates.count(network, now), d_resolutions)) {
    return LimitReason::Resolutions;
  }
  if (d_atOnce > 0U && d_waiting.inUse(network) >= d_atOnce) {
    return LimitReason::Waiting;
  }
  if (d_known.has(asked.name)) {
    return LimitReason::None;
  }
  if (torturedZone(network, asked.name, now)) {
    return LimitReason::RandomSubdomains;
  }
  const dns::Name zone = accountedZone(asked.name, asked.zone);
  const bool isFull =
      d_zoneAtOnce > 0U && d_waiting.inUse(zoneKey(network, zone)) >= d_zoneAtOnce && asked.name != zone;
  return isFull ? LimitReason::ZoneWaiting : LimitReason::None;
}

// That a name is not registered says nothing of a zone that could be tortured. Without an SOA it is the zone that was
// asked, or was to be.
void ClientLimits::denied(const Asked& asked, const std::optional<dns::Name>& soa, base::MonoTime now) {
  const bool isOwn = soa && asked.name.isWithin(*soa);
  const dns::Name zone = isOwn ? *soa : accountedZone(asked.name, asked.zone);
  if (d_subdomains > 0U && asked.name.isBelow(zone) && !d_suffixes.isSuffix(zone)) {
    static_cast<void>(d_rates.add(zoneKey(keyOf(asked), zone), now));
  }
}

void ClientLimits::tell(LimitReason reason, const Asked& asked, const std::optional<dns::Name>& zone,
                        base::MonoTime now) {
  d_limited.note({settingOf(reason), networkOf(asked.client), asked.tcp, zone}, now, d_inForce);
}

} // namespace rec
