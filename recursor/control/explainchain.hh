// The chain of trust of an explanation as rows: each zone from the anchor down with its verdict and reason, then what
// was found of the name: who signed it, or what denies it. Called by explaintext.cc.
#pragma once

#include <string>

#include "recursor/resolve/explanation.hh"

namespace rec {

[[nodiscard]] std::string chainText(const Explanation& explanation);

} // namespace rec
