// Protection against DNS rebinding in the pipeline: removed or refused, kept, explained, and whom it leaves alone.
#include "tests/recursor/policy/fake.hh"
#include "tests/recursor/query/bench.hh"

using namespace querytest;
using dns::RCode;
using dns::RRType;
using rec::Metric;

namespace {

rec::Outcome pointsTo(const std::string& owner, const std::vector<std::string>& addresses) {
  rec::Outcome outcome = positive(owner);
  outcome.answer.clear();
  outcome.security = rec::Security::Secure;
  dns::RRsetBuilder builder(name(owner), RRType::A, dns::RRClass::IN, 300);
  for (const auto& text : addresses) builder.add(base::Address::parse(text)->octets());
  outcome.answer.push_back({builder.build(), 300});
  return outcome;
}

struct RebindBench : Bench {
  explicit RebindBench(const std::string& action)
      : Bench([&action](rec::Settings& set) { set.stopDnsRebind = action; }) {
    resolver.make = [](const rec::Request& request) {
      return pointsTo(request.question.name.text(), {"192.168.1.1", "192.0.2.1"});
    };
  }
  dns::Message asked(const std::string& text) {
    auto options = edns();
    return ask({.name = text, .header = {.id = 1, .rd = true, .ad = true}, .edns = options});
  }
};

} // namespace

TEST_CASE("private addresses are removed with an extended error, and the rest is kept for the next client") {
  RebindBench bench("remove");
  for (const bool isHit : {false, true}) {
    const auto answer = bench.asked("www.example.com");
    CHECK(bench.wasHit == isHit);
    REQUIRE(answer.answer.size() == 1);
    CHECK(answer.answer[0].count() == 1);
    CHECK_FALSE(answer.header.ad);
    REQUIRE(answer.edns->errors.size() == 1);
    CHECK(answer.edns->errors[0].code == dns::EdeCode::Blocked);
  }
  CHECK(bench.counters.get(Metric::DnsRebindRemoved) == 1);
}

TEST_CASE("an answer of which nothing is left, and a refusal, are kept as long as the addresses would have been") {
  for (const char* action : {"remove", "refuse"}) {
    RebindBench bench(action);
    bench.resolver.make = [](const rec::Request& request) {
      return pointsTo(request.question.name.text(), {"10.0.0.1"});
    };
    for (const bool isHit : {false, true}) {
      const auto answer = bench.asked("www.example.com");
      CHECK(bench.wasHit == isHit);
      CHECK(answer.answer.empty());
      CHECK(answer.header.rcode == (action == std::string("refuse") ? RCode::Refused : RCode::NoError));
    }
  }
}

TEST_CASE("the end of an alias is looked at, and so is what the shared caches have") {
  RebindBench bench("remove");
  const auto make = [](const rec::Request&) {
    rec::Outcome outcome = pointsTo("inside.example.net", {"127.0.0.1"});
    const auto alias = dns::makeNameRRset(name("www.example.com"), RRType::CNAME, 300, name("inside.example.net"));
    outcome.answer.insert(outcome.answer.begin(), {alias, 300});
    return outcome;
  };
  bench.resolver.make = make;
  auto answer = bench.asked("www.example.com");
  REQUIRE(answer.answer.size() == 1);
  CHECK(answer.answer[0].type() == RRType::CNAME);
  bench.cache.wipe(name("www.example.com"), false);
  bench.resolver.cached = make;
  answer = bench.asked("www.example.com");
  CHECK_FALSE(bench.wasHit);
  CHECK(answer.answer.size() == 1);
}

TEST_CASE("names of the operator's zones, and what a policy answers, may be private") {
  RebindBench bench("refuse");
  bench.resolver.own = name("corp.example");
  CHECK(bench.asked("www.corp.example").header.rcode == RCode::NoError);
  const auto policy = std::make_shared<policytest::FakePolicy>();
  auto sinkhole = policytest::verdict(rec::PolicyAction::Custom);
  sinkhole.custom.push_back(dns::makeAddressRRset(name("ads.example"), 60, *base::Address::parse("10.0.0.80")));
  policy->names["ads.example."] = sinkhole;
  bench.pipeline->setPolicies(std::make_shared<const rec::Policies>(std::vector<rec::PolicyPtr>{policy}, 1));
  CHECK(bench.asked("ads.example").answer.size() == 1);
  CHECK(bench.counters.get(Metric::DnsRebindRefused) == 0);
}

TEST_CASE("without the setting nothing is looked at") {
  RebindBench bench("no");
  const auto answer = bench.asked("www.example.com");
  REQUIRE(answer.answer.size() == 1);
  CHECK(answer.answer[0].count() == 2);
  CHECK(answer.header.ad);
}
