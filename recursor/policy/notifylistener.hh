// NotifyListener: who wants to hear of NOTIFYs (RFC 1996) before the pipeline looks at them. Thread safe.
#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <vector>

#include "lib/base/address.hh"

namespace rec {

class NotifyListener {
 public:
  virtual ~NotifyListener() = default;
  // The answer to the NOTIFY, if it was for this listener; else others may look at it.
  virtual std::optional<std::vector<std::byte>> notify(std::span<const std::byte> packet,
                                                       const base::Address& source) = 0;
};

} // namespace rec
