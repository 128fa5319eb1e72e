// What is wrong with a name that is explained, whose fault it is, and what its owner should do about it. Pure; printed
// by explaintext.cc.
#pragma once

#include <optional>
#include <string>

#include "recursor/resolve/explanation.hh"

namespace rec {

struct Advice {
  std::string fault;     // what is wrong, and where
  std::string todo;      // who should do what
  bool isFailure = true; // else it resolves, unprotected
  std::string meanwhile; // what the operator of this resolver can do until then; may be empty
};

// Nothing when all is well: the answer is there, and validates or comes from a zone that is not signed.
[[nodiscard]] std::optional<Advice> adviceFor(const Explanation& explanation);

} // namespace rec
