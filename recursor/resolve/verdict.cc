// judge(): 1. rcodes that say nothing  2. the answer section: records, alias  3. NXDOMAIN  4. the authority section:
// SOA, then NS: referral, lame or no data. What is not in the zone's bailiwick is not looked at (RFC 2181 5.4.1, RFC
// 5452 6).
#include "recursor/resolve/verdict.hh"

#include <algorithm>

#include "lib/dns/rdata.hh"
#include "recursor/cache/wildcardproofs.hh"
#include "recursor/resolve/alias.hh"
#include "recursor/resolve/referral.hh"

namespace rec {
namespace {

using dns::RRType;

bool inZone(const dns::RRset& rrset, const dns::Name& zone) {
  return rrset.rrclass() == dns::RRClass::IN && rrset.owner().isWithin(zone);
}

Verdict lame(std::string why) {
  Verdict verdict;
  verdict.kind = VerdictKind::Lame;
  verdict.why = std::move(why);
  return verdict;
}

Verdict serverError(std::string why) {
  Verdict verdict;
  verdict.kind = VerdictKind::ServerError;
  verdict.why = std::move(why);
  return verdict;
}

// A recursive server that is no authority: RA without AA.
bool onlyRecursive(const dns::Message& message, const VerdictOptions& options) {
  return !options.fromForwarder && message.header.ra && !message.header.aa;
}

std::vector<dns::RRset> matching(const dns::Message& message, const dns::Question& asked, const dns::Name& zone) {
  std::vector<dns::RRset> found;
  for (const dns::RRset& rrset : message.answer) {
    const bool typeFits = asked.type == RRType::ANY || rrset.type() == asked.type;
    if (typeFits && rrset.ownerIs(asked.name) && inZone(rrset, zone)) {
      found.push_back(rrset);
    }
  }
  return found;
}

// NSEC and NSEC3 sets with their signatures: for validation, and for clients that set DO.
std::vector<dns::RRset> denialProofs(const dns::Message& message, const dns::Name& zone) {
  std::vector<dns::RRset> proofs;
  for (const dns::RRset& rrset : message.authority) {
    const bool denies = rrset.type() == RRType::NSEC || rrset.type() == RRType::NSEC3;
    if (denies && inZone(rrset, zone)) {
      proofs.push_back(rrset);
    }
  }
  return proofs;
}

std::vector<dns::RRset> wildcardProofs(const dns::Message& message, const dns::RRset& set, const dns::Name& zone) {
  return isFromWildcard(set) ? denialProofs(message, zone) : std::vector<dns::RRset>();
}

const dns::RRset* authoritySoa(const dns::Message& message, const dns::Question& asked) {
  for (const dns::RRset& rrset : message.authority) {
    if (rrset.type() == RRType::SOA && rrset.rrclass() == asked.rrclass && asked.name.isWithin(rrset.owner())) {
      return &rrset;
    }
  }
  return nullptr;
}

// A denial in the name of a zone above the one asked for. A server of the zone itself says no such thing; a recursive
// one may not know of any cut where a forward rule begins.
const dns::RRset* foreignSoa(const dns::Message& message, const dns::Question& asked, const dns::Name& zone,
                             const VerdictOptions& options) {
  const dns::RRset* soa = authoritySoa(message, asked);
  return soa != nullptr && !inZone(*soa, zone) && !options.fromForwarder ? soa : nullptr;
}

// RFC 2308 5: the lesser of the SOA's own TTL and its MINIMUM field. Without a SOA nothing may be cached: TTL 0.
Negative denial(const dns::Message& message, const dns::Question& asked, const dns::Name& zone, bool nxdomain,
                const VerdictOptions& options) {
  Negative negative;
  negative.name = asked.name;
  negative.nxdomain = nxdomain;
  negative.proofs = denialProofs(message, zone);
  if (const dns::RRset* soa = authoritySoa(message, asked); soa != nullptr && inZone(*soa, zone)) {
    negative.soa = *soa;
    const auto fields = dns::readSoa(soa->front());
    negative.ttl = std::min(soa->ttl(), std::max(fields ? fields->minimum : 0, options.soaMinimumTtl));
  }
  return negative;
}

Verdict denied(const dns::Message& message, const dns::Question& asked, const dns::Name& zone, bool nxdomain,
               const VerdictOptions& options) {
  Verdict verdict;
  verdict.kind = nxdomain ? VerdictKind::NxDomain : VerdictKind::NoData;
  verdict.negative = denial(message, asked, zone, nxdomain, options);
  return verdict;
}

// The authority section of an empty NOERROR answer: who is said to know more?
Verdict judgeAuthority(const dns::Message& message, const dns::Question& asked, const dns::Name& zone,
                       const VerdictOptions& options) {
  if (authoritySoa(message, asked) != nullptr) {
    return denied(message, asked, zone, false, options);
  }
  for (const dns::RRset& rrset : message.authority) {
    if (rrset.type() != RRType::NS || rrset.rrclass() != dns::RRClass::IN || !asked.name.isWithin(rrset.owner())) {
      continue;
    }
    const dns::Name owner = rrset.owner();
    if (owner.isBelow(zone) && !options.fromForwarder) {
      return makeReferral(message, rrset, zone, options);
    }
    if (owner == zone && message.header.aa) {
      return denied(message, asked, zone, false, options);
    }
    if (options.fromForwarder && !message.header.ra) {
      return lame("refers instead of recursing");
    }
    if (!options.fromForwarder) {
      return lame(owner == zone ? "refers to itself" : "refers upwards to " + owner.text());
    }
  }
  const bool refersElsewhere = !message.header.aa && !options.fromForwarder &&
                               std::any_of(message.authority.begin(), message.authority.end(),
                                           [](const dns::RRset& set) { return set.type() == RRType::NS; });
  if (refersElsewhere) {
    return lame("refers to servers of other names");
  }
  const auto isOfName = [&](const dns::RRset& set) { return set.ownerIs(asked.name); };
  const bool answersSomethingElse =
      !message.answer.empty() && std::none_of(message.answer.begin(), message.answer.end(), isOfName);
  if (answersSomethingElse) {
    return lame("answers another question");
  }
  return denied(message, asked, zone, false, options);
}

// A recursive server follows aliases itself: its word for the rest of the chain is as good as for the first link.
std::vector<dns::RRset> restOfChain(const dns::Message& message, const dns::Question& asked, const dns::Name& zone) {
  std::vector<dns::RRset> rest;
  for (const dns::RRset& rrset : message.answer) {
    if (inZone(rrset, zone) && !rrset.ownerIs(asked.name)) {
      rest.push_back(rrset);
    }
  }
  return rest;
}

bool oversized(const std::vector<dns::RRset>& sets, std::size_t limit) {
  return std::any_of(sets.begin(), sets.end(), [&](const dns::RRset& set) { return set.count() > limit; });
}

dns::RRset ownNsSet(const dns::Message& message, const dns::Name& zone) {
  for (const dns::RRset& rrset : message.authority) {
    if (rrset.type() == RRType::NS && rrset.rrclass() == dns::RRClass::IN && rrset.ownerIs(zone)) {
      return rrset;
    }
  }
  return {};
}

Verdict judgeContent(const dns::Message& message, const dns::Question& asked, const dns::Name& zone,
                     const VerdictOptions& options) {
  Verdict verdict;
  verdict.records = matching(message, asked, zone);
  if (!verdict.records.empty()) {
    if (oversized(verdict.records, options.maxRecords)) {
      verdict = serverError("more records in a set than max-rrset-size allows");
      verdict.tooManyRecords = true;
      return verdict;
    }
    verdict.kind = VerdictKind::Records;
    verdict.proofs = wildcardProofs(message, verdict.records.front(), zone);
    if (asked.type == RRType::NS && asked.name.isRoot()) {
      verdict.referral.servers = serversOf(verdict.records.front(), message.additional, zone, options);
      verdict.ttl = verdict.records.front().ttl();
    }
    return verdict;
  }
  if (auto alias = findAlias(message.answer, asked, zone)) {
    verdict.kind = VerdictKind::Alias;
    verdict.records = std::move(alias->records);
    verdict.proofs = wildcardProofs(message, verdict.records.front(), zone);
    verdict.target = alias->target;
    verdict.targetTooLong = alias->tooLong;
    if (options.fromForwarder) {
      verdict.chain = restOfChain(message, asked, zone);
    }
    return verdict;
  }
  if (const dns::RRset* soa = foreignSoa(message, asked, zone, options)) {
    return lame("answers from the zone " + soa->owner().text());
  }
  if (message.header.rcode == dns::RCode::NXDomain) {
    return denied(message, asked, zone, true, options);
  }
  if (message.header.rcode == dns::RCode::YXDomain) {
    return serverError("YXDOMAIN without a DNAME");
  }
  return judgeAuthority(message, asked, zone, options);
}

} // namespace

Verdict judge(const dns::Message& message, const dns::Question& asked, const dns::Name& zone,
              const VerdictOptions& options) {
  const dns::RCode rcode = message.header.rcode;
  if (rcode != dns::RCode::NoError && rcode != dns::RCode::NXDomain && rcode != dns::RCode::YXDomain) {
    return serverError(dns::text(rcode));
  }
  Verdict verdict = judgeContent(message, asked, zone, options);
  verdict.authoritative = message.header.aa;
  const bool isData = verdict.kind == VerdictKind::Records || verdict.kind == VerdictKind::Alias ||
                      verdict.kind == VerdictKind::NxDomain || verdict.kind == VerdictKind::NoData;
  if (isData && onlyRecursive(message, options)) {
    Verdict recursive = lame("recursive, not authoritative");
    recursive.onlyRecursive = true;
    return recursive;
  }
  if (isData && message.header.aa && !options.fromForwarder) {
    verdict.childNs = ownNsSet(message, zone);
  }
  return verdict;
}

} // namespace rec
