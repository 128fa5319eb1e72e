// The text of explanations, of the parts that it is made of, and the words of the command.
#include <catch2/catch.hpp>

#include "faketarget.hh"
#include "lib/dns/presentation.hh"
#include "recursor/control/commands.hh"
#include "recursor/control/explainadvice.hh"
#include "recursor/control/explainhooks.hh"
#include "recursor/control/explainjson.hh"
#include "recursor/control/explaintext.hh"
#include "recursor/control/json.hh"
#include "recursor/control/textrows.hh"
#include "recursor/policy/luahooks.hh"

using namespace rec;
using dns::RRType;

namespace {

dns::Name name(std::string_view text) { return dns::Name::parse(text).value(); }

// "www.example." "A" "192.0.2.1", with signatures.
dns::RRset set(std::string_view owner, RRType type, const std::vector<std::string>& rdatas,
               const std::vector<std::string>& signatures = {}) {
  dns::RRsetBuilder builder(name(owner), type, dns::RRClass::IN, 300);
  for (const auto& rdata : rdatas) builder.add(dns::parseRdata(type, rdata).value());
  for (const auto& rdata : signatures) builder.addSignature(dns::parseRdata(RRType::RRSIG, rdata).value());
  return builder.build();
}

constexpr const char* kGood = "A 13 2 300 20260110000000 20251220000000 34567 example. AAAA";
constexpr const char* kExpired = "A 13 2 300 20251225000000 20251201000000 34567 example. AAAA";
constexpr const char* kKeysSigned = "DNSKEY 13 1 300 20260110000000 20251220000000 12345 example. AAAA";

ExplainedZone secureZone(std::string_view zone) {
  auto trust = std::make_shared<ZoneTrust>();
  trust->zone = name(zone);
  trust->security = Security::Secure;
  trust->keys.keys.push_back({12345, dnssec::Algorithm::EcdsaP256Sha256, nullptr});
  ExplainedZone explained;
  explained.zone = name(zone);
  explained.trust = trust;
  explained.ds = set(zone, RRType::DS, {"12345 13 2 " + std::string(64, 'a')});
  explained.keys = set(zone, RRType::DNSKEY, {"256 3 13 AAAA", "257 3 13 AAAA"}, {kKeysSigned});
  return explained;
}

ExplainedZone zoneWith(std::string_view zone, Security security) {
  auto trust = std::make_shared<ZoneTrust>();
  trust->zone = name(zone);
  trust->security = security;
  ExplainedZone explained;
  explained.zone = name(zone);
  explained.trust = trust;
  return explained;
}

struct Explained : Explanation {
  explicit Explained(std::string_view asked = "www.example.", RRType type = RRType::A) {
    question = {name(asked), type, dns::RRClass::IN};
    isValidated = true;
    now = base::ManualClock().wall();
    links.push_back({question, {}, {}, false, std::nullopt, {}});
  }
  ExplainedLink& link() { return links.front(); }
  void found(const dns::RRset& set, Security security) {
    link().found.kind = LookupKind::Records;
    link().found.security = security;
    link().found.records.push_back({set, 300});
    outcome.security = security;
    outcome.kind = AnswerKind::Iterated;
    if (security == Security::Bogus) return;
    outcome.rcode = dns::RCode::NoError;
    outcome.answer = link().found.records;
  }
  void denied(bool nxdomain) {
    link().found.kind = nxdomain ? LookupKind::NxDomain : LookupKind::NoData;
    link().found.security = outcome.security = Security::Secure;
    link().found.negative.name = question.name;
    link().found.negative.nxdomain = nxdomain;
    outcome.rcode = nxdomain ? dns::RCode::NXDomain : dns::RCode::NoError;
  }
  [[nodiscard]] std::string text(bool withTrace = false) const { return explanationText(*this, withTrace); }
};

bool has(const std::string& text, std::string_view part) {
  UNSCOPED_INFO(text);
  return text.find(part) != std::string::npos;
}

dnssec::Finding finding(dnssec::Fault fault) {
  return {.fault = fault, .zone = name("example."), .name = name("www.example."), .type = RRType::A, .tag = 34567};
}

} // namespace

