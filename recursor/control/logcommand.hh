// rec_control log: searches, follows and sums up the query log. Runs in rec_control itself: a log in a folder is read
// there, beside a running recursor or without one; a log in memory is fetched from the recursor.
#pragma once

#include "recursor/control/clientcommands.hh"

namespace rec {

base::Result<int> logCommand(ClientCall& call);
[[nodiscard]] const char* logUsage();

} // namespace rec
