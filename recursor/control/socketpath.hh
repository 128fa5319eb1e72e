// A listening unix socket at a path, with owner and permissions. Called by the channel.
#pragma once

#include <cstdint>
#include <string>

#include "lib/base/fd.hh"
#include "lib/base/result.hh"

namespace rec {

// Binds and listens, non-blocking. A socket that nobody listens on any more is removed first; one that answers is an
// error. `owner` and `group` are names or numbers, empty leaves them. Never open to more than `mode` allows.
base::Result<base::Fd> listenOn(const std::string& path, std::uint32_t mode, const std::string& owner,
                                const std::string& group);

// Connects, blocking. The error names the path and the reason.
base::Result<base::Fd> connectTo(const std::string& path);

} // namespace rec