TEST_CASE("lines are wrapped at blanks and go on below their beginning") {
  CHECK(wrapped("one two", 4) == "one two\n");
  const std::string word(60, 'x');
  CHECK(wrapped(word + " " + word, 10) == word + "\n" + std::string(10, ' ') + word + "\n");
  CHECK(wrapped(std::string(200, 'x'), 4) == std::string(200, 'x') + "\n");
  CHECK(indented("a\nb\n", 2) == "  a\n  b\n");
}

TEST_CASE("a name that is too long for its column has a line of its own") {
  TextRows rows(8);
  rows.add("com.", "Secure", {"first", "  second"});
  rows.add("a-long-name.com.", "Bogus", {"why"});
  CHECK(rows.text() == "  com.    Secure     first\n"
                       "                       second\n"
                       "  a-long-name.com.\n"
                       "          Bogus      why\n");
}

TEST_CASE("a secure answer is explained from the anchor to who signed it, and needs no advice") {
  Explained explained;
  explained.found(set("www.example.", RRType::A, {"192.0.2.1"}, {kGood}), Security::Secure);
  explained.link().zones.push_back(secureZone("."));
  explained.link().zones.back().anchor = set(".", RRType::DS, {"20326 8 2 " + std::string(64, 'a')});
  explained.link().zones.push_back(secureZone("example."));
  const auto text = explained.text();
  CHECK(text.starts_with("www.example. A: NOERROR, Secure (clients get AD)\n\nAnswer from its servers, 0 ms\n"
                         "  www.example. 300 IN A 192.0.2.1\n"));
  CHECK(has(text, "trust anchor 20326 (RSASHA256 SHA256)\n"));
  CHECK(has(text, "example.    Secure     DS 12345 (ECDSAP256SHA256 SHA256)\n"));
  CHECK(has(text, " ZSK (ECDSAP256SHA256), signed by 12345 until 2026-01-10\n"));
  CHECK(has(text, "signed by key 34567 (ECDSAP256SHA256) of example., 2025-12-20 to 2026-01-10, 9 days left\n"));
  CHECK_FALSE(has(text, "Fault"));
}

TEST_CASE("of several signatures those that are in force come first") {
  Explained explained;
  explained.found(set("www.example.", RRType::A, {"192.0.2.1"}, {kExpired, kGood}), Security::Secure);
  const auto text = explained.text();
  CHECK(text.find("2026-01-10") < text.find("2025-12-25"));
}

TEST_CASE("an expired signature is named with its dates, and its owner told to sign again") {
  Explained explained;
  explained.found(set("www.example.", RRType::A, {"192.0.2.1"}, {kExpired}), Security::Bogus);
  explained.link().finding = finding(dnssec::Fault::SignatureExpired);
  explained.outcome.errors = {{dns::EdeCode::SignatureExpired, dnssec::text(explained.link().finding)}};
  const auto text = explained.text();
  CHECK(text.starts_with("www.example. A: SERVFAIL, Bogus\n"));
  CHECK(has(text, "which clients get with CD only:\n    www.example. 300 IN A 192.0.2.1\n"));
  CHECK(has(text, "extended error 7, with the text below\n"));
  CHECK(has(text, "2025-12-01 to 2025-12-25, expired 7 days"));
  CHECK(has(text, "\nFault       www.example. A: the signature of key 34567"));
  CHECK(has(text, "\nWhat to do  The owner of example. should sign it again"));
  CHECK(has(text, "rec_control add-nta example. REASON --lifetime 1d\n"));
}

