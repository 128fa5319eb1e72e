// Finding a client's rule: see proxymapping.hh.
#include "recursor/config/proxymapping.hh"

#include <algorithm>

namespace rec {

ProxyMapping::ProxyMapping(const std::vector<ProxyMappingRule>& rules) {
  for (const ProxyMappingRule& rule : rules) {
    std::erase_if(d_rows, [&rule](const auto& row) { return row->clients == rule.clients; });
    auto row = std::make_unique<Row>();
    row->clients = rule.clients;
    row->mapped = rule.mapped;
    if (rule.domains) row->domains.emplace(rule.domains->begin(), rule.domains->end());
    const auto shorter = [&rule](const auto& other) { return other->clients.bits < rule.clients.bits; };
    d_rows.insert(std::ranges::find_if(d_rows, shorter), std::move(row));
  }
}

const ProxyMapping::Row* ProxyMapping::find(const base::Address& client) const {
  const auto row = std::ranges::find_if(d_rows, [&client](const auto& one) { return one->clients.contains(client); });
  return row == d_rows.end() ? nullptr : row->get();
}

bool ProxyMapping::isWithin(const dns::Name& name, const Names& domains) {
  for (std::size_t labels = 0; labels <= name.labelCount(); ++labels) {
    if (domains.contains(name.suffix(labels))) return true;
  }
  return false;
}

const base::Address& ProxyMapping::forAccess(const base::Address& client) const {
  const Row* row = find(client);
  if (row == nullptr) return client;
  row->matches.fetch_add(1, std::memory_order_relaxed);
  return row->mapped;
}

const base::Address& ProxyMapping::forServers(const base::Address& client, const dns::Name& name) const {
  const Row* row = find(client);
  return row == nullptr || (row->domains && !isWithin(name, *row->domains)) ? client : row->mapped;
}

void ProxyMapping::noteQuestion(const base::Address& client, const dns::Name& name) const {
  const Row* row = find(client);
  const bool matches = row != nullptr && row->domains && isWithin(name, *row->domains);
  if (matches) row->nameMatches.fetch_add(1, std::memory_order_relaxed);
}

std::vector<ProxyMapping::Count> ProxyMapping::counts() const {
  std::vector<Count> all;
  for (const auto& row : d_rows) {
    all.push_back({row->clients, row->mapped, row->matches.load(), row->nameMatches.load()});
  }
  return all;
}

} // namespace rec
