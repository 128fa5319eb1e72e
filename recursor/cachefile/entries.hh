// The entries of the cache file: which caches they come from, how each kind is written into a block and read again.
// Reading gives well-formed values only, or the reader has failed. Private to recursor/cachefile.
#pragma once

#include <atomic>

#include "recursor/cache/delegations.hh"
#include "recursor/cache/dotservers.hh"
#include "recursor/cache/negcache.hh"
#include "recursor/cache/nsspeeds.hh"
#include "recursor/cache/recordcache.hh"
#include "recursor/cache/subnetcache.hh"
#include "recursor/cache/wildcardproofs.hh"
#include "recursor/cache/zonetrusts.hh"
#include "recursor/cachefile/keptcaches.hh"
#include "recursor/cachefile/octets.hh"

namespace rec {

void write(OctetWriter& out, const SavedRecords& records);
void write(OctetWriter& out, const SavedNegative& negative);
void write(OctetWriter& out, const SavedSubnet& subnet);
void write(OctetWriter& out, const SavedProofs& proofs);
void write(OctetWriter& out, const SavedInsecurity& zone);
void write(OctetWriter& out, const DelegationPtr& delegation);
void write(OctetWriter& out, const SavedServer& server);
void write(OctetWriter& out, const SavedLame& server);
void write(OctetWriter& out, const SavedDotServer& server);

void read(OctetReader& in, SavedRecords& records);
void read(OctetReader& in, SavedNegative& negative);
void read(OctetReader& in, SavedSubnet& subnet);
void read(OctetReader& in, SavedProofs& proofs);
void read(OctetReader& in, SavedInsecurity& zone);
void read(OctetReader& in, Delegation& delegation);
void read(OctetReader& in, SavedServer& server);
void read(OctetReader& in, SavedLame& server);
void read(OctetReader& in, SavedDotServer& server);

} // namespace rec
