// KeptCaches: the caches that outlive the process. References to what Resolving owns.
#pragma once

#include <atomic>

namespace rec {

class Delegations;
class DotServers;
class NegativeCache;
class NsSpeeds;
class RecordCache;
class SubnetCache;
class WildcardProofs;
class ZoneTrusts;

struct KeptCaches {
  RecordCache& records;
  NegativeCache& negatives;
  SubnetCache& subnets;
  Delegations& delegations;
  WildcardProofs& wildcards;
  ZoneTrusts& trusts;
  NsSpeeds& speeds;
  DotServers& dotServers;
  std::atomic<bool>& dnameSeen; // a DNAME was cached
};

} // namespace rec
