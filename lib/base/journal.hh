// systemd's journal: entries go to its socket as datagrams, so that no library is needed for it. Called by the log,
// from any thread; never waits.
#pragma once

#include <string_view>

namespace base {

// False: there is no journal, or it has no room.
[[nodiscard]] bool sendToJournal(std::string_view entry);
// The same to the socket at `path`.
[[nodiscard]] bool sendToJournal(std::string_view entry, const char* path);

} // namespace base
