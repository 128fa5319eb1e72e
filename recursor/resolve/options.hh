// From settings and zone files to ResolveOptions. Called at the start and by reload-zones.
#pragma once

#include <memory>
#include <vector>

#include "recursor/config/settings.hh"
#include "recursor/config/zonesources.hh"
#include "recursor/resolve/parts.hh"

namespace rec {

// Whether answers are validated for anybody: dnssec is process, log-fail or validate.
[[nodiscard]] bool isValidating(const Settings& settings);
[[nodiscard]] dnssec::SignaturePolicy signaturePolicy(const Settings& settings);
[[nodiscard]] ValidationOptions validationOf(const Settings& settings);
[[nodiscard]] dnssec::DenialPolicy denialPolicy(const Settings& settings);

[[nodiscard]] ForwardRules makeForwardRules(const Settings& settings, const std::vector<ForwardZone>& forwards,
                                            Upstreams& upstreams);
[[nodiscard]] std::shared_ptr<const ResolveOptions> makeResolveOptions(const Settings& settings,
                                                                       const std::vector<ForwardZone>& forwards,
                                                                       const std::vector<RootServer>& hints,
                                                                       Upstreams& upstreams);

} // namespace rec
