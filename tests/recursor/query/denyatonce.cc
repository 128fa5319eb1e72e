// Listed names answered at once and by the stages: the same octets, the same counts, the same in the packet cache.
#include "recursor/policy/blocklists.hh"
#include "recursor/policy/rulehits.hh"
#include "recursor/querylog/rawrecord.hh"
#include "tests/recursor/policy/fake.hh"
#include "tests/recursor/policy/rpzsupport.hh"
#include "tests/recursor/query/bench.hh"

using namespace querytest;
using dns::RCode;
using dns::RRType;
using rec::Metric;
using rec::PolicyAction;

namespace {

using Options = std::map<std::string, std::vector<std::string>>;

constexpr const char* kListed = "ads.example\nshop.example\n@@||good.ads.example^\n/^track[0-9]/\n";

std::shared_ptr<const rec::BlockLists> listOf(const std::string& text, const Options& options = {}) {
  const auto made = rec::listOptions(rec::defaultSettings(), {"/lists/ads", options, "lua:1"});
  INFO((made ? "" : made.error().message));
  REQUIRE(made);
  rec::ListCompiler compiler(made->name, made->format, nullptr, text.size());
  compiler.feed(text);
  const auto compiled = compiler.finish({});
  REQUIRE(compiled);
  const auto source = rec::BlockLists::sourceOf(*made, std::make_shared<rec::PolicyHits>());
  return std::make_shared<rec::BlockLists>(std::vector<rec::BlockLists::List>{{*made, source, *compiled}});
}

// Says the same, but never at a glance.
class Slow final : public rec::Policy {
 public:
  explicit Slow(rec::PolicyPtr policy) : d_policy(std::move(policy)) {}
  [[nodiscard]] rec::PolicyTriggers triggers() const override { return d_policy->triggers(); }
  [[nodiscard]] std::uint32_t priority() const override { return d_policy->priority(); }
  [[nodiscard]] rec::PolicyVerdict onName(const dns::Name& name, const rec::PolicySubject& subject) const override {
    return d_policy->onName(name, subject);
  }

 private:
  rec::PolicyPtr d_policy;
};

// Counts the looks that the policy stage takes.
class Watched final : public rec::Policy {
 public:
  explicit Watched(rec::PolicyPtr policy) : d_policy(std::move(policy)) {}
  [[nodiscard]] rec::PolicyTriggers triggers() const override { return d_policy->triggers(); }
  [[nodiscard]] std::uint32_t priority() const override { return d_policy->priority(); }
  [[nodiscard]] rec::PolicyVerdict onName(const dns::Name& name, const rec::PolicySubject& subject) const override {
    ++verdicts;
    return d_policy->onName(name, subject);
  }
  [[nodiscard]] rec::NameGlance glance(const dns::Name& name, const rec::PolicySubject& subject,
                                       bool wantsRule) const override {
    ++glances;
    return d_policy->glance(name, subject, wantsRule);
  }
  mutable int verdicts = 0, glances = 0;