TEST_CASE("every fault has advice; what is only unprotected is a note") {
  for (auto fault = dnssec::Fault::UnsupportedAlgorithm; fault <= dnssec::Fault::WorkLimit;
       fault = static_cast<dnssec::Fault>(static_cast<int>(fault) + 1)) {
    Explained explained;
    explained.link().finding = finding(fault);
    const auto advice = adviceFor(explained);
    REQUIRE(advice);
    CHECK(advice->todo.ends_with("."));
    CHECK(advice->isFailure == dnssec::isBogus(fault));
    CHECK(advice->meanwhile.empty() != dnssec::isBogus(fault));
  }
}

TEST_CASE("an unsigned delegation is shown with what proves it") {
  Explained explained;
  explained.found(set("www.example.", RRType::A, {"192.0.2.1"}), Security::Insecure);
  explained.link().zones.push_back(zoneWith("example.", Security::Insecure));
  explained.link().zones.back().proofs = {set("example.", RRType::NSEC, {"net. NS RRSIG NSEC"})};
  explained.link().zones.back().denial = dnssec::Denial::InsecureCut;
  auto text = explained.text();
  CHECK(has(text, "Insecure   because its parent has no DS, as proven by\n"));
  CHECK(has(text, "  example. NSEC net. NS RRSIG NSEC\n"));
  CHECK(has(text, "Insecure   not signed\n"));
  CHECK_FALSE(has(text, "What to do"));
  const std::string hash = "0p9mhaveqvm6t7vbl5lop2u3t2rp3tom";
  explained.link().zones.back().proofs = {set(hash + ".", RRType::NSEC3, {"1 1 0 - " + hash + " A RRSIG"})};
  CHECK(has(explained.text(), "within what NSEC3 opt-out leaves open:\n"));
}

TEST_CASE("a negative trust anchor is shown with its reason") {
  Explained explained;
  explained.found(set("www.example.", RRType::A, {"192.0.2.1"}, {kExpired}), Security::Insecure);
  auto waived = std::make_shared<ZoneTrust>();
  waived->waived = true;
  waived->zone = name("example.");
  explained.link().zones.push_back({});
  explained.link().zones.back().zone = waived->zone;
  explained.link().zones.back().trust = waived;
  explained.link().waiver = {name("example."), NegativeAnchor{"they know", std::nullopt}};
  CHECK(has(explained.text(), "Insecure   because of a negative trust anchor: they know\n"));
}

TEST_CASE("a wildcard is named with the proof that nothing closer exists") {
  Explained explained("a.b.example.");
  explained.found(set("a.b.example.", RRType::A, {"192.0.2.1"}, {kGood}), Security::Secure);
  explained.link().found.proofs = {set("a.example.", RRType::NSEC, {"c.example. A RRSIG NSEC"})};
  CHECK(has(explained.text(), "made from the wildcard *.b.example.; nothing closer exists:\n"));
  CHECK(has(explained.text(), "  a.example. NSEC c.example. A RRSIG NSEC\n"));
}

TEST_CASE("a denial is shown with the records that deny") {
  Explained explained;
  explained.denied(true);
  explained.link().found.negative.proofs = {set("a.example.", RRType::NSEC, {"z.example. A RRSIG NSEC"})};
  explained.link().found.negative.soa = set("example.", RRType::SOA, {"a. b. 1 2 3 4 5"});
  CHECK(has(explained.text(), "NXDOMAIN, Secure (clients get AD)\n"));
  CHECK(has(explained.text(), "the name does not exist, says example.\n"));
  CHECK(has(explained.text(), "  a.example. NSEC z.example. A RRSIG NSEC\n"));
  explained.denied(false);
  CHECK(explained.text().starts_with("www.example. A: NOERROR without records, Secure"));
}

