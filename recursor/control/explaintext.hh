// An explanation as text for a person: the answer, the chain of trust, who signed and what denies, and what to do.
#pragma once

#include <string>

#include "recursor/resolve/explanation.hh"

namespace rec {

// `withTrace`: and the whole walk. Lines are wrapped where blanks allow it.
[[nodiscard]] std::string explanationText(const Explanation& explanation, bool withTrace);

} // namespace rec
