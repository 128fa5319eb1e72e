// What can be read as a network is one; all else is a domain.
#include "recursor/config/subnetlist.hh"

#include <algorithm>

namespace rec {

base::Result<SubnetList> SubnetList::parse(const std::vector<std::string>& words) {
  SubnetList list;
  for (const std::string& word : words) {
    if (list.d_servers.add(word)) {
      continue;
    }
    const bool include = !word.starts_with('!');
    const std::string_view text = std::string_view(word).substr(include ? 0 : 1);
    auto name = dns::Name::parse(text);
    if (!name || text.empty() || text.find_first_of("/:") != std::string_view::npos) { // a network, but not a right one
      return base::Error{"'" + word + "' is neither a network nor a domain"};
    }
    const auto same = std::ranges::find(list.d_domains, *name, &Domain::name);
    if (same != list.d_domains.end()) {
      same->include = include; // the later word counts
    } else {
      list.d_domains.push_back({std::move(*name), include});
    }
  }
  std::ranges::sort(list.d_domains, std::greater(), [](const Domain& domain) { return domain.name.labelCount(); });
  return list;
}

bool SubnetList::hasDomain(const dns::Name& name) const {
  const auto covers = [&name](const Domain& domain) { return name.isWithin(domain.name); };
  const auto deepest = std::ranges::find_if(d_domains, covers);
  return deepest != d_domains.end() && deepest->include;
}

bool SubnetList::names(const dns::Name& domain) const {
  const auto same = [&domain](const Domain& listed) { return listed.name == domain && listed.include; };
  return std::ranges::any_of(d_domains, same);
}

} // namespace rec
