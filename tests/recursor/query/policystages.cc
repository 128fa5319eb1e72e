// The policy stages in the pipeline: judged before and after resolving, kept or not, followed, counted.
#include "tests/recursor/policy/fake.hh"
#include "tests/recursor/query/bench.hh"

using namespace querytest;
using dns::RCode;
using dns::RRType;
using policytest::FakePolicy;
using policytest::source;
using rec::Metric;
using rec::PolicyAction;

namespace {

struct PolicyBench : Bench {
  std::shared_ptr<FakePolicy> policy = std::make_shared<FakePolicy>();

  void use(std::uint64_t epoch = 1) {
    const auto all = std::make_shared<const rec::Policies>(std::vector<rec::PolicyPtr>{policy}, epoch);
    pipeline->setPolicies(all);
    hot->setPolicies(all);
  }
};

rec::Outcome aliased(const std::string& from, const std::string& to) {
  rec::Outcome outcome = positive(to);
  const auto alias = dns::makeNameRRset(name(from), RRType::CNAME, 300, name(to));
  outcome.answer.insert(outcome.answer.begin(), {alias, 300});
  return outcome;
}

rec::PolicyVerdict cname(const std::string& target) {
  auto made = policytest::verdict(PolicyAction::Custom);
  made.custom.push_back(dns::makeNameRRset(name("rule."), RRType::CNAME, 60, name(target)));
  return made;
}

} // namespace

TEST_CASE("a listed name is answered without resolving, and by the packet cache when it is asked for again") {
  PolicyBench bench;
  bench.policy->names["www.example.com."] =
      policytest::verdict(PolicyAction::NXDomain, source("ads", 0, dns::ExtendedError{dns::EdeCode::Blocked, "ads"}));
  bench.use();
  const auto answer = bench.ask({.edns = edns()});
  CHECK(answer.header.rcode == RCode::NXDomain);
  REQUIRE(answer.edns);
  REQUIRE(answer.edns->errors.size() == 1);
  CHECK(answer.edns->errors[0].code == dns::EdeCode::Blocked);
  CHECK(bench.resolver.resolutions == 0);
  CHECK(bench.counters.get(Metric::PolicyResultNxdomain) == 1);
  CHECK(bench.policy->names["www.example.com."].source->hits->applied == 1);
  CHECK(bench.ask({.edns = edns()}).header.rcode == RCode::NXDomain);
  CHECK(bench.wasHit);
  CHECK(bench.ask({.name = "other.example.com"}).answer.size() == 1);
}

TEST_CASE("what depends on the client is not kept, whether it was decided or not") {
  PolicyBench bench;
  auto decided = policytest::verdict(PolicyAction::NoData);
  decided.variable = true;
  bench.policy->names["www.example.com."] = decided;
  bench.policy->names["open.example.com."].variable = true;
  bench.use();
  for (const char* asked : {"www.example.com", "open.example.com"}) {
    bench.ask({.name = asked});
    bench.ask({.name = asked});
    CHECK_FALSE(bench.wasHit);
  }
}

TEST_CASE("alias targets and addresses of an answer are judged, and the whole answer is replaced") {
  PolicyBench bench;
  bench.policy->names["tracker.example."] = policytest::verdict(PolicyAction::NXDomain);
  bench.policy->addresses["192.0.2.1"] = policytest::verdict(PolicyAction::NoData, source("addresses"));
  bench.use();
  bench.resolver.make = [](const rec::Request&) { return aliased("www.example.com", "tracker.example"); };
  auto answer = bench.ask({});
  CHECK(answer.header.rcode == RCode::NXDomain);
  CHECK(answer.answer.empty());
  bench.resolver.make = [](const rec::Request& request) { return positive(request.question.name.text()); };
  answer = bench.ask({.name = "plain.example"});
  CHECK(answer.header.rcode == RCode::NoError);
  CHECK(answer.answer.empty());
}

