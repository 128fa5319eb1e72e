// Referrals: the delegation that an NS set in the authority section makes, with the glue that may be believed. Pure.
#pragma once

#include "recursor/resolve/verdict.hh"

namespace rec {

// `ns` is an NS set below `zone` at or above the name asked. Glue counts only for names below `zone`: what its servers
// say of others is not theirs to say (RFC 2181 5.4.1; NXNS, NRDelegation: both counts are bounded).
[[nodiscard]] Verdict makeReferral(const dns::Message& message, const dns::RRset& ns, const dns::Name& zone,
                                   const VerdictOptions& options);
// Name servers of an NS set with addresses from `additional`; used for referrals and for the root's priming answer.
[[nodiscard]] std::vector<NameServer> serversOf(const dns::RRset& ns, std::span<const dns::RRset> additional,
                                                const dns::Name& bailiwick, const VerdictOptions& options);

} // namespace rec
