// From verdicts to caches and lookups.
#include "recursor/resolve/keep.hh"

#include <algorithm>

namespace rec {
namespace {

using dns::RRType;

// RFC 7871 7.3.1. Of a DNAME nothing is kept: the CNAME made from it is not signed. Proofs of wildcards are
// everybody's, so that one network's are kept when they have been verified.
void keepForSubnet(const Verdict& verdict, ResolveParts& parts, base::WallTime now) {
  if (std::ranges::any_of(verdict.records, [](const dns::RRset& set) { return set.type() == RRType::DNAME; })) {
    return;
  }
  const SubnetPolicy& policy = parts.options->subnets;
  const auto store = [&](const dns::RRset& rrset, Rank rank) {
    if (policy.mayKeep(*verdict.scope, rrset.ttl())) {
      parts.caches.subnets.store(rrset, *verdict.scope, rank, Security::Indeterminate, now);
    }
  };
  for (const dns::RRset& rrset : verdict.chain) {
    store(rrset, Rank::AnswerNonAuth);
  }
  for (const dns::RRset& rrset : verdict.records) {
    store(rrset, verdict.authoritative ? Rank::AnswerAuth : Rank::AnswerNonAuth);
  }
}

// What was said to nobody in particular leads to servers, but is no answer to a client when those may be told.
Rank rankOf(const Verdict& verdict, const dns::RRset& rrset) {
  if (verdict.untold && SubnetPolicy::mayDepend(rrset.type())) {
    return Rank::Additional;
  }
  return verdict.authoritative ? Rank::AnswerAuth : Rank::AnswerNonAuth;
}

void keepRecords(const Verdict& verdict, ResolveParts& parts, base::WallTime now, bool renewing) {
  for (const dns::RRset& rrset : verdict.records) {
    if (rrset.type() == RRType::DNAME) {
      parts.caches.dnameSeen.store(true, std::memory_order_relaxed);
    } else if (verdict.kind == VerdictKind::Alias && verdict.records.size() > 1) {
      continue; // the CNAME made from a DNAME is made again when needed
    }
    const bool kept = parts.caches.records.store(rrset, rankOf(verdict, rrset), Security::Indeterminate, now, renewing);
    if (kept && !verdict.proofs.empty()) {
      parts.caches.wildcards.store(rrset.owner(), rrset.type(), verdict.proofs, parts.options->maxCacheTtl, now);
    }
  }
}

// Only the records asked for are one network's; denials for a network are not kept, as in PowerDNS (RFC 7871 7.4).
void keepScoped(const Verdict& verdict, const dns::Question& question, ResolveParts& parts) {
  const base::WallTime now = parts.loop.wall();
  const bool isData = verdict.kind == VerdictKind::Records || verdict.kind == VerdictKind::Alias;
  if (isData && question.type != RRType::ANY) {
    keepForSubnet(verdict, parts, now);
  }
  if (verdict.childNs) {
    parts.caches.records.store(verdict.childNs, Rank::AuthorityAuth, Security::Indeterminate, now);
  }
}

dns::RRset glueSet(const NameServer& server, RRType type, std::uint32_t ttl) {
  dns::RRsetBuilder builder(server.name, type, dns::RRClass::IN, ttl);
  for (const base::Address& address : server.glue) {
    if (address.isV4() == (type == RRType::A)) {
      builder.add(address.octets());
    }
  }
  return builder.build();
}

} // namespace

void keep(const Verdict& verdict, const dns::Question& question, ResolveParts& parts, bool renewing) {
  const base::WallTime now = parts.loop.wall();
  if (verdict.scope) {
    return keepScoped(verdict, question, parts);
  }
  for (const dns::RRset& rrset : verdict.chain) {
    parts.caches.records.store(rrset, verdict.untold ? Rank::Additional : Rank::AnswerNonAuth, Security::Indeterminate,
                               now);
  }
  switch (verdict.kind) {
  case VerdictKind::Records:
    // ANY answers may be partial: they answer this question and no other (RFC 8482 4).
    if (question.type != RRType::ANY) {
      keepRecords(verdict, parts, now, renewing);
    }
    break;
  case VerdictKind::Alias: keepRecords(verdict, parts, now, renewing); break;
  case VerdictKind::NoData:
  case VerdictKind::NxDomain:
    // Without a SOA a denial is not cached (RFC 2308 5), unless the operator wants everything kept for a while.
    if (verdict.negative.ttl > 0 || parts.options->minCacheTtl > 1) {
      parts.caches.negatives.store(verdict.negative, question.type, now);
    }
    break;
  case VerdictKind::Referral:
  case VerdictKind::Lame:
  case VerdictKind::ServerError: return;
  }
  if (verdict.childNs) {
    parts.caches.records.store(verdict.childNs, Rank::AuthorityAuth, Security::Indeterminate, now);
  }
}

void keepGlue(const Delegation& cut, std::uint32_t ttl, ResolveParts& parts) {
  const base::WallTime now = parts.loop.wall();
  for (const NameServer& server : cut.servers) {
    if (server.glue.empty() || server.name.isWithin(cut.zone)) {
      continue;
    }
    for (const RRType type : {RRType::A, RRType::AAAA}) {
      const auto fits = [&](const base::Address& address) { return address.isV4() == (type == RRType::A); };
      if (std::ranges::any_of(server.glue, fits) &&
          !parts.caches.records.find(server.name, type, now, Rank::Additional)) {
        parts.caches.records.store(glueSet(server, type, ttl), Rank::Additional, Security::Indeterminate, now);
      }
    }
  }
}

void noteSubnet(Verdict& verdict, const ServerReply& reply, const std::optional<base::Netmask>& wanted,
                const ResolveOptions& options) {
  verdict.echo = reply.subnet;
  if (reply.subnet == SubnetEcho::Withheld && wanted) {
    verdict.scope = SubnetScope::only(*wanted);
  }
  if (reply.subnet == SubnetEcho::Echoed && reply.message.edns->clientSubnet->scope > 0) {
    verdict.scope = options.subnets.scopeOf(*reply.message.edns->clientSubnet);
  }
}

std::string subnetText(const std::optional<SubnetScope>& scope, SubnetEcho echo) {
  switch (echo) {
  case SubnetEcho::NotSent: return {};
  case SubnetEcho::Echoed:
    return scope ? " for " + scope->network.text() + " (scope " + std::to_string(scope->told) + ")" : " for everybody";
  case SubnetEcho::Missing: return " without a client subnet, so for everybody";
  case SubnetEcho::Withheld:
    return " without being told of a client" + (scope ? ", kept for " + scope->network.text() : std::string());
  case SubnetEcho::Dropped: return " when asked again without the client subnet, so for everybody";
  }
  return {};
}

LookupPtr toLookup(Verdict&& verdict, const ResolveOptions& options) {
  auto made = std::make_unique<Lookup>();
  Lookup& lookup = *made;
  switch (verdict.kind) {
  case VerdictKind::Records: lookup.kind = LookupKind::Records; break;
  case VerdictKind::Alias: lookup.kind = LookupKind::Alias; break;
  case VerdictKind::NoData: lookup.kind = LookupKind::NoData; break;
  case VerdictKind::NxDomain: lookup.kind = LookupKind::NxDomain; break;
  default: return made;
  }
  for (dns::RRset& rrset : verdict.records) {
    const std::uint32_t least =
        verdict.scope ? std::max(options.minCacheTtl, options.minSubnetTtl) : options.minCacheTtl;
    const std::uint32_t ttl = std::clamp(rrset.ttl(), least, std::max(least, options.maxCacheTtl));
    lookup.records.push_back(AgedRRset{std::move(rrset), ttl});
  }
  if (!lookup.records.empty()) {
    lookup.rank = rankOf(verdict, lookup.records.front().rrset);
  }
  lookup.scope = verdict.scope;
  lookup.proofs = std::move(verdict.proofs);
  lookup.from = verdict.from;
  lookup.reportTo = verdict.reportTo;
  lookup.target = verdict.target;
  lookup.targetTooLong = verdict.targetTooLong;
  lookup.negative = std::move(verdict.negative);
  lookup.negative.ttl = std::min(lookup.negative.ttl, options.maxNegativeTtl);
  return made;
}

} // namespace rec
