// What the router knows without asking: the quick way for ordinary links and the way that every link can go give the
// same outcome.
#include "tests/recursor/resolve/smallinternet.hh"

#include "lib/dns/presentation.hh"

using namespace rec;
using namespace rectest;
using dns::RRType;

namespace {

std::string textOf(const std::vector<AgedRRset>& section) {
  std::string text;
  for (const AgedRRset& set : section) {
    text += set.rrset.text() + " " + std::to_string(set.ttl) + " of " + std::to_string(set.originalTtl) + "\n";
  }
  return text;
}

std::string textOf(const Outcome& outcome) {
  std::string text = dns::text(outcome.rcode) + " " + std::string(rec::text(outcome.security)) + " kind " +
                     std::to_string(static_cast<int>(outcome.kind)) + (outcome.authoritative ? " aa" : "") +
                     (outcome.cacheable ? " cacheable" : "") + (outcome.scope ? " scoped" : "") + "\n";
  text += textOf(outcome.answer) + "--\n" + textOf(outcome.authority) + "--\n" + textOf(outcome.additional);
  for (const dns::ExtendedError& error : outcome.errors) {
    text += std::to_string(static_cast<int>(error.code)) + " " + error.text + "\n";
  }
  return text;
}

// A router of whose caches the tests know what is in them.
struct Known : SmallInternet {
  void store(const std::string& line, Security security = Security::Insecure, Rank rank = Rank::AnswerAuth) {
    REQUIRE(records.store(rrset(line), rank, security, loop.wall()));
  }
  void storeMade(const std::string& owner, RRType type, const std::vector<std::string>& rdatas, unsigned labels,
                 Security security) {
    dns::RRsetBuilder builder(name(owner), type, dns::RRClass::IN, 300);
    for (const std::string& rdata : rdatas) {
      const auto one = dns::parseRecord(owner + " 300 IN " + dns::text(type) + " " + rdata, dns::Name(), 300);
      REQUIRE(one);
      builder.add(one->front());
    }
    const auto signature =
        dns::parseRecord(owner + " 300 IN RRSIG " + dns::text(type) + " 13 " + std::to_string(labels) +
                             " 300 20360101000000 20250101000000 1 example.com. AAAA",
                         dns::Name(), 300);
    REQUIRE(signature);
    builder.addSignature(signature->front());
    REQUIRE(records.store(builder.build(), Rank::AnswerAuth, security, loop.wall()));
  }
  void deny(const std::string& owner, RRType type, bool nxdomain, Security security = Security::Insecure) {
    Negative negative;
    negative.name = name(owner);
    negative.nxdomain = nxdomain;
    negative.soa = rrset("example.com. 60 IN SOA ns.test. host.test. 1 2 3 4 60");
    negative.ttl = 60;
    negative.security = security;
    negatives.store(negative, type, loop.wall());
  }
  Request requestFor(const dns::Question& asked, Checking checking) {
    Request request;
    request.question = asked;
    request.checking = checking;
    request.dnssecOk = true;
    request.deadline = loop.now() + options->maxTotal;
    return request;
  }
  coro::Task<void> ask(Request request, std::shared_ptr<std::optional<Outcome>> to) {
    auto outcome = co_await router.resolve(std::move(request));
    *to = std::move(outcome);
  }
  // By the way on which links are Lookups.
  std::string atLength(const Request& request) {
    auto outcome = std::make_shared<std::optional<Outcome>>();
    roots.spawn(ask(request, outcome));
    drive();
    REQUIRE(*outcome);
    return textOf(**outcome);
  }
  // "not known", or what both ways say.
  std::string known(const dns::Question& asked, Checking checking = Checking::None) {
    const Request request = requestFor(asked, checking);
    const auto quick = router.fromCache(request);
    if (!quick) {
      return "not known";
    }
    INFO(asked.name.text() << " " << dns::text(asked.type));
    internet.forget();
    const std::string text = textOf(*quick);
    CHECK(text == atLength(request));
    return text;
  }
  bool isKnown(const std::string& owner, RRType type = RRType::A, Checking checking = Checking::None) {
    return known(question(owner, type), checking) != "not known";
  }
};

} // namespace

