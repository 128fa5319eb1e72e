// Verdicts as outcomes. Nothing of it is ever authentic: what is made up has no signatures.
#include "recursor/policy/applying.hh"

#include "lib/dns/rdata.hh"

namespace rec {
namespace {

Outcome madeUp(const PolicyVerdict& verdict, dns::RCode rcode) {
  Outcome outcome;
  outcome.rcode = rcode;
  outcome.kind = AnswerKind::Local;
  outcome.security = Security::Insecure;
  if (verdict.source && verdict.source->error) {
    outcome.errors.push_back(*verdict.source->error);
  }
  if (verdict.source && verdict.source->soa) {
    outcome.additional.push_back({*verdict.source->soa, verdict.source->soa->ttl()});
  }
  return outcome;
}

PolicyEffect denial(const PolicyVerdict& verdict, dns::RCode rcode) {
  PolicyEffect effect{PolicyEffect::Kind::Answer, madeUp(verdict, rcode), {}};
  if (verdict.denial) {
    effect.outcome.authority.push_back({*verdict.denial, verdict.denial->ttl()});
  }
  return effect;
}

bool answers(const dns::RRset& set, dns::RRType asked) {
  return set.type() == asked || asked == dns::RRType::ANY || set.type() == dns::RRType::CNAME;
}

// The records of the type asked, or the CNAME; none of them is NODATA.
PolicyEffect custom(const PolicyVerdict& verdict, const dns::Question& question) {
  PolicyEffect effect{PolicyEffect::Kind::Answer, madeUp(verdict, dns::RCode::NoError), {}};
  for (const dns::RRset& set : verdict.custom) {
    if (!answers(set, question.type)) {
      continue;
    }
    effect.outcome.answer.push_back({set.withOwner(question.name), set.ttl()});
    const bool follows =
        set.type() == dns::RRType::CNAME && question.type != set.type() && question.type != dns::RRType::ANY;
    const auto target = follows ? dns::readNameRdata(set.front()) : std::nullopt;
    if (target) {
      effect.kind = PolicyEffect::Kind::Follow;
      effect.target = *target;
      effect.outcome.answer = {effect.outcome.answer.back()};
      return effect;
    }
  }
  return effect.outcome.answer.empty() ? denial(verdict, dns::RCode::NoError) : effect;
}

} // namespace

Metric metricOf(PolicyAction action) {
  switch (action) {
  case PolicyAction::None:
  case PolicyAction::NoAction: return Metric::PolicyResultNoaction;
  case PolicyAction::Drop: return Metric::PolicyResultDrop;
  case PolicyAction::NXDomain: return Metric::PolicyResultNxdomain;
  case PolicyAction::NoData: return Metric::PolicyResultNodata;
  case PolicyAction::Truncate: return Metric::PolicyResultTruncate;
  case PolicyAction::Custom: return Metric::PolicyResultCustom;
  case PolicyAction::Refused: break;
  }
  return Metric::PolicyResultRefused;
}

PolicyEffect applyVerdict(const PolicyVerdict& verdict, const dns::Question& question, bool tcp) {
  using Kind = PolicyEffect::Kind;
  switch (verdict.action) {
  case PolicyAction::None:
  case PolicyAction::NoAction: return {};
  case PolicyAction::Drop: return {Kind::Drop, {}, {}};
  case PolicyAction::NXDomain: return denial(verdict, dns::RCode::NXDomain);
  case PolicyAction::NoData: return denial(verdict, dns::RCode::NoError);
  case PolicyAction::Refused: return {Kind::Answer, madeUp(verdict, dns::RCode::Refused), {}};
  case PolicyAction::Custom: return custom(verdict, question);
  case PolicyAction::Truncate: break;
  }
  return tcp ? PolicyEffect{} : PolicyEffect{Kind::Truncate, madeUp(verdict, dns::RCode::NoError), {}};
}

} // namespace rec