TEST_CASE("a passthru exempts the question from all that goes behind it, also after resolving") {
  PolicyBench bench;
  bench.policy->names["www.example.com."] = policytest::verdict(PolicyAction::NoAction, source("allowed", 1));
  bench.policy->names["tracker.example."] = policytest::verdict(PolicyAction::NXDomain, source("ads", 2));
  bench.policy->addresses["192.0.2.1"] = policytest::verdict(PolicyAction::NoData, source("first", 0));
  bench.use();
  bench.resolver.make = [](const rec::Request&) { return aliased("www.example.com", "tracker.example"); };
  CHECK(bench.ask({}).header.rcode == RCode::NoError);
  CHECK(bench.counters.get(Metric::PolicyResultNodata) == 1);
  CHECK(bench.counters.get(Metric::PolicyResultNxdomain) == 0);
}

TEST_CASE("a drop gets no answer, a truncation sends to TCP, where all is as ever") {
  PolicyBench bench;
  bench.policy->names["drop.example."] = policytest::verdict(PolicyAction::Drop);
  bench.policy->names["tcp.example."] = policytest::verdict(PolicyAction::Truncate);
  bench.use();
  CHECK_FALSE(bench.send(packet({.name = "drop.example"})));
  CHECK(bench.counters.get(Metric::PolicyDrops) == 1);
  const auto truncated = bench.ask({.name = "tcp.example"});
  CHECK(truncated.header.tc);
  CHECK(truncated.answer.empty());
  CHECK(bench.ask({.name = "tcp.example"}, true).answer.size() == 1);
}

TEST_CASE("a custom CNAME is followed before and after resolving") {
  PolicyBench bench;
  bench.policy->names["before.example."] = cname("garden.example");
  bench.policy->names["tracker.example."] = cname("garden.example");
  bench.policy->names["garden.example."] = policytest::verdict(PolicyAction::NXDomain); // not judged again
  bench.use();
  auto answer = bench.ask({.name = "before.example"});
  REQUIRE(answer.answer.size() == 2);
  CHECK(answer.answer[0].type() == RRType::CNAME);
  CHECK(answer.answer[1].owner() == name("garden.example"));
  bench.resolver.make = [](const rec::Request& request) {
    const bool first = request.question.name == name("after.example");
    return first ? aliased("after.example", "tracker.example") : positive(request.question.name.text());
  };
  answer = bench.ask({.name = "after.example"});
  REQUIRE(answer.answer.size() == 2);
  CHECK(answer.answer[0].owner() == name("after.example"));
  CHECK(answer.answer[1].owner() == name("garden.example"));
}

TEST_CASE("clients whom a rule concerns get nothing from the packet cache, and leave nothing there") {
  PolicyBench bench;
  auto refused = policytest::verdict(PolicyAction::Refused);
  refused.variable = true;
  bench.policy->clients["10.0.0.9"] = refused;
  bench.use();
  bench.ask({});
  bench.ask({});
  CHECK(bench.wasHit);
  const auto answer = bench.send(packet({}), false, "10.0.0.9:4000");
  REQUIRE(answer);
  CHECK(parsed(*answer).header.rcode == RCode::Refused);
  CHECK(bench.ask({}).header.rcode == RCode::NoError);
  CHECK(bench.wasHit);
}

TEST_CASE("an answer that was judged by older policies is not kept") {
  PolicyBench bench;
  bench.use(1);
  bench.resolver.slow.emplace(bench.loop);
  CHECK_FALSE(bench.send(packet({})));
  bench.use(2);
  bench.resolver.slow->open();
  bench.loop.runOnce();
  bench.loop.runOnce();
  CHECK(bench.answers.size() == 1);
  bench.resolver.slow.reset();
  bench.ask({});
  CHECK_FALSE(bench.wasHit);
  bench.ask({});
  CHECK(bench.wasHit);
}
