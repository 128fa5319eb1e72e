// An explanation as one JSON object, for programs: the same that explaintext.hh tells a person.
#pragma once

#include <string>

#include "recursor/control/json.hh"
#include "recursor/resolve/explanation.hh"

namespace rec {

// One line, with these members, too. Dates are seconds since 1970, records and proofs presentation format.
[[nodiscard]] std::string explanationJson(const Explanation& explanation, bool withTrace, const JsonMembers& more = {});

} // namespace rec
