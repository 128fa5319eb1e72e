// Who is a proxy: see proxies.hh.
#include "recursor/ingress/proxies.hh"

#include <algorithm>

namespace rec {

bool Proxies::expects(const base::Address& peer, const base::Address& bound) const {
  const auto& exceptions = d_settings.proxyProtocolExceptions;
  return d_settings.proxyProtocolFrom.contains(peer) && std::ranges::find(exceptions, bound) == exceptions.end();
}

} // namespace rec
