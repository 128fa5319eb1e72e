// What becomes of each action.
#include "recursor/policy/applying.hh"

#include <catch2/catch.hpp>

#include "tests/recursor/policy/fake.hh"

using namespace policytest;
using dns::RCode;
using dns::RRType;
using rec::PolicyAction;
using Kind = rec::PolicyEffect::Kind;

namespace {

dns::Name name(const std::string& text) { return *dns::Name::parse(text); }

dns::Question ask(RRType type = RRType::A) { return {name("Asked.Example."), type, dns::RRClass::IN}; }

rec::PolicyVerdict records(std::vector<dns::RRset> sets) {
  auto made = verdict(PolicyAction::Custom);
  made.custom = std::move(sets);
  return made;
}

dns::RRset address(const std::string& text) {
  return dns::makeAddressRRset(name("rule.example."), 30, *base::Address::parse(text));
}

} // namespace

TEST_CASE("denials have their code, the source's extended error and the SOA that is given") {
  auto denied = verdict(PolicyAction::NXDomain, source("list", 0, dns::ExtendedError{dns::EdeCode::Blocked, "ads"}));
  denied.denial = dns::makeSoaRRset(name("rule.example."), 60, {});
  const auto effect = rec::applyVerdict(denied, ask(), false);
  CHECK(effect.kind == Kind::Answer);
  CHECK(effect.outcome.rcode == RCode::NXDomain);
  CHECK(effect.outcome.security == rec::Security::Insecure);
  REQUIRE(effect.outcome.authority.size() == 1);
  CHECK(effect.outcome.authority[0].ttl == 60);
  REQUIRE(effect.outcome.errors.size() == 1);
  CHECK(effect.outcome.errors[0].code == dns::EdeCode::Blocked);
  CHECK(rec::applyVerdict(verdict(PolicyAction::NoData), ask(), false).outcome.rcode == RCode::NoError);
  CHECK(rec::applyVerdict(verdict(PolicyAction::Refused), ask(), false).outcome.rcode == RCode::Refused);
}

TEST_CASE("passthru goes on, drop is silence, truncate concerns UDP only") {
  CHECK(rec::applyVerdict(verdict(PolicyAction::NoAction), ask(), false).kind == Kind::GoOn);
  CHECK(rec::applyVerdict(verdict(PolicyAction::Drop), ask(), false).kind == Kind::Drop);
  CHECK(rec::applyVerdict(verdict(PolicyAction::Truncate), ask(), false).kind == Kind::Truncate);
  CHECK(rec::applyVerdict(verdict(PolicyAction::Truncate), ask(), true).kind == Kind::GoOn);
}

TEST_CASE("of custom records those of the type asked are given, under the name asked") {
  const auto rule = records({address("192.0.2.66"), address("2001:db8::66")});
  const auto four = rec::applyVerdict(rule, ask(), false).outcome;
  REQUIRE(four.answer.size() == 1);
  CHECK(four.answer[0].rrset.owner().identicalTo(name("Asked.Example.")));
  CHECK(four.answer[0].ttl == 30);
  CHECK(rec::applyVerdict(rule, ask(RRType::ANY), false).outcome.answer.size() == 2);
  const auto other = rec::applyVerdict(rule, ask(RRType::MX), false).outcome;
  CHECK(other.rcode == RCode::NoError);
  CHECK(other.answer.empty());
}

TEST_CASE("a custom CNAME is followed, unless it is what was asked for") {
  const auto rule = records({dns::makeNameRRset(name("rule.example."), RRType::CNAME, 30, name("garden.example."))});
  const auto followed = rec::applyVerdict(rule, ask(), false);
  CHECK(followed.kind == Kind::Follow);
  CHECK(followed.target == name("garden.example."));
  CHECK(followed.outcome.answer.size() == 1);
  CHECK(rec::applyVerdict(rule, ask(RRType::CNAME), false).kind == Kind::Answer);
}
