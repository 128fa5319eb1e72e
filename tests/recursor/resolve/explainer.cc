// Explanations of whole resolutions: which links and zones they have, and what is asked for them.
#include "recursor/resolve/explainer.hh"

#include "tests/recursor/resolve/smallinternet.hh"

using namespace rec;
using namespace rectest;
using dns::RCode;

namespace {

struct Bench : SmallInternet {
  Bench() { options->validates = true; }
  ExplanationPtr explain(const char* asked, bool fresh = false) {
    ExplanationPtr explanation;
    roots.spawn(run(question(asked), fresh, &explanation));
    drive();
    REQUIRE(explanation);
    return explanation;
  }
  coro::Task<void> run(dns::Question asked, bool fresh, ExplanationPtr* to) {
    Request request;
    request.question = asked;
    request.checking = Checking::Enforce;
    request.deadline = loop.now() + options->maxTotal;
    request.trace = std::make_shared<Trace>(loop.now());
    auto explanation = co_await router.explain(std::move(request), fresh);
    *to = std::move(explanation);
  }
  void trust(const char* zone, const char* ds) { REQUIRE(anchors.add(name(zone), ds)); }
};

constexpr const char* kUsable = "12345 13 2 aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa";
constexpr const char* kUnknown = "12345 200 2 aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa";

} // namespace

TEST_CASE("each alias is a link of the explanation, and without an anchor there are no zones") {
  Bench bench;
  const auto explanation = bench.explain("alias.example.com");
  CHECK(explanation->outcome.rcode == RCode::NoError);
  CHECK(explanation->outcome.security == Security::Insecure);
  REQUIRE(explanation->links.size() == 2);
  CHECK(explanation->links[0].found.kind == LookupKind::Alias);
  CHECK(explanation->links[1].question.name == name("www.example.com"));
  CHECK(explanation->links[1].zones.empty());
}

TEST_CASE("an anchor that cannot be used ends the chain with the reason") {
  Bench bench;
  bench.trust("com", kUnknown);
  const auto explanation = bench.explain("www.example.com");
  REQUIRE(explanation->links.size() == 1);
  REQUIRE(explanation->links[0].zones.size() == 1);
  const ExplainedZone& zone = explanation->links[0].zones[0];
  CHECK(zone.zone == name("com"));
  CHECK(zone.anchor);
  CHECK(zone.trust->finding.fault == dnssec::Fault::UnsupportedAlgorithm);
  CHECK(explanation->outcome.security == Security::Insecure);
}

TEST_CASE("bogus data is in the explanation, though not in the answer") {
  Bench bench;
  bench.trust("example.com", kUsable); // which has no keys
  const auto explanation = bench.explain("www.example.com");
  CHECK(explanation->outcome.rcode == RCode::ServFail);
  CHECK(explanation->outcome.answer.empty());
  REQUIRE(explanation->links.size() == 1);
  CHECK(explanation->links[0].found.records.size() == 1);
  CHECK(explanation->links[0].finding.fault == dnssec::Fault::KeySetMissing);
  REQUIRE(explanation->links[0].zones.size() == 1);
  CHECK(explanation->links[0].zones[0].trust->security == Security::Bogus);
}

TEST_CASE("a negative anchor is in the explanation with its reason, below the zones above it") {
  Bench bench;
  bench.trust("com", kUsable);
  bench.anchors.addNegative(name("com"), {"why not", std::nullopt});
  const auto explanation = bench.explain("www.example.com");
  REQUIRE(explanation->links.size() == 1);
  CHECK(explanation->links[0].isWaived);
  REQUIRE(explanation->links[0].waiver);
  CHECK(explanation->links[0].waiver->second.reason == "why not");
  REQUIRE(explanation->links[0].zones.size() == 1);
  CHECK(explanation->links[0].zones[0].trust->waived);
}

TEST_CASE("what is cached is used, unless it has to be fresh") {
  Bench bench;
  bench.explain("www.example.com");
  bench.internet.forget();
  CHECK(bench.explain("www.example.com")->outcome.kind == AnswerKind::RecordCache);
  CHECK(bench.internet.asked().empty());
  CHECK(bench.explain("www.example.com", true)->outcome.kind == AnswerKind::Iterated);
  CHECK(bench.askedOfExample() == Strings{"www.example.com. A"});
}

TEST_CASE("a remembered failure is tried again") {
  Bench bench;
  bench.trust("com", kUnknown);
  for (const char* server : {"192.0.2.11", "192.0.2.12"}) {
    bench.internet.answerWith(server, RCode::Refused);
  }
  CHECK(bench.resolve(question("www.example.com")).outcome.rcode == RCode::ServFail);
  bench.internet.forget();
  const auto explanation = bench.explain("www.example.com");
  CHECK(explanation->outcome.kind == AnswerKind::Failure);
  CHECK_FALSE(bench.internet.asked().empty());
  REQUIRE(explanation->links.size() == 1);
  CHECK(explanation->links[0].found.kind == LookupKind::Failed);
}

TEST_CASE("an explained question is not counted as a validation") {
  Bench bench;
  bench.trust("com", kUnknown);
  bench.explain("www.example.com");
  CHECK(bench.counters.get(Metric::DnssecValidations) == 0);
}
