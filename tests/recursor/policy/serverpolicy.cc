// Policies asked about name servers, one after the other, for one question.
#include "recursor/policy/serverpolicy.hh"

#include "tests/recursor/policy/rpzsupport.hh"

using namespace rec;
using namespace rpztest;

namespace {

PolicyPtr zone(const std::string& rules, std::uint32_t priority, const std::string& called) {
  RpzConfig config;
  config.name = called;
  const auto all = load(rules);
  return std::make_shared<const RpzPolicy>(
      all, rpzSource(config, *all, priority, std::make_shared<PolicyHits>(), nullptr), config);
}

struct Asked {
  explicit Asked(std::vector<PolicyPtr> zones, bool tcp = false, const std::set<std::string>& discarded = {})
      : policies(std::make_shared<const Policies>(std::move(zones), 1)),
        policy(std::make_shared<const ServerPolicy>(
            policies,
            PolicySubject{.client = client, .question = question, .tcp = tcp, .discardedPolicies = &discarded})),
        judging(policy) {}
  base::Address client = address("192.0.2.1");
  dns::Question question{name("x."), dns::RRType::A, dns::RRClass::IN};
  PoliciesPtr policies;
  std::shared_ptr<const ServerPolicy> policy;
  Judging judging;
};

constexpr const char* kName = "ns.bad.rpz-nsdname CNAME ";
constexpr const char* kAddress = "32.1.2.0.192.rpz-nsip CNAME ";

} // namespace

TEST_CASE("a server is refused by its name or its address") {
  Asked asked({zone(std::string(kName) + ".\n" + kAddress + "*.\n", 1, "a")});
  CHECK_FALSE(asked.judging.refuses(name("ns.good.")));
  CHECK_FALSE(asked.judging.refuses(address("192.0.2.2")));
  CHECK(asked.judging.isWanted());
  CHECK(asked.judging.refuses(address("192.0.2.1")));
  CHECK(asked.judging.isRefused());
  CHECK_FALSE(asked.judging.isWanted());
  const auto& verdict = static_cast<const PolicyServerVerdict&>(*asked.judging.verdict()).verdict;
  CHECK(verdict.action == PolicyAction::NoData);
  CHECK(verdict.type == PolicyTrigger::NsIp);
}

TEST_CASE("a passthru about a server ends the say of later zones only") {
  Asked later({zone(std::string(kName) + "rpz-passthru.\n", 1, "a"), zone(std::string(kAddress) + ".\n", 2, "b")});
  CHECK_FALSE(later.judging.refuses(name("ns.bad.")));
  CHECK_FALSE(later.judging.refuses(address("192.0.2.1")));
  CHECK_FALSE(later.judging.verdict()->refuses);
  Asked earlier({zone(std::string(kAddress) + ".\n", 1, "a"), zone(std::string(kName) + "rpz-passthru.\n", 2, "b")});
  CHECK_FALSE(earlier.judging.refuses(name("ns.bad.")));
  CHECK(earlier.judging.refuses(address("192.0.2.1")));
}

TEST_CASE("questions over TCP are not sent to TCP, discarded policies have no say") {
  CHECK_FALSE(Asked({zone(std::string(kName) + "rpz-tcp-only.\n", 1, "a")}, true).judging.refuses(name("ns.bad.")));
  CHECK(Asked({zone(std::string(kName) + "rpz-tcp-only.\n", 1, "a")}).judging.refuses(name("ns.bad.")));
  CHECK_FALSE(Asked({zone(std::string(kName) + ".\n", 1, "a")}, false, {"a"}).judging.refuses(name("ns.bad.")));
}

TEST_CASE("questions that are judged differently have different fingerprints") {
  const std::vector<PolicyPtr> zones{zone(std::string(kName) + ".\n", 1, "a")};
  const auto plain = Asked(zones).policy->fingerprint();
  CHECK(plain == Asked(zones).policy->fingerprint());
  CHECK(plain != Asked(zones, true).policy->fingerprint());
  CHECK(plain != Asked(zones, false, {"a"}).policy->fingerprint());
  CHECK(plain != 0);
}