TEST_CASE("silent servers are named, and so is what their operator should look at") {
  Explained explained;
  explained.outcome.errors = {{dns::EdeCode::NoReachableAuthority, "example.: 192.0.2.1 timed out after 800 ms"}};
  explained.link().zones.push_back({});
  explained.link().zones.back().zone = name("example.");
  const auto text = explained.text();
  CHECK(has(text, "No answer, 0 ms\n"));
  CHECK(has(text, "none of its servers answers\n"));
  CHECK(has(text, "\nFault       example.: 192.0.2.1 timed out after 800 ms\n"));
  CHECK(has(text, "look at the network between here and there"));
}

TEST_CASE("each alias has its part, without the zones that stand above already") {
  Explained explained;
  explained.found(set("www.example.", RRType::CNAME, {"host.example."}, {kGood}), Security::Secure);
  explained.link().zones.push_back(secureZone("example."));
  explained.links.push_back(explained.link());
  explained.links.back().question.name = name("host.example.");
  const auto text = explained.text();
  CHECK(has(text, "\nChain of trust to host.example., below what is shown already\n"));
  CHECK(text.find("DS 12345") == text.rfind("DS 12345"));
}

TEST_CASE("without validation there is no chain, and the walk comes when it is wanted") {
  Explained explained;
  explained.found(set("www.example.", RRType::A, {"192.0.2.1"}), Security::Indeterminate);
  explained.isValidated = false;
  explained.trace = std::make_shared<Trace>(base::MonoTime{});
  explained.trace->add({.kind = StepKind::Question, .name = name("www.example.")});
  CHECK(has(explained.text(), "not validated (dnssec=off)\n"));
  CHECK_FALSE(has(explained.text(), "Chain of trust"));
  CHECK_FALSE(has(explained.text(), "Walk"));
  CHECK(has(explained.text(true), "\nWalk\n     0.0 ms wanted: www.example. A\n"));
}

TEST_CASE("JSON escapes quotes, backslashes and what is not printable ASCII") {
  CHECK(jsonString("a\"b\\c\n\xe9") == R"("a\"b\\c\u000a\u00e9")");
  CHECK(jsonObject({{"a", jsonArray({"1", "2"})}, {"b", jsonBool(true)}}) == R"({"a":[1,2],"b":true})");
  CHECK(jsonArray({}) == "[]");
}

TEST_CASE("hooks of scripts are shown in the order of a question, and which of them this result passes by") {
  const ScriptHooks scripts{{"/a.lua", bitOf(LuaHook::PostResolve) | bitOf(LuaHook::NxDomain) | bitOf(LuaHook::PreRpz)},
                            {"/b.lua", bitOf(LuaHook::PreRpz) | bitOf(LuaHook::Maintenance)}};
  Outcome outcome;
  outcome.rcode = dns::RCode::NoError;
  CHECK(hooksText(scripts, outcome) ==
        "Scripts     prerpz            /a.lua: before the policies\n"
        "            prerpz            /b.lua: before the policies\n"
        "            nxdomain          /a.lua: after resolving, when there is no such name (not with this result)\n"
        "            postresolve       /a.lua: after resolving, before the policies on the answer\n"
        "            none of them was called for this explanation\n");
  outcome.rcode = dns::RCode::NXDomain;
  CHECK(
      hooksJson({{"/a.lua", bitOf(LuaHook::NxDomain)}}, outcome) ==
      R"([{"hook":"nxdomain","script":"/a.lua","stage":"after resolving, when there is no such name","asked":true}])");
  CHECK(hooksText({}, outcome).empty());
  CHECK(hooksJson({}, outcome) == "[]");
}

TEST_CASE("the same is had as JSON") {
  Explained explained;
  explained.found(set("www.example.", RRType::A, {"192.0.2.1"}, {kGood}), Security::Secure);
  explained.link().zones.push_back(secureZone("example."));
  const auto text = explanationJson(explained, false);
  CHECK(
      text.starts_with(R"({"name":"www.example.","type":"A","rcode":"NOERROR","validated":true,"security":"Secure",)"));
  CHECK(
      has(text, R"("signer":"example.","tag":34567,"algorithm":"ECDSAP256SHA256","labels":2,"inception":1766188800,)"));
  CHECK(has(text, R"("zone":"example.","security":"Secure")"));
  CHECK(has(text, R"("flags":257})"));
  CHECK_FALSE(has(text, R"("fault")"));
}

