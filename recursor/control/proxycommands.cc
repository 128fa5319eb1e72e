// The table of mapped addresses with its counters.
#include "recursor/control/proxycommands.hh"

namespace rec {

Reply getProxyMappingStats(CommandCall& call) {
  std::string text = "subnet\taddress\tmatches\tsuffixmatches\n";
  const ProxyMappingPtr mapping = call.target.proxyMapping();
  if (!mapping) return success(std::move(text));
  for (const ProxyMapping::Count& row : mapping->counts()) {
    text += row.clients.text() + "\t" + row.mapped.text() + "\t" + std::to_string(row.matches) + "\t" +
            std::to_string(row.nameMatches) + "\n";
  }
  return success(std::move(text));
}

} // namespace rec
