// The order: family, length (longest first), address, exact before not.
#include "recursor/cache/subnetsets.hh"

#include <algorithm>
#include <tuple>

namespace rec {
namespace {

auto orderOf(const SubnetScope& scope) {
  const base::Netmask& mask = scope.network;
  return std::tuple(mask.network.isV6(), 128 - mask.bits, std::cref(mask.network), !scope.exact);
}

bool isBefore(const SubnetScope& a, const SubnetScope& b) { return orderOf(a) < orderOf(b); }

bool isSame(const SubnetScope& a, const SubnetScope& b) { return a.network == b.network && a.exact == b.exact; }

} // namespace

SubnetSets::Place SubnetSets::from(bool v6, unsigned bits, const base::Address* network) const {
  const auto before = [&](const SubnetSet& set) {
    const base::Netmask& mask = set.scope.network;
    if (mask.network.isV6() != v6 || mask.bits != bits) {
      return mask.network.isV6() != v6 ? !mask.network.isV6() : mask.bits > bits;
    }
    return network != nullptr && mask.network < *network;
  };
  return std::ranges::partition_point(d_sets, before);
}

// From the longest network that the client may be inside of to the shortest.
const SubnetSet* SubnetSets::find(const base::Netmask& client, std::uint32_t now) const {
  const bool v6 = client.network.isV6();
  auto group = from(v6, client.bits, nullptr);
  while (group != d_sets.end() && group->scope.network.network.isV6() == v6) {
    const unsigned bits = group->scope.network.bits;
    const base::Netmask wanted = base::Netmask::of(client.network, bits);
    for (auto at = from(v6, bits, &wanted.network); at != d_sets.end() && at->scope.network == wanted; ++at) {
      if (at->expires > now && at->scope.covers(client)) {
        return &*at;
      }
    }
    if (bits == 0) {
      return nullptr;
    }
    group = from(v6, bits - 1, nullptr);
  }
  return nullptr;
}

SubnetSet* SubnetSets::at(const SubnetScope& scope) {
  const auto at = std::ranges::lower_bound(d_sets, scope, isBefore, &SubnetSet::scope);
  return at != d_sets.end() && isSame(at->scope, scope) ? &*at : nullptr;
}

bool SubnetSets::fits(const SubnetSet& set, const Most& most) const {
  return d_sets.size() < most.networks && d_sets.size() * sizeof(SubnetSet) + d_rrsetBytes + bytesOf(set) <= most.bytes;
}

void SubnetSets::add(SubnetSet set, const Most& most, std::uint32_t now) {
  if (!fits(set, most)) {
    makeRoom(set, most, now);
  }
  if (d_sets.size() == d_sets.capacity()) {
    d_sets.reserve(d_sets.size() + d_sets.size() / 4 + 1); // doubling would take half of the bytes for nothing
  }
  d_rrsetBytes += set.rrset.allocatedSize();
  const auto at = std::ranges::upper_bound(d_sets, set.scope, isBefore, &SubnetSet::scope);
  d_sets.insert(at, std::move(set));
}

void SubnetSets::replace(SubnetSet& at, SubnetSet with, const Most& most, std::uint32_t now) {
  if (with.rrset.allocatedSize() > at.rrset.allocatedSize()) {
    erase(d_sets.begin() + (&at - d_sets.data()));
    return add(std::move(with), most, now);
  }
  d_rrsetBytes -= at.rrset.allocatedSize() - with.rrset.allocatedSize();
  at = std::move(with);
}

void SubnetSets::erase(std::vector<SubnetSet>::iterator at) {
  d_rrsetBytes -= at->rrset.allocatedSize();
  d_sets.erase(at);
}

// What has expired, then those that expire next.
void SubnetSets::makeRoom(const SubnetSet& set, const Most& most, std::uint32_t now) {
  std::erase_if(d_sets, [now](const SubnetSet& old) { return old.expires <= now; });
  d_rrsetBytes = 0;
  for (const SubnetSet& left : d_sets) {
    d_rrsetBytes += left.rrset.allocatedSize();
  }
  while (!d_sets.empty() && !fits(set, most)) {
    erase(std::ranges::min_element(d_sets, {}, &SubnetSet::expires));
  }
}

std::uint32_t SubnetSets::lastExpiry() const {
  return d_sets.empty() ? 0 : std::ranges::max_element(d_sets, {}, &SubnetSet::expires)->expires;
}

} // namespace rec
