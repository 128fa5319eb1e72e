// What clients may learn of the trust anchors: by asking for them, and by the root key sentinel.
#include "recursor/query/anchorquery.hh"

#include <catch2/catch.hpp>

#include "recursor/trust/configured.hh"
#include "tests/recursor/query/bench.hh"

using namespace rec;
using namespace querytest;
using dns::RCode;
using dns::RRType;

namespace {

Ask chaos(const std::string& text) { return {.name = text, .type = RRType::TXT, .rrclass = dns::RRClass::CH}; }

// The first text of the answer.
std::string textOf(const dns::Message& answer) {
  REQUIRE(answer.answer.size() == 1);
  const auto rdata = answer.answer[0].front();
  return std::string(reinterpret_cast<const char*>(rdata.data()) + 1, rdata.size() - 1);
}

AnchorSnapshot someAnchors() {
  auto anchors = givenAnchors(builtInLuaConfig());
  anchors.negative[name("b.example")] = {"", std::nullopt};
  anchors.negative[name("a.example")] = {"broken by", std::nullopt};
  anchors.negative[name("c.example")] = {"over", base::WallTime(std::chrono::seconds(100))};
  return anchors;
}

std::string answer(const char* qname, const AnchorSnapshot& anchors) {
  const auto set = anchorAnswer(name(qname), anchors, base::WallTime(std::chrono::seconds(100)));
  if (!set) return "none";
  return *set ? set->text() : "empty";
}

} // namespace

TEST_CASE("positive anchors are told with their key tags") {
  CHECK(answer("TrustAnchor.server", someAnchors()) == "TrustAnchor.server.\t86400\tCH\tTXT\t\". 20326 38696\"\n");
}

TEST_CASE("negative anchors are told with their reason, as long as they last") {
  CHECK(answer("negativetrustanchor.server", someAnchors()) ==
        "negativetrustanchor.server.\t86400\tCH\tTXT\t\"a.example. broken by\"\n"
        "negativetrustanchor.server.\t86400\tCH\tTXT\t\"b.example.\"\n");
  CHECK(answer("negativetrustanchor.server", {}) == "empty");
}

TEST_CASE("other names are not ours") {
  CHECK(answer("server", someAnchors()) == "none");
  CHECK(answer("x.trustanchor.server", someAnchors()) == "none");
}

TEST_CASE("the trust anchors are told only when that is allowed") {
  Bench closed;
  CHECK(closed.ask(chaos("trustanchor.server")).header.rcode == RCode::Refused);
  Bench open([](Settings& settings) { settings.allowTrustAnchorQuery = true; });
  CHECK(textOf(open.ask(chaos("trustanchor.server"))) == ". 20326 38696");
  const auto none = open.ask(chaos("negativetrustanchor.server"));
  CHECK(none.header.rcode == RCode::NoError);
  CHECK(none.answer.empty());
  open.anchors.addNegative(name("a.example"), {"broken", std::nullopt});
  CHECK(textOf(open.ask(chaos("negativetrustanchor.server"))) == "a.example. broken");
  CHECK(open.ask(chaos("authors.bind")).header.rcode == RCode::Refused);
}

TEST_CASE("the root key sentinel turns secure answers into failures when its statement is false") {
  const auto rcodeOf = [](const char* label, Security security, bool cd = false, RRType type = RRType::A,
                          bool isOn = true) {
    Bench bench([isOn](Settings& settings) { settings.rootKeySentinel = isOn; });
    bench.resolver.make = [security](const Request& request) {
      auto outcome = positive(request.question.name.text());
      outcome.security = security;
      return outcome;
    };
    Ask question{.name = std::string(label) + ".example", .type = type};
    question.header.cd = cd;
    return bench.ask(question).header.rcode;
  };
  CHECK(rcodeOf("root-key-sentinel-is-ta-20326", Security::Secure) == RCode::NoError);
  CHECK(rcodeOf("root-key-sentinel-not-ta-20326", Security::Secure) == RCode::ServFail);
  CHECK(rcodeOf("root-key-sentinel-is-ta-00001", Security::Secure) == RCode::ServFail);
  CHECK(rcodeOf("root-key-sentinel-is-ta-00001", Security::Secure, true) == RCode::NoError);
  CHECK(rcodeOf("root-key-sentinel-is-ta-00001", Security::Insecure) == RCode::NoError);
  CHECK(rcodeOf("root-key-sentinel-is-ta-00001", Security::Secure, false, RRType::TXT) == RCode::NoError);
  CHECK(rcodeOf("root-key-sentinel-is-ta-00001", Security::Secure, false, RRType::A, false) == RCode::NoError);
}
