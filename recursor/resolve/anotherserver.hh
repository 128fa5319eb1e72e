// When data fails validation: whether another server may do better, and having it asked (dnssec-server-retries).
#pragma once

#include "recursor/resolve/lookup.hh"
#include "recursor/resolve/parts.hh"

namespace rec {

// Whether the failure may be the fault of the server that was asked.
[[nodiscard]] bool mayBeServersFault(const dnssec::Finding& finding);
// Has the walk ask again: another server than the one that gave bad data, or the same with EDNS when it was asked
// without. False when the limits forbid it.
[[nodiscard]] bool tryAnother(Walk& walk, const AnswerSource& from, const ResolveParts& parts);

} // namespace rec
