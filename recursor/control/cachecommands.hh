// rec_control wipe-cache, save-cache, and the limits of the caches: set-max-*, set-minimum-ttl.
#pragma once

#include "recursor/control/commands.hh"

namespace rec {

Reply wipeCache(CommandCall& call);
Reply wipeCacheTyped(CommandCall& call);
Reply saveCache(CommandCall& call);
Reply setMaxCacheEntries(CommandCall& call);
Reply setMaxPacketcacheEntries(CommandCall& call);
Reply setMinimumTtl(CommandCall& call);
Reply setEcsMinimumTtl(CommandCall& call);

} // namespace rec
