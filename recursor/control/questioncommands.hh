// rec_control current-queries and trace-regex: what becomes of single questions.
#pragma once

#include "recursor/control/commands.hh"

namespace rec {

Reply currentQueries(CommandCall& call);
Reply traceRegex(CommandCall& call);

} // namespace rec
