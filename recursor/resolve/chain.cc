// Each link adds its records; the last one decides the rcode and the authority section.
#include "recursor/resolve/chain.hh"

#include <algorithm>
#include <utility>

namespace rec {

Chain::Chain(const dns::Question& question, unsigned maxAliases)
    : d_wanted(question), d_left(maxAliases), d_max(maxAliases) {
  d_outcome.kind = AnswerKind::Local;
}

// The most expensive source, and the least security, of all links is that of the whole.
void Chain::weigh(AnswerKind source, Security security, bool authoritative) {
  const bool isFirst = d_passed.empty();
  d_outcome.kind = std::max(d_outcome.kind, source);
  d_outcome.security = isFirst ? security : leastSecure(d_outcome.security, security);
  d_outcome.authoritative = authoritative && (isFirst || d_outcome.authoritative);
}

void Chain::addRecords(CacheHit hit) {
  weigh(AnswerKind::RecordCache, hit.security, false);
  d_outcome.answer.push_back({std::move(hit.rrset), hit.ttl, hit.originalTtl});
  d_outcome.rcode = dns::RCode::NoError;
}

bool Chain::addAlias(CacheHit hit, const dns::Name& target) {
  weigh(AnswerKind::RecordCache, hit.security, false);
  addLink({std::move(hit.rrset), hit.ttl, hit.originalTtl});
  return follow(target);
}

// A DNAME may be passed twice.
void Chain::addLink(AgedRRset set) {
  const auto isIt = [&](const AgedRRset& there) {
    return there.rrset.type() == set.rrset.type() && there.rrset.ownerIs(set.rrset.owner());
  };
  if (std::none_of(d_outcome.answer.begin(), d_outcome.answer.end(), isIt)) {
    d_outcome.answer.push_back(std::move(set));
  }
}

bool Chain::add(Lookup&& lookup) {
  weigh(lookup.source, lookup.security, lookup.authoritative);
  d_outcome.narrow(lookup.scope);
  d_outcome.cacheable = d_outcome.cacheable && !lookup.varies;
  if (lookup.kind != LookupKind::Failed) {
    d_outcome.errors.insert(d_outcome.errors.end(), lookup.errors.begin(), lookup.errors.end());
  }
  for (const dns::RRset& proof : lookup.proofs) {
    d_outcome.authority.push_back(AgedRRset{proof, std::min(lookup.records.front().ttl, proof.ttl())});
  }
  if (lookup.kind != LookupKind::Alias) {
    finish(std::move(lookup));
    return false;
  }
  for (AgedRRset& set : lookup.records) {
    addLink(std::move(set));
  }
  if (lookup.targetTooLong) {
    d_outcome.rcode = dns::RCode::YXDomain; // RFC 6672 2.2
    return false;
  }
  return follow(lookup.target);
}

bool Chain::follow(const dns::Name& target) {
  if (target == d_wanted.name || std::find(d_passed.begin(), d_passed.end(), target) != d_passed.end()) {
    d_broken = "alias loop at " + target.text();
  } else if (d_left == 0) {
    d_tooLong = true;
    d_broken = "limit reached: max-cnames-followed (" + std::to_string(d_max) + ")";
  }
  if (!d_broken.empty()) {
    d_outcome.rcode = dns::RCode::ServFail;
    d_outcome.answer.clear();
    return false;
  }
  --d_left;
  d_passed.push_back(std::exchange(d_wanted.name, target));
  return true;
}

void Chain::finish(Lookup&& lookup) {
  for (AgedRRset& set : lookup.records) {
    d_outcome.answer.push_back(std::move(set)); // before a denial: the aliases inside a local zone that lead to it
  }
  switch (lookup.kind) {
  case LookupKind::Records: d_outcome.rcode = dns::RCode::NoError; return;
  case LookupKind::NoData:
  case LookupKind::NxDomain:
    d_outcome.rcode = lookup.kind == LookupKind::NxDomain ? dns::RCode::NXDomain : dns::RCode::NoError;
    if (lookup.negative.soa) {
      d_outcome.authority.push_back(AgedRRset{lookup.negative.soa, lookup.negative.ttl, lookup.negative.originalTtl});
    }
    for (const dns::RRset& proof : lookup.negative.proofs) {
      d_outcome.authority.push_back(AgedRRset{proof, lookup.negative.ttl});
    }
    return;
  case LookupKind::Alias:
  case LookupKind::Failed:
    d_outcome.rcode = dns::RCode::ServFail;
    d_outcome.answer.clear();
    d_outcome.errors = std::move(lookup.errors);
    d_outcome.cacheable = d_outcome.cacheable && !lookup.brief;
    return;
  }
}

} // namespace rec
