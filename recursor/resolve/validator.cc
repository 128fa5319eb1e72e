// validate(): judge -> bogus, and perhaps only this server's fault: ask another one, judge again -> write the verdict
// down. judge(): who signed? the trust of that zone -> insecure or bogus: that is the answer's, too -> secure: check
// the signatures, and for denials and wildcards the proofs.
#include "recursor/resolve/validator.hh"

#include <algorithm>

#include "lib/base/log.hh"
#include "recursor/resolve/anotherserver.hh"
#include "recursor/resolve/bogus.hh"
#include "recursor/resolve/explanation.hh"

namespace rec {

using dns::RRType;
using dnssec::Denial;
using dnssec::Fault;
using dnssec::Finding;

coro::Task<LookupPtr> Validator::validate(dns::Question question, LookupPtr lookup, Walk& walk) {
  Walk inner;
  inner.work = walk.work;
  inner.trace = walk.trace;
  inner.depth = walk.depth;
  inner.subnet = walk.subnet; // for the same question once more
  inner.epoch = d_parts.caches.trusts.epoch();
  auto judgement = co_await judge(question, *lookup, inner);
  while (judgement.security == Security::Bogus && !judgement.ofZone && mayBeServersFault(judgement.finding)) {
    if (!tryAnother(inner, lookup->from, d_parts)) {
      break;
    }
    note(question, judgement, inner);
    auto again = co_await d_lookups.lookup(question, inner);
    if (again->kind == LookupKind::Failed) {
      break;
    }
    auto second = co_await judge(question, *again, inner);
    lookup = std::move(again);
    judgement = std::move(second);
  }
  judgement.outdated = inner.epoch != d_parts.caches.trusts.epoch();
  settle(question, *lookup, judgement, walk);
  co_return lookup;
}

coro::Task<Validator::Judgement> Validator::judge(dns::Question question, Lookup& lookup, Walk& walk) {
  const bool isDenial = lookup.kind == LookupKind::NoData || lookup.kind == LookupKind::NxDomain;
  const dns::Name& name = isDenial ? lookup.negative.name : question.name;
  if (d_chain.anchors().waivedBy(name, d_parts.loop.wall()) != nullptr) {
    Judgement waived;
    waived.security = Security::Insecure;
    waived.waived = true;
    co_return waived;
  }
  const bool onlyOfRrsig = lookup.kind == LookupKind::Records || lookup.kind == LookupKind::NoData;
  if (question.type == RRType::RRSIG && onlyOfRrsig) { // a denied name or an alias goes for all types
    Judgement unsignable;                              // signatures are not signed (RFC 4035 2.2)
    unsignable.security = Security::Insecure;
    co_return unsignable;
  }
  if (isDenial) {
    co_return co_await judgeDenial(question, lookup, walk);
  }
  co_return co_await judgeRecords(lookup, walk);
}

// All sets of the answer; of a DNAME and the CNAME made from it, the DNAME.
coro::Task<Validator::Judgement> Validator::judgeRecords(Lookup& lookup, Walk& walk) {
  Judgement worst;
  worst.security = Security::Secure;
  const bool isDname = lookup.kind == LookupKind::Alias && lookup.records.front().rrset.type() == RRType::DNAME;
  const std::size_t count = isDname ? 1 : lookup.records.size();
  for (std::size_t i = 0; i < count; ++i) {
    auto judgement = co_await judgeSet(lookup, i, walk);
    if (i == 0 || leastSecure(judgement.security, worst.security) != worst.security) {
      worst = std::move(judgement);
    }
  }
  if (isDname && lookup.records.size() > 1) {
    lookup.records[1].ttl = std::min(lookup.records[1].ttl, lookup.records[0].ttl);
  }
  co_return worst;
}

coro::Task<Validator::Judgement> Validator::judgeSet(Lookup& lookup, std::size_t index, Walk& walk) {
  const dns::RRset set = lookup.records[index].rrset;
  std::optional<dns::Name> signer = dnssec::signerOf(set);
  dns::Name owner = set.owner();
  const RRType type = set.type();
  auto trust = co_await trustFor(owner, type, signer, walk);
  if (trust->security != Security::Secure) {
    co_return fromTrust(*trust);
  }
  co_return checkSet(lookup, index, *trust, walk);
}

coro::Task<Validator::Judgement> Validator::judgeDenial(dns::Question question, Lookup& lookup, Walk& walk) {
  const Negative& negative = lookup.negative;
  std::optional<dns::Name> signer = signerOf(negative);
  if (signer && !negative.name.isWithin(*signer)) {
    signer.reset();
  }
  dns::Name name = negative.name;
  const RRType type = question.type;
  auto trust = co_await trustFor(name, type, signer, walk);
  if (trust->security != Security::Secure) {
    co_return fromTrust(*trust);
  }
  co_return checkDenial(question, lookup, *trust, walk);
}

// The signer's, unless it says nothing here: an anchor or a cut lies below it, or nobody signed.
coro::Task<ZoneTrustPtr> Validator::trustFor(dns::Name name, RRType type, std::optional<dns::Name> signer, Walk& walk) {
  if (signer) {
    const dns::RRset* anchor = d_chain.anchors().anchorFor(name, d_parts.loop.wall());
    const DelegationPtr cut = d_parts.caches.delegations.find(name, d_parts.loop.wall());
    const bool isAbove = cut && cut->zone.isBelow(*signer) && type != RRType::DS; // RFC 4035 5.3.1
    if (!isAbove && (anchor == nullptr || signer->isWithin(anchor->owner()))) {
      dns::Name zone = *signer;
      co_return co_await d_chain.of(zone, walk);
    }
  }
  dns::Name inside = type == RRType::DS && !name.isRoot() ? name.parent() : name;
  co_return co_await d_chain.enclosing(inside, walk);
}

Validator::Judgement Validator::fromTrust(const ZoneTrust& trust) {
  Judgement judgement;
  judgement.security = trust.security;
  judgement.finding = trust.finding;
  judgement.errors = trust.errors;
  judgement.waived = trust.waived;
  judgement.ofZone = true;
  judgement.limited = trust.limited;
  return judgement;
}

Validator::Judgement Validator::checkSet(Lookup& lookup, std::size_t index, const ZoneTrust& trust, Walk& walk) {
  AgedRRset& aged = lookup.records[index];
  auto verdict = d_chain.proofs().verify(aged.rrset, trust, walk);
  if (!verdict.secure()) {
    Judgement bogus;
    bogus.security = Security::Bogus;
    bogus.finding = std::move(verdict.finding);
    return bogus;
  }
  aged.ttl = std::min(aged.ttl, verdict.ttl);
  if (verdict.wildcard) {
    return checkWildcard(lookup, aged, verdict.labels, trust, walk);
  }
  Judgement secure;
  secure.security = Security::Secure;
  return secure;
}

// RFC 4035 5.3.4: nothing closer to the name than the wildcard may exist.
Validator::Judgement Validator::checkWildcard(Lookup& lookup, AgedRRset& made, std::size_t labels,
                                              const ZoneTrust& trust, Walk& walk) {
  const dns::RRset& set = made.rrset;
  const dns::Name owner = set.owner();
  const dns::Name encloser = owner.suffix(labels);
  ZoneProofs::Proofs proofs = d_chain.proofs().verifyAll(lookup.proofs, trust, walk);
  const dnssec::DenialRecords records{trust.zone, proofs.sets};
  const Denial denial =
      dnssec::proveNoCloser(records, owner, encloser, d_parts.options->validation.denials, walk.work->effort);
  Judgement judgement = fromDenial(denial, about(Fault::None, trust.zone, owner, set.type()), proofs.fault, walk);
  if (judgement.security != Security::Secure) {
    return judgement;
  }
  made.ttl = std::min(made.ttl, proofs.ttl);
  const base::WallTime now = d_parts.loop.wall();
  learn(proofs, trust.zone, made.ttl);
  if (const auto wildcard = encloser.withLabel("*"); wildcard && !lookup.scope) {
    const std::uint32_t ttl = std::min(set.ttl(), made.ttl);
    d_parts.caches.records.store(set.withOwner(*wildcard).withTtl(ttl), lookup.rank, Security::Secure, now);
  }
  const bool fewer = proofs.sets.size() < lookup.proofs.size();
  const bool fromCache = lookup.source == AnswerKind::RecordCache;
  if (fewer || (lookup.scope && !fromCache)) { // AD speaks for these, too (RFC 4035 3.2.3)
    d_parts.caches.wildcards.store(owner, set.type(), proofs.sets, made.ttl, now);
    lookup.proofs = std::move(proofs.sets);
  }
  return judgement;
}

Validator::Judgement Validator::checkDenial(const dns::Question& question, Lookup& lookup, const ZoneTrust& trust,
                                            Walk& walk) {
  Negative& negative = lookup.negative;
  ZoneProofs::Proofs proofs = d_chain.proofs().verifyAll(negative.proofs, trust, walk);
  const dnssec::DenialRecords records{trust.zone, proofs.sets};
  const dnssec::DenialPolicy& policy = d_parts.options->validation.denials;
  dnssec::Effort& effort = walk.work->effort;
  const Denial denial = negative.nxdomain ? dnssec::proveNoName(records, negative.name, policy, effort)
                                          : dnssec::proveNoType(records, negative.name, question.type, policy, effort);
  const Finding fault = isUnsigned(negative)
                            ? about(Fault::SignatureMissing, trust.zone, negative.soa.owner(), RRType::SOA)
                            : proofs.fault;
  Judgement judgement = fromDenial(denial, about(Fault::None, trust.zone, negative.name, question.type), fault, walk);
  if (judgement.security != Security::Secure) {
    return judgement;
  }
  negative.ttl = std::min(negative.ttl, proofs.ttl);
  if (negative.soa) {
    auto verdict = d_chain.proofs().verify(negative.soa, trust, walk);
    if (!verdict.secure()) {
      judgement.security = Security::Bogus;
      judgement.finding = std::move(verdict.finding);
      return judgement;
    }
    negative.ttl = std::min(negative.ttl, verdict.ttl);
    d_parts.caches.aggressive.storeSoa(trust.zone, negative.soa, negative.ttl, d_parts.loop.wall());
  }
  if (!lookup.scope) {
    learn(proofs, trust.zone, negative.ttl);
  }
  negative.proofs = std::move(proofs.sets); // AD speaks for these, too (RFC 4035 3.2.3)
  return judgement;
}

Validator::Judgement Validator::fromDenial(Denial denial, const Finding& here, const Finding& fault, const Walk& walk) {
  auto means = meaningOf(denial, here, fault, walk);
  Judgement judgement;
  judgement.security = means.security;
  judgement.finding = std::move(means.finding);
  return judgement;
}

// RFC 8198: what denies one name may deny others, for no longer than it may be told of the one (RFC 9077 3).
void Validator::learn(const ZoneProofs::Proofs& proofs, const dns::Name& zone, std::uint32_t most) {
  if (!d_parts.options->synthesize) {
    return;
  }
  for (std::size_t i = 0; i < proofs.sets.size(); ++i) {
    const std::uint32_t ttl = std::min({proofs.ttls[i], most, d_parts.options->maxNegativeTtl});
    d_parts.caches.aggressive.store(zone, proofs.sets[i], ttl, d_parts.loop.wall());
  }
}

// All its time was given to this: the next one would find the same (RFC 9520).
bool Validator::isLate(const Walk& walk) const {
  constexpr std::chrono::milliseconds kEarly{50}; // timers may be, a little
  return d_parts.loop.now() + kEarly >= walk.work->deadline;
}

void Validator::settle(const dns::Question& question, Lookup& lookup, const Judgement& judgement, const Walk& walk) {
  lookup.security = judgement.security;
  lookup.negative.security = judgement.security;
  lookup.errors = judgement.errors;
  if (judgement.finding) {
    lookup.errors.push_back({dnssec::edeCode(judgement.finding.fault), dnssec::text(judgement.finding)});
  }
  if (judgement.waived && d_parts.options->validation.ntaExtendedError) {
    constexpr auto kNegativeTrustAnchor = static_cast<dns::EdeCode>(33);
    lookup.errors.push_back({kNegativeTrustAnchor, {}});
  }
  // What is insecure for a reason worth telling, or because an operator waives it, is looked at again when asked for
  // again; and what ended at a limit of work says nothing to others.
  const bool limited = judgement.limited || judgement.finding.fault == Fault::WorkLimit;
  lookup.limited = judgement.outdated || (limited && !isLate(walk));
  if (!lookup.limited && (lookup.errors.empty() ? !judgement.waived : judgement.security == Security::Bogus)) {
    keepVerdict(question, lookup, judgement.security, walk.renew != 0);
  }
  note(question, judgement, walk);
  if (walk.explanation != nullptr) {
    walk.explanation->verdict = {judgement.finding, judgement.waived};
    return; // not a client's question: neither counted nor logged
  }
  count(question, judgement);
  if (judgement.security == Security::Bogus && d_parts.options->validation.logBogus) {
    const std::string why = lookup.errors.empty() ? std::string() : lookup.errors.front().text;
    base::log(base::LogLevel::Warning, "bogus: " + question.name.text() + " " + dns::text(question.type) + ": " + why);
  }
}

// Of one network's answer: its own verdict. Denials are not kept, nor the CNAME made from a DNAME, nor ANY.
void Validator::keepForSubnet(const Lookup& lookup, Security security, const dns::Question& question, bool prolongs) {
  const auto isDname = [](const AgedRRset& set) { return set.rrset.type() == RRType::DNAME; };
  if (question.type == RRType::ANY || std::ranges::any_of(lookup.records, isDname)) {
    return;
  }
  const base::WallTime now = d_parts.loop.wall();
  SubnetCache& cache = d_parts.caches.subnets;
  for (const AgedRRset& set : lookup.records) {
    const dns::RRset capped = set.rrset.ttl() > set.ttl ? set.rrset.withTtl(set.ttl) : set.rrset;
    const bool mayKeep = d_parts.options->subnets.mayKeep(*lookup.scope, capped.ttl());
    const bool judged = !prolongs && cache.judge(capped, *lookup.scope, security, now);
    if (!judged && mayKeep) {
      cache.store(capped, *lookup.scope, lookup.rank, security, now);
    }
  }
}

// A set that is renewed is stored even where the same one, found secure, is there already: it lives on.
void Validator::keepVerdict(const dns::Question& question, const Lookup& lookup, Security security, bool renewing) {
  const bool prolongs = renewing && security != Security::Bogus && lookup.source != AnswerKind::RecordCache;
  if (lookup.scope) {
    return keepForSubnet(lookup, security, question, prolongs);
  }
  const base::WallTime now = d_parts.loop.wall();
  if (lookup.kind == LookupKind::NoData || lookup.kind == LookupKind::NxDomain) {
    if (lookup.negative.ttl > 0) { // without a SOA a denial is not cached (RFC 2308 5)
      d_parts.caches.negatives.store(lookup.negative, question.type, now);
    }
    return;
  }
  const bool isDname = lookup.kind == LookupKind::Alias && lookup.records.front().rrset.type() == RRType::DNAME;
  for (const AgedRRset& set : lookup.records) {
    const dns::RRset capped = set.rrset.ttl() > set.ttl ? set.rrset.withTtl(set.ttl) : set.rrset;
    const bool judged = !prolongs && d_parts.caches.records.judge(capped, security, now);
    if (!judged && question.type != RRType::ANY) {
      d_parts.caches.records.store(capped, lookup.rank, security, now, prolongs);
    }
    if (isDname) {
      break;
    }
  }
}

void Validator::count(const dns::Question& question, const Judgement& judgement) {
  Counters& counters = d_parts.counters;
  const std::vector<dns::Name>& apart = d_parts.options->validation.countedApart;
  const bool isApart =
      std::any_of(apart.begin(), apart.end(), [&](const dns::Name& suffix) { return question.name.isWithin(suffix); });
  counters.add(Metric::DnssecValidations);
  counters.add(resultMetric(judgement.security, judgement.waived, isApart));
  if (judgement.security == Security::Bogus) {
    counters.add(bogusMetric(judgement.finding, isApart));
  }
}

void Validator::note(const dns::Question& question, const Judgement& judgement, const Walk& walk) const {
  if (!walk.trace) {
    return;
  }
  std::string detail = verdictText(judgement.security, judgement.waived, judgement.finding, judgement.errors);
  walk.note({StepKind::Validated, 0, question.name, question.type, {}, {}, std::move(detail), d_parts.loop.now()});
}

} // namespace rec