 private:
  rec::PolicyPtr d_policy;
};

void use(Bench& bench, std::vector<rec::PolicyPtr> policies) {
  const auto all = std::make_shared<const rec::Policies>(std::move(policies), 1);
  bench.pipeline->setPolicies(all);
  bench.hot->setPolicies(all);
}

std::vector<std::uint64_t> countsOf(const Bench& bench) {
  std::vector<std::uint64_t> counts;
  for (std::size_t i = 0; i < rec::kMetricCount; ++i) {

    const std::string_view name = rec::allMetrics()[i].name;
    const bool isTime = name.find("clientanswers") != std::string_view::npos;
    counts.push_back(isTime ? 0 : bench.counters.get(static_cast<Metric>(i)));
  }
  return counts;
}

// Asks one pipeline that may answer at once and one that may not, twice each: the second answer is the packet cache's.
void compare(const rec::PolicyPtr& policy, const std::vector<std::pair<Packet, bool>>& questions,
             const std::function<void(rec::Settings&)>& change = {}) {
  Bench quick(change), slow(change);
  use(quick, {policy});
  use(slow, {std::make_shared<Slow>(policy)});
  for (const auto& [question, tcp] : questions) {
    for (const int round : {1, 2}) {
      const auto expected = slow.send(question, tcp);
      const auto got = quick.send(question, tcp);
      INFO(dns::parseMessage(question)->question->name.text() << " round " << round);
      REQUIRE(expected);
      REQUIRE(got);
      CHECK(*got == *expected);
      CHECK(quick.wasHit == slow.wasHit);
    }
    CHECK(countsOf(quick) == countsOf(slow));
  }
  CHECK(quick.cache.entries() == slow.cache.entries());
}

std::vector<std::pair<Packet, bool>> manyQuestions() {
  dns::Edns secure = edns(4096);
  secure.dnssecOk = true;
  dns::Edns nsid = edns();
  nsid.nsidRequested = true;
  const std::string longest = std::string(60, 'a') + "." + std::string(60, 'b') + "." + std::string(60, 'c') + "." +
                              std::string(57, 'd') + ".ads.example";
  return {
      {packet({}), false},
      {packet({.name = "ads.example"}), false},
      {packet({.name = "WWW.Ads.Example", .type = RRType::AAAA}), false},
      {packet({.name = "x.y.ads.example", .edns = edns()}), false},
      {packet({.name = "y.ads.example", .type = RRType::HTTPS, .edns = secure}), false},
      {packet({.name = "z.ads.example", .header = {.id = 7, .rd = true, .ad = true, .cd = true}}), false},
      {packet({.name = "t.ads.example", .edns = edns()}), true},
      {packet({.name = "n.ads.example", .edns = nsid}), false},
      {packet({.name = "r.ads.example", .header = {.id = 7, .rd = false}}), false},
      {packet({.name = "any.ads.example", .type = RRType::ANY}), true},
      {packet({.name = "good.ads.example"}), false},
      {packet({.name = "track1.org", .edns = edns()}), false},
      {packet({.name = longest, .edns = edns(512)}), false},
      {packet({.name = "other.example"}), false},
  };
}

} // namespace

TEST_CASE("what is answered at once is what the stages say, for each kind of question and list") {
  const std::string tooLong(180, 'x');
  const std::vector<Options> lists{{},
                                   {{"action", {"nodata"}}, {"ttl", {"7"}}},
                                   {{"action", {"refused"}}, {"error", {"none"}}},
                                   {{"action", {"zero"}}},
                                   {{"action", {"allow"}}},
                                   {{"error", {"filtered"}}, {"errorText", {"see https://example.net/why"}}},
                                   {{"errorText", {tooLong}}},
                                   {{"clients", {"127.0.0.0/8"}}},
                                   {{"tags", {"one", "two"}}},
                                   {{"shadow", {"yes"}}}};
  for (const Options& options : lists) {
    compare(listOf(kListed, options), manyQuestions());
  }
}

TEST_CASE("a batch that was announced is answered like one that was not") {
  for (const bool isZone : {false, true}) {
    rec::PolicyPtr policy = listOf(kListed);
    const auto rules = rpztest::load("ads.example CNAME .\n*.ads.example CNAME *.\n");
    const rec::RpzConfig config;
    if (isZone) {
      policy = std::make_shared<rec::RpzPolicy>(
          rules, rec::rpzSource(config, *rules, 5, std::make_shared<rec::PolicyHits>(), nullptr), config);
    }
    Bench announced, plain;
    use(announced, {policy});
    use(plain, {policy});
    std::vector<rec::Expected> expected;
    const auto questions = manyQuestions();
    for (const auto& [question, tcp] : questions) {
      if (const auto raw = rec::parseRawQuestion(question)) expected.push_back({raw->name, raw->type});
    }
    REQUIRE(expected.size() > 5);
    announced.pipeline->expect(expected);
    for (const auto& [question, tcp] : questions) {
      const auto wanted = plain.send(question, tcp);
      REQUIRE(wanted);
      CHECK(announced.send(question, tcp) == wanted);
    }
    CHECK(countsOf(announced) == countsOf(plain));
  }
}

TEST_CASE("what is answered at once obeys the settings that concern answers") {
  const std::vector<std::function<void(rec::Settings&)>> changes{
      [](rec::Settings& settings) { settings.disablePacketcache = true; },
      [](rec::Settings& settings) { settings.extendedResolutionErrors = false; },
      [](rec::Settings& settings) { settings.packetcacheNegativeTtl = std::chrono::seconds(3); },
      [](rec::Settings& settings) { settings.maxPacketcacheEntrySize = 60; },
      [](rec::Settings& settings) { settings.udpTruncationThreshold = 80; },
      [](rec::Settings& settings) { settings.anyToTcp = true; },
  };
  for (const auto& change : changes) {
    compare(listOf(kListed), manyQuestions(), change);
  }
}

