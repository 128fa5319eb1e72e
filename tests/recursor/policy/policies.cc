// Policies in their order, and the board that swaps them.
#include <catch2/catch.hpp>

#include "recursor/policy/policyboard.hh"
#include "tests/recursor/policy/fake.hh"

using namespace policytest;
using rec::PolicyAction;

namespace {

const base::Address kClient = *base::Address::parse("192.0.2.7");
const dns::Question kQuestion{*dns::Name::parse("listed.example."), dns::RRType::A, dns::RRClass::IN};

std::shared_ptr<FakePolicy> listing(PolicyAction action, std::uint32_t priority, const std::string& name) {
  auto policy = std::make_shared<FakePolicy>(priority);
  policy->names["listed.example."] = verdict(action, source(name, priority));
  return policy;
}

} // namespace

TEST_CASE("the policy of the lowest priority number decides, whatever the order they were given in") {
  const rec::Policies policies(
      {listing(PolicyAction::NXDomain, 5, "late"), listing(PolicyAction::NoAction, 2, "soon")});
  const auto decided = policies.onName(kQuestion.name, {.client = kClient, .question = kQuestion});
  CHECK(decided.action == PolicyAction::NoAction);
  CHECK(decided.source->name == "soon");
}

TEST_CASE("a policy that is discarded, or no longer goes before an earlier verdict, has no say") {
  const rec::Policies policies(
      {listing(PolicyAction::NXDomain, 5, "late"), listing(PolicyAction::NoAction, 2, "soon")});
  const std::set<std::string> discarded{"soon"};
  const rec::PolicySubject subject{.client = kClient, .question = kQuestion, .discardedPolicies = &discarded};
  CHECK(policies.onName(kQuestion.name, subject).action == PolicyAction::NXDomain);
  CHECK_FALSE(policies.onName(kQuestion.name, {.client = kClient, .question = kQuestion, .before = 2}).matched());
}

TEST_CASE("a policy that passes says nevertheless that its verdict depends on the client, and who would have decided") {
  auto watching = std::make_shared<FakePolicy>(1);
  rec::PolicyVerdict note;
  note.variable = true;
  note.shadowed.push_back(source("shadow"));
  watching->names["listed.example."] = note;
  const rec::Policies policies({watching, listing(PolicyAction::NoData, 2, "list")});
  const auto decided = policies.onName(kQuestion.name, {.client = kClient, .question = kQuestion});
  CHECK(decided.action == PolicyAction::NoData);
  CHECK(decided.variable);
  REQUIRE(decided.shadowed.size() == 1);
  CHECK(decided.shadowed[0]->name == "shadow");
}

TEST_CASE("only kinds of rules that a policy has are asked for") {
  const rec::Policies policies({listing(PolicyAction::NXDomain, 0, "names")});
  CHECK(policies.has(rec::PolicyTrigger::QName));
  CHECK_FALSE(policies.has(rec::PolicyTrigger::ClientIp));
  CHECK_FALSE(policies.onClient({.client = kClient, .question = kQuestion}).matched());
}

TEST_CASE("the board gives each change to its listener, with a new epoch, and nothing when all slots are empty") {
  rec::PolicyBoard board;
  std::vector<rec::PoliciesPtr> seen;
  board.onChange([&](const rec::PoliciesPtr& policies) { seen.push_back(policies); });
  CHECK(board.current() == nullptr);
  board.replace("lists", listing(PolicyAction::NXDomain, 0, "a"));
  board.replace("lists", listing(PolicyAction::NoData, 0, "b"));
  board.replace("zone", listing(PolicyAction::Drop, 1, "c"));
  REQUIRE(seen.size() == 3);
  CHECK(seen[2]->epoch() > seen[0]->epoch());
  CHECK(seen[2]->onName(kQuestion.name, {.client = kClient, .question = kQuestion}).action == PolicyAction::NoData);
  board.replace("lists", nullptr);
  CHECK(board.current()->onName(kQuestion.name, {.client = kClient, .question = kQuestion}).action ==
        PolicyAction::Drop);
  board.replace("zone", nullptr);
  CHECK(board.current() == nullptr);
}
