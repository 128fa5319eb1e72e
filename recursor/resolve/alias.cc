// DNAMEs are followed by ourselves: the CNAME that a server sends along with one is not used (RFC 6672 5.3.1).
#include "recursor/resolve/alias.hh"

#include "lib/dns/rdata.hh"

namespace rec {

using dns::RRType;

Alias followDname(const dns::RRset& dname, const dns::Name& name) {
  Alias alias;
  alias.records.push_back(dname);
  const auto suffix = dns::readNameRdata(dname.front());
  const auto target = suffix ? name.withSuffixReplaced(dname.owner(), *suffix) : std::nullopt;
  if (!target) {
    alias.tooLong = true;
    return alias;
  }
  alias.target = *target;
  alias.records.push_back(dns::makeNameRRset(name, RRType::CNAME, dname.ttl(), *target));
  return alias;
}

std::optional<Alias> findAlias(std::span<const dns::RRset> answer, const dns::Question& asked, const dns::Name& zone) {
  const bool wantsAlias = asked.type == RRType::CNAME || asked.type == RRType::ANY;
  for (const dns::RRset& rrset : answer) {
    if (rrset.rrclass() != asked.rrclass || rrset.count() == 0) {
      continue;
    }
    const dns::Name owner = rrset.owner();
    if (rrset.type() == RRType::DNAME && asked.name.isBelow(owner) && owner.isWithin(zone)) {
      return followDname(rrset, asked.name);
    }
  }
  for (const dns::RRset& rrset : answer) {
    if (wantsAlias || rrset.type() != RRType::CNAME || rrset.rrclass() != asked.rrclass || !rrset.ownerIs(asked.name)) {
      continue;
    }
    const auto target = dns::readNameRdata(rrset.front());
    if (!target || !asked.name.isWithin(zone)) {
      continue;
    }
    Alias alias;
    alias.target = *target;
    // A name has one CNAME (RFC 2181 10.1); of several the first counts.
    alias.records.push_back(
        rrset.count() == 1 ? rrset : dns::makeNameRRset(rrset.owner(), RRType::CNAME, rrset.ttl(), *target));
    return alias;
  }
  return std::nullopt;
}

} // namespace rec