TEST_CASE("explain takes a name, a type and options in any order") {
  FakeTarget target;
  auto explanation = std::make_shared<Explained>();
  target.explanation = explanation;
  const auto run = [&](std::vector<std::string> words) {
    words.insert(words.begin(), "explain");
    return runCommand(target, words, base::Fd());
  };
  CHECK(run({"www.example"}).status == 0);
  CHECK(run({"--fresh", "www.example", "--trace", "MX"}).status == 0);
  CHECK(run({"--json", "www.example"}).text.starts_with("{"));
  CHECK(target.calls ==
        std::vector<std::string>{"explain www.example. A", "explain www.example. MX fresh", "explain www.example. A"});
  CHECK(run({"www.example", "--subnet=192.0.2.7/24"}).status == 0);
  CHECK(target.calls.back() == "explain www.example. A for 192.0.2.0/24");
  CHECK(run({"www.example", "--subnet=x"}).status == 1);
  CHECK(run({}).text == "a name is needed, and perhaps a type and a client\n");
  CHECK(run({"a", "A", "b"}).status == 1);
  CHECK(run({"a", "NOTYPE"}).text == "'NOTYPE' is not a record type\n");
  CHECK(run({"a..b"}).status == 1);
  CHECK(run({"a", "--quick"}).text == "--quick: unknown option\n");
  target.explanation = nullptr;
  CHECK(run({"a"}).text == "no explanation could be had in time\n");
}

TEST_CASE("explain tells limits that are reached and what would be taken out, as text and as JSON") {
  FakeTarget target;
  auto explanation = std::make_shared<Explained>();
  explanation->found(set("www.example.", RRType::A, {"10.1.2.3"}), Security::Insecure);
  target.explanation = explanation;
  const auto run = [&](std::vector<std::string> words) {
    words.insert(words.begin(), {"explain", "www.example", "A", "192.0.2.7"});
    return runCommand(target, words, base::Fd()).text;
  };
  CHECK_FALSE(has(run({}), "Limits"));
  CHECK_FALSE(has(run({}), "Rebinding"));
  CHECK(has(run({"--json"}), R"("limits":[],"policy":[],"hooks":[],"rebinding":null)"));

  target.limitReason = LimitReason::RandomSubdomains;
  target.crowded = name("example.");
  target.change([](Settings& settings) { settings.stopDnsRebind = "remove"; });
  CHECK(has(run({}), "Limits      beyond rate-limit-random-subdomains over UDP: limited now, unless a cache has"));
  CHECK(has(run({}), "Limits      beyond fetches-per-zone of example.: limited now, unless a cache has the answer\n"));
  CHECK(
      has(run({}), "Rebinding   10.1.2.3 of www.example. is private: such addresses are removed (stop-dns-rebind)\n"));
  CHECK(has(run({"--json"}), R"("limits":[{"limit":"rate-limit-random-subdomains","transport":"UDP","zone":null,)"
                             R"("in_force":true},{"limit":"fetches-per-zone","transport":null,"zone":"example.",)"
                             R"("in_force":true}])"));
  CHECK(has(run({"--json"}), R"("rebinding":{"address":"10.1.2.3","owner":"www.example.","action":"remove"})"));

  target.change([](Settings& settings) {
    settings.stopDnsRebind = "refuse";
    settings.rateLimiting = "log-only";
  });
  CHECK(has(run({}), "rate-limit-random-subdomains over UDP: only counted (rate-limiting=log-only)\n"));
  CHECK(has(run({"--json"}), R"("transport":"UDP","zone":null,"in_force":false})"));
  CHECK(has(run({"--json"}), R"("action":"refuse")"));
}