TEST_CASE("records of all kinds are the same on both ways") {
  Known bench;
  bench.store("one.example.com. 300 IN A 192.0.2.1");
  bench.store("mx.example.com. 300 IN MX 10 one.example.com.", Security::Secure);
  bench.store("txt.example.com. 300 IN TXT \"a\" \"b\"", Security::Bogus);
  bench.store("glue.example.com. 300 IN A 192.0.2.9", Security::Insecure, Rank::Additional);
  bench.store("unjudged.example.com. 300 IN A 192.0.2.9", Security::Indeterminate);
  bench.store("alias.one.example.com. 300 IN CNAME one.example.com.");
  bench.storeMade("many.example.com.", RRType::AAAA, {"2001:db8::1", "2001:db8::2", "2001:db8::3"}, 3,
                  Security::Secure);
  bench.clock.advance(std::chrono::seconds(100));
  CHECK(bench.isKnown("one.example.com"));
  CHECK(bench.isKnown("ONE.Example.com"));
  CHECK(bench.isKnown("mx.example.com", RRType::MX, Checking::Enforce));
  CHECK(bench.isKnown("txt.example.com", RRType::TXT));
  CHECK(bench.isKnown("txt.example.com", RRType::TXT, Checking::Report));
  CHECK_FALSE(bench.isKnown("txt.example.com", RRType::TXT, Checking::Enforce));
  CHECK_FALSE(bench.isKnown("glue.example.com"));
  CHECK(bench.isKnown("unjudged.example.com"));
  CHECK_FALSE(bench.isKnown("unjudged.example.com", RRType::A, Checking::Enforce));
  CHECK(bench.isKnown("alias.one.example.com", RRType::CNAME));
  CHECK(bench.isKnown("many.example.com", RRType::AAAA, Checking::Enforce));
  bench.clock.advance(std::chrono::seconds(200));
  CHECK_FALSE(bench.isKnown("one.example.com")); // over
}

TEST_CASE("chains of aliases are the same on both ways, whatever they end with") {
  Known bench;
  bench.store("one.example.com. 300 IN A 192.0.2.1", Security::Secure);
  bench.store("a.example.com. 200 IN CNAME b.example.com.", Security::Secure);
  bench.store("b.example.com. 100 IN CNAME one.example.com.");
  bench.store("nowhere.example.com. 300 IN CNAME missing.example.com.");
  bench.store("denied.example.com. 300 IN CNAME no.example.com.");
  bench.store("empty.example.com. 300 IN CNAME one.example.com.");
  bench.store("ring.example.com. 300 IN CNAME gnir.example.com.");
  bench.store("gnir.example.com. 300 IN CNAME ring.example.com.");
  bench.deny("no.example.com", RRType::A, true);
  bench.deny("one.example.com", RRType::AAAA, false);
  CHECK(bench.isKnown("a.example.com", RRType::A, Checking::Enforce));
  CHECK(bench.isKnown("b.example.com"));
  CHECK_FALSE(bench.isKnown("nowhere.example.com"));
  CHECK(bench.isKnown("denied.example.com"));
  CHECK(bench.isKnown("empty.example.com", RRType::AAAA));
  CHECK_FALSE(bench.isKnown("ring.example.com")); // resolve() explains it
  bench.options->limits.maxCnames = 1;
  CHECK_FALSE(bench.isKnown("a.example.com"));
}

TEST_CASE("denials, wildcards, failures and what is local are the same on both ways") {
  Known bench;
  bench.deny("no.example.com", RRType::A, true, Security::Secure);
  bench.deny("half.example.com", RRType::A, false);
  bench.storeMade("any.w.example.com.", RRType::A, {"192.0.2.7"}, 3, Security::Secure);
  bench.storeMade("bare.w.example.com.", RRType::A, {"192.0.2.7"}, 3, Security::Secure);
  bench.wildcards.store(name("any.w.example.com"), RRType::A, {rrset("a.example.com. 60 IN NSEC z.example.com. A")},
                        300, bench.loop.wall());
  bench.failures.store(name("broken.example.com"), RRType::A, {{dns::EdeCode::NetworkError, "nobody there"}},
                       bench.loop.wall());
  CHECK(bench.isKnown("no.example.com", RRType::A, Checking::Enforce));
  CHECK(bench.isKnown("half.example.com"));
  CHECK_THAT(bench.known(question("any.w.example.com"), Checking::Enforce), Catch::Contains("NSEC"));
  CHECK_FALSE(bench.isKnown("bare.w.example.com")); // without the proof it is not whole
  CHECK(bench.isKnown("broken.example.com"));
  LocalZoneOptions local;
  local.specialNames = {name("localhost"), name("invalid")};
  bench.store("host.invalid. 300 IN A 192.0.2.1");
  bench.router.replace(bench.options, *LocalZones::load(local));
  CHECK_THAT(bench.known(question("host.invalid")), Catch::StartsWith("NXDOMAIN"));
  CHECK_THAT(bench.known(question("localhost")), Catch::Contains("127.0.0.1"));
}

TEST_CASE("DNS64 makes the same of what is cached on both ways") {
  Known bench;
  bench.options->dns64 = Dns64Prefix(*base::Netmask::parse("64:ff9b::/96"));
  bench.store("one.example.com. 300 IN A 192.0.2.1");
  bench.store("a.example.com. 200 IN CNAME one.example.com.");
  bench.deny("one.example.com", RRType::AAAA, false);
  CHECK_THAT(bench.known(question("one.example.com", RRType::AAAA)), Catch::Contains("64:ff9b"));
  CHECK_THAT(bench.known(question("a.example.com", RRType::AAAA)), Catch::Contains("64:ff9b"));
  CHECK(bench.isKnown("one.example.com"));
}
