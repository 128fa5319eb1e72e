// What the parts of the resolver stand on: the shared caches, the worker's loop and upstream, and the options. Plain
// references, owned by Daemon (caches) and Worker (the rest).
#pragma once

#include <atomic>
#include <memory>
#include <optional>

#include "lib/base/netmask.hh"
#include "lib/coro/loop.hh"
#include "lib/coro/root.hh"
#include "lib/dnssec/memo.hh"
#include "lib/dnssec/signature.hh"
#include "recursor/cache/aggressivecache.hh"
#include "recursor/cache/delegations.hh"
#include "recursor/cache/failurecache.hh"
#include "recursor/cache/negcache.hh"
#include "recursor/cache/nsspeeds.hh"
#include "recursor/cache/recordcache.hh"
#include "recursor/cache/subnetcache.hh"
#include "recursor/cache/wildcardproofs.hh"
#include "recursor/cache/zonetrusts.hh"
#include "recursor/resolve/dns64.hh"
#include "recursor/resolve/forwardrules.hh"
#include "recursor/resolve/nonresolving.hh"
#include "recursor/resolve/qmin.hh"
#include "recursor/resolve/subnetpolicy.hh"
#include "recursor/resolve/verdict.hh"
#include "recursor/resolve/zonefetches.hh"
#include "recursor/stats/metrics.hh"
#include "recursor/trust/trustanchors.hh"
#include "recursor/upstream/dotexchange.hh"
#include "recursor/upstream/exchange.hh"
#include "recursor/upstream/loopwatch.hh"
#include "recursor/upstream/selector.hh"

namespace rec {

struct Caches {
  RecordCache& records;
  NegativeCache& negatives;
  FailureCache& failures;
  Delegations& delegations;
  NsSpeeds& speeds;
  WildcardProofs& wildcards;
  AggressiveCache& aggressive;
  ZoneTrusts& trusts;
  SubnetCache& subnets;
  std::atomic<bool>& dnameSeen; // no DNAME was ever cached: the walk up the ancestors is spared
};

// How answers are validated.
struct ValidationOptions {
  dnssec::SignaturePolicy signatures;
  dnssec::DenialPolicy denials;
  unsigned serverRetries = 3;    // dnssec-server-retries: how many further servers are asked when one gave bad data
  bool logBogus = false;         // dnssec-log-bogus
  bool reportErrors = false;     // dns-error-reporting
  bool ntaExtendedError = false; // nta-extended-error
  std::vector<dns::Name> countedApart; // x-dnssec-names
};

struct ResolveOptions {
  WorkLimits limits;
  std::vector<dns::Name> tlsOnly; // dot-to-auth-names
  bool tlsAtPort853 = true;       // dot-to-port-853
  MinimiseOptions minimise;
  VerdictOptions verdict;
  NonResolving::Options nonResolving;
  std::chrono::milliseconds maxTotal{4500};       // max-total-msec
  std::chrono::milliseconds networkTimeout{1500}; // network-timeout
  bool askDnssec = true;                          // DO to servers: dnssec != off
  bool validates = false;                         // dnssec is process, log-fail or validate
  bool signalAnchors = false;                     // signal-trust-anchors, when validating
  bool synthesize = false; // answers from validated denials of other names: aggressive-nsec-cache-size, dnssec
  ValidationOptions validation;
  bool ipv4 = true, ipv6 = true; // query-local-address has the family
  bool rootNxTrust = true;       // root-nx-trust
  bool saveParentNsSet = true;
  std::uint32_t maxCacheTtl = 86400;                       // max-cache-ttl
  std::uint32_t minCacheTtl = 1;                           // minimum-ttl-override
  SubnetPolicy subnets;                                    // edns-subnet-allow-list and ecs-*
  std::uint32_t minSubnetTtl = 1;                          // ecs-minimum-ttl-override
  bool staleKept = false;                                  // serve-stale-extensions > 0
  std::uint32_t maxNegativeTtl = 3600;                     // max-negative-ttl
  NegativeCache::Cut cut = NegativeCache::Cut::WhenSecure; // nothing-below-nxdomain
  std::vector<NameServer> hints;                           // the root's servers; empty: none (hint-file=no)
  ForwardRules forwards;
  std::uint32_t fetchesPerZone = 0; // fetches-per-zone; 0 is no limit
  unsigned hedgePercent = 5;        // hedge-percentage
  unsigned forwardDownAfter = 5;    // forward-down-after
  bool forwardLoopCheck = false;    // forward-loop-check
  std::chrono::seconds forwardProbeInterval{30};
  std::optional<Dns64Prefix> dns64; // dns64-prefix
};

struct ResolveParts {
  coro::Loop& loop;
  coro::Roots& roots;
  Caches caches;
  Exchange& exchange;
  Selector& selector;
  Counters& counters;
  TrustAnchors& anchors;
  dnssec::SignatureMemo& memo;
  LoopWatch& loops;
  std::shared_ptr<const ResolveOptions> options; // replaced whole by reload-zones
  DotExchange* dot = nullptr;                    // where a server is not asked as ever; null: all are
  ZoneFetches* fetches = nullptr;                // null: no limit
};

} // namespace rec
