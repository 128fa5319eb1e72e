// Keeping: what of a verdict goes into which cache, and the Lookup it becomes. Called by the iterator and the
// forwarder.
#pragma once

#include "recursor/resolve/lookup.hh"
#include "recursor/resolve/parts.hh"
#include "recursor/resolve/verdict.hh"

namespace rec {

// Stores records, denials and the zone's own NS set. `renewing`: the records were asked for to replace cached ones.
void keep(const Verdict& verdict, const dns::Question& question, ResolveParts& parts, bool renewing = false);
// Glue of name servers outside the zone they serve, for whoever meets the same name server elsewhere. It answers
// nobody.
void keepGlue(const Delegation& cut, std::uint32_t ttl, ResolveParts& parts);
// Whom the answer is for, by what came back of the client's network; `wanted` is what the server was to be told.
void noteSubnet(Verdict& verdict, const ServerReply& reply, const std::optional<base::Netmask>& wanted,
                const ResolveOptions& options);
// The same for a trace, with a space in front; empty when the network was not sent.
[[nodiscard]] std::string subnetText(const std::optional<SubnetScope>& scope, SubnetEcho echo);
// With TTLs as the caches would give them. Lame and ServerError become Failed.
[[nodiscard]] LookupPtr toLookup(Verdict&& verdict, const ResolveOptions& options);

} // namespace rec
