// At the start what cannot be had ends the program, with the reason. Called by the parts of Daemon, never while it
// serves.
#pragma once

#include <stdexcept>
#include <utility>

#include "lib/base/result.hh"

namespace rec {

template <typename T> T orThrow(base::Result<T> result) {
  if (!result) {
    throw std::runtime_error(result.error().message);
  }
  return std::move(result).value();
}

} // namespace rec
