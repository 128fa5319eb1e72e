// The rec_control commands about response policy zones.
#pragma once

#include "recursor/control/commands.hh"

namespace rec {

Reply getRpzStatistics(CommandCall& call); // get-rpz-statistics [NAME...]

} // namespace rec
