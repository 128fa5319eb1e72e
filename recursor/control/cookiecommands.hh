// rec_control add-cookies-unsupported and clear-cookies: what is known of servers' cookies (RFC 7873), by address.
#pragma once

#include "recursor/control/commands.hh"

namespace rec {

Reply addCookiesUnsupported(CommandCall& call);
Reply clearCookies(CommandCall& call);

} // namespace rec