TEST_CASE("rules of response policy zones are answered at once, too, and counted by rule") {
  rec::RpzConfig config;
  config.extendedErrorCode = 15;
  const auto rules = rpztest::load("ads.example CNAME .\n*.ads.example CNAME *.\ntrack1.org A 192.0.2.9\n");
  const auto policyWith = [&](const std::shared_ptr<rec::RuleHits>& hits) {
    const auto source = rec::rpzSource(config, *rules, 5, std::make_shared<rec::PolicyHits>(), hits);
    return std::make_shared<rec::RpzPolicy>(rules, source, config);
  };
  compare(policyWith(nullptr), manyQuestions());
  const auto hits = std::make_shared<rec::RuleHits>();
  Bench bench;
  use(bench, {policyWith(hits), listOf(kListed)});
  CHECK(bench.ask({.name = "x.ads.example"}).header.rcode == RCode::NoError);
  CHECK(bench.ask({.name = "shop.example"}).header.rcode == RCode::NXDomain);
  REQUIRE(hits->top(9).size() == 1);
  CHECK(hits->top(9)[0].trigger == "*.ads.example");
}

TEST_CASE("a name that no policy has is looked up once, and one that is denied is not looked up again") {
  Bench bench;
  const auto watched = std::make_shared<Watched>(listOf(kListed));
  use(bench, {watched});
  CHECK(bench.ask({.name = "other.example"}).answer.size() == 1);
  CHECK(bench.ask({.name = "ads.example"}).header.rcode == RCode::NXDomain);
  CHECK(watched->glances == 2);
  CHECK(watched->verdicts == 0);
  CHECK(bench.ask({.name = "good.ads.example"}).answer.size() == 1);
  CHECK(watched->verdicts == 1);
}

TEST_CASE("a rule about clients goes before a name that could be denied at once") {
  Bench bench;
  const auto clients = std::make_shared<policytest::FakePolicy>();
  clients->clients["127.0.0.1"] = policytest::verdict(PolicyAction::NoAction, policytest::source("ours", 0));
  use(bench, {clients, listOf(kListed)});
  CHECK(bench.ask({.name = "ads.example"}).answer.size() == 1);
}

TEST_CASE("a list in shadow mode in front of another is counted although the other one denies") {
  Bench bench;
  const auto shadow = listOf(kListed, {{"shadow", {"yes"}}});
  use(bench, {shadow, listOf(kListed)});
  CHECK(bench.ask({.name = "ads.example"}).header.rcode == RCode::NXDomain);
  CHECK(bench.counters.get(Metric::PolicyShadowHits) == 1);
  CHECK(bench.counters.get(Metric::PolicyResultNxdomain) == 1);
}

namespace {

// A bench whose pipeline logs what it answers.
struct LoggingBench : Bench {
  explicit LoggingBench(const rec::PolicyPtr& policy) {
    tap.attach(ring, [] {});
    tap.setOrders(std::make_shared<const rec::LogOrders>());
    parts->queryLog = &tap;
    pipeline.emplace(*parts);
    prefetcher->attach(*pipeline);
    use(*this, {policy});
  }
  // The records so far, but for their times.
  std::vector<Packet> records() {
    std::vector<Packet> all;
    ring.look();
    while (const std::byte* at = ring.next()) {
      const rec::RawRecord record(at);
      rec::RawHead head = record.head();
      head.time = 0;
      head.latency = 0;
      const auto octets = std::as_bytes(std::span(&head, 1));
      Packet copy(octets.begin(), octets.end());
      for (const auto part : {record.name(), record.client(), record.extra()}) {
        copy.insert(copy.end(), part.begin(), part.end());
      }
      all.push_back(std::move(copy));
      ring.pop();
    }
    ring.release();
    return all;
  }
  rec::LogRing ring{1 << 16};
  rec::LogTap tap;
};

} // namespace

TEST_CASE("the query log has the same record of what is answered at once, with list, rule and tags") {
  for (const Options& options : {Options{}, Options{{"tags", {"one", "two"}}, {"action", {"nodata"}}}}) {
    const auto list = listOf(kListed, options);
    LoggingBench quick(list), slow(std::make_shared<Slow>(list));
    for (const auto& [question, tcp] : manyQuestions()) {
      static_cast<void>(quick.send(question, tcp));
      static_cast<void>(slow.send(question, tcp));
    }
    const auto expected = slow.records();
    CHECK(expected.size() == manyQuestions().size());
    CHECK(quick.records() == expected);
  }
}
