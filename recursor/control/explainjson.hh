// An explanation as one JSON object, for programs: the same that explaintext.hh tells a person.
#pragma once

#include <string>

#include "recursor/resolve/explanation.hh"

namespace rec {

// One line. Dates are seconds since 1970, records and proofs presentation format.
[[nodiscard]] std::string explanationJson(const Explanation& explanation, bool withTrace);

} // namespace rec
