// FilePrints of the settings: what the entries of a cache file depend on, as numbers to compare. Pure.
#pragma once

#include <span>

#include "recursor/cache/delegations.hh"
#include "recursor/cachefile/blocks.hh"
#include "recursor/config/zonesources.hh"
#include "recursor/trust/trustanchors.hh"

namespace rec {

// `data`: whom is asked for what (forwarders, root hints, the network), and whether signatures are asked for. Data that
// was forwarded must not come back as data that was iterated for, nor the other way round.
// `verdicts`: whether and how data is validated, and the trust anchors.
// `subnets`: who is told which part of clients' addresses.
struct PrintSources {
  const Settings& settings;               // of the start: what reload-zones does not change
  const ZoneSources& zones;               // the rest as it is now
  std::span<const dns::Name> iteratesToo; // forward-first
  std::span<const NameServer> hints;
  const AnchorSnapshot& anchors;
};
[[nodiscard]] FilePrints printsOf(const PrintSources& sources);

} // namespace rec
