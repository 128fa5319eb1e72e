// ClientLimits: how much work one network of clients may make the resolver, so that it cannot take the resolver from
// all others: questions that are resolved, names of one zone that do not exist or cannot be resolved (random
// subdomains, "water torture"), questions that wait. Asked by the pipeline for what no cache has: an answer from a
// cache is never counted nor refused. It only judges; what becomes of a question is the pipeline's.
//
// What came over TCP is counted apart from UDP: its sender has the address, whereas anybody can send UDP in the name of
// a client. Shared by all workers, thread safe; memory is bounded, whoever asks.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "lib/base/address.hh"
#include "lib/base/clock.hh"
#include "lib/base/decayingcounts.hh"
#include "lib/base/keycounts.hh"
#include "lib/base/live.hh"
#include "lib/base/netmask.hh"
#include "lib/dns/name.hh"
#include "recursor/config/settings.hh"
#include "recursor/limits/knownnames.hh"
#include "recursor/limits/waitingslot.hh"
#include "recursor/policy/publicsuffixes.hh"
#include "recursor/stats/limitednow.hh"

namespace rec {

// Which limit a question is beyond.
enum class LimitReason : std::uint8_t { None, Resolutions, RandomSubdomains, Waiting, ZoneWaiting };

[[nodiscard]] std::string_view settingOf(LimitReason reason);

class ClientLimits {
 public:
  // 0 is no limit.
  struct Options {
    bool inForce = true;           // false: only counted and told (log-only)
    std::uint32_t resolutions = 0; // a second
    std::uint32_t subdomains = 0;  // a second, of one zone
    std::uint32_t waiting = 0;     // at once
    std::uint32_t zoneWaiting = 0; // at once, of one zone
    std::uint8_t ipv4Bits = 32, ipv6Bits = 56;
  };
  // A question that has to be resolved.
  struct Asked {
    const base::Address& client;
    bool tcp = false;
    const dns::Name& name;
    dns::Name zone; // whose servers are asked, as far as that is known (Resolver::zoneOf)
  };
  struct Verdict {
    LimitReason reason = LimitReason::None;
    bool isKnown = false; // it would have been limited, but the name is known to exist
    WaitingSlot slot;     // to be kept while the question waits
  };

  // All must outlive this.
  ClientLimits(const Options& options, LimitedNow& limited, const PublicSuffixes& suffixes);
  static Options optionsOf(const Settings& settings);
  // Whether clients are limited, or at least counted, at all.
  static bool isWanted(const Settings& settings) { return settings.rateLimiting != "no"; }
  void adopt(const Options& options); // from now on; any thread

  // Whether it may be resolved. Counts it.
  [[nodiscard]] Verdict judge(const Asked& asked, base::MonoTime now);
  // The same, without counting: for who wants to know.
  [[nodiscard]] LimitReason wouldJudge(const Asked& asked, base::MonoTime now) const;
  // What a question that was resolved has brought. `soa`: whose SOA came with the denial.
  void denied(const Asked& asked, const std::optional<dns::Name>& soa, base::MonoTime now);
  void exists(const dns::Name& name) { d_known.add(name); }
  [[nodiscard]] bool isInForce() const { return d_inForce; }

 private:
  [[nodiscard]] base::Netmask networkOf(const base::Address& client) const;
  [[nodiscard]] std::uint64_t keyOf(const Asked& asked) const;
  [[nodiscard]] dns::Name accountedZone(const dns::Name& name, const dns::Name& cut) const;
  [[nodiscard]] std::optional<dns::Name> torturedZone(std::uint64_t network, const dns::Name& name,
                                                      base::MonoTime now) const;
  LimitReason take(Verdict& verdict, std::uint64_t network, const Asked& asked, const dns::Name& zone);
  void tell(LimitReason reason, const Asked& asked, const std::optional<dns::Name>& zone, base::MonoTime now);

  // As in Options.
  base::Live<bool> d_inForce;
  base::Live<std::uint32_t> d_resolutions, d_subdomains, d_atOnce, d_zoneAtOnce;
  base::Live<std::uint8_t> d_ipv4Bits, d_ipv6Bits;
  LimitedNow& d_limited;
  const PublicSuffixes& d_suffixes;
  base::DecayingCounts d_rates;
  base::KeyCounts d_waiting;
  KnownNames d_known;
};

} // namespace rec
