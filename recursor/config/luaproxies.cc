// Mapped addresses from their arguments.
#include "recursor/config/luaproxies.hh"

namespace rec {

base::Result<void> readProxyMapping(const LuaConfigArguments& arguments, std::vector<ProxyMappingRule>& into) {
  const auto clients = arguments.text(1);
  if (!clients) return clients.error();
  const auto network = base::Netmask::parse(*clients);
  if (!network) return network.error();
  const auto text = arguments.text(2);
  if (!text) return text.error();
  const auto mapped = base::Address::parse(*text);
  if (!mapped) return mapped.error();
  ProxyMappingRule rule{*network, *mapped, std::nullopt};
  if (arguments.has(3)) {
    const auto domains = arguments.texts(3);
    if (!domains) return domains.error();
    rule.domains.emplace();
    for (const std::string& domain : *domains) {
      const auto name = dns::Name::parse(domain);
      if (!name) return base::Error{"'" + domain + "': " + name.error().message};
      rule.domains->push_back(*name);
    }
  }
  into.push_back(std::move(rule));
  return {};
}

} // namespace rec
