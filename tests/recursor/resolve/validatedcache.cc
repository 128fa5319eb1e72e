// What caches make of validated answers: verdicts, bogus data and proofs are kept, for how long, and for whom.
#include <catch2/catch.hpp>

#include "tests/recursor/resolve/baddata.hh"

using namespace rectest;
using dns::RCode;
using dns::RRType;
using rec::Checking;
using rec::Security;

TEST_CASE("what is bogus is remembered with its explanation, and is no failure for those who check for themselves") {
  SignedWorld world;
  world.onExample(SignedWorld::onlyFor("www.example.test.", RRType::A, forge));
  const Result first = world.ask("www.example.test.");
  CHECK(isBogus(first));
  world.internet.forget();
  const Result again = world.ask("www.example.test.");
  CHECK(again.outcome.rcode == RCode::ServFail);
  CHECK(again.outcome.kind == rec::AnswerKind::CachedFailure);
  REQUIRE(!again.outcome.errors.empty());
  CHECK(again.outcome.errors.front().text == first.outcome.errors.front().text);
  CHECK(world.internet.asked().empty());
  SECTION("CD has the data") {
    const Result data = world.ask(question("www.example.test."), Checking::None);
    CHECK(data.answer() == "www.example.test. A 192.0.2.80\n");
    CHECK(data.outcome.security != Security::Secure);
    world.records.wipe(name("www.example.test."), false); // fetched anew for CD, it is still known as bogus
    static_cast<void>(world.ask(question("www.example.test."), Checking::None));
    world.internet.forget();
    const Result after = world.ask("www.example.test.");
    CHECK(after.outcome.kind == rec::AnswerKind::CachedFailure);
    CHECK(world.internet.asked().empty());
  }
  SECTION("and so has log-fail") {
    const Result data = world.ask(question("www.example.test."), Checking::Report);
    CHECK(data.answer() == "www.example.test. A 192.0.2.80\n");
    CHECK(data.outcome.security == Security::Bogus);
    world.internet.forget(); // which does not make it less bogus for others
    CHECK(world.ask("www.example.test.").outcome.kind == rec::AnswerKind::CachedFailure);
    CHECK(world.internet.asked().empty());
  }
}

TEST_CASE("data that is there is not refused because it could not be had a moment ago") {
  SignedWorld world;
  REQUIRE(world.ask(question("www.example.test."), Checking::None).outcome.rcode == RCode::NoError);
  world.failures.store(name("www.example.test."), RRType::A, {{dns::EdeCode::NoReachableAuthority, "silent"}},
                       world.clock.wall());
  CHECK(world.ask("www.example.test.").outcome.security == Security::Secure);
}

TEST_CASE("what came for a CD question is judged before it answers another") {
  SignedWorld world;
  world.onExample(SignedWorld::onlyFor("www.example.test.", RRType::A, forge));
  world.onExample(SignedWorld::onlyFor("no.example.test.", RRType::A, strip));
  CHECK(world.ask(question("www.example.test."), Checking::None).outcome.rcode == RCode::NoError);
  CHECK(world.ask(question("no.example.test."), Checking::None).outcome.rcode == RCode::NXDomain);
  CHECK(world.ask(question("mail.example.test."), Checking::None).outcome.security == Security::Indeterminate);
  CHECK(isBogus(world.ask("www.example.test.")));
  CHECK(isBogus(world.ask("no.example.test.")));
  CHECK(world.securityOf("mail.example.test.") == Security::Secure);
}

TEST_CASE("the verdict is kept: a second client has it without a question or a check") {
  SignedWorld world;
  CHECK(world.securityOf("www.example.test.") == Security::Secure);
  CHECK(world.securityOf("no.example.test.") == Security::Secure);
  world.internet.forget();
  const auto before = world.counters.get(rec::Metric::DnssecValidations);
  CHECK(world.securityOf("www.example.test.") == Security::Secure);
  CHECK(world.securityOf("no.example.test.") == Security::Secure);
  CHECK(world.internet.asked().empty());
  CHECK(world.counters.get(rec::Metric::DnssecValidations) == before);
}

TEST_CASE("a set that was proven is not undone by a copy of it whose signatures are bad") {
  SignedWorld world;
  CHECK(world.securityOf("www.example.test.") == Security::Secure);
  const auto now = world.loop.wall();
  const auto held = world.records.find(name("www.example.test."), RRType::A, now);
  REQUIRE(held);
  CHECK_FALSE(world.records.judge(forged(held->rrset), Security::Bogus, now));
  CHECK_FALSE(world.records.judge(held->rrset.withoutSignatures(), Security::Bogus, now));
  CHECK(world.records.find(name("www.example.test."), RRType::A, now)->security == Security::Secure);
}

TEST_CASE("a wildcard is kept no longer than what it was made from") {
  SignedWorld world;
  world.ask(question("x.wild.example.test."), Checking::None);
  world.pass(std::chrono::seconds(200));
  CHECK(world.securityOf("x.wild.example.test.") == Security::Secure);
  const auto held = world.records.find(name("*.wild.example.test."), RRType::A, world.loop.wall());
  REQUIRE(held);
  CHECK(held->ttl <= 100);
}

TEST_CASE("sets live no longer than their signatures, nor do denials") {
  SignedWorld world;
  world.onExample([&](const rec::ServerQuestion&, dns::Message& into) {
    for (auto* section : {&into.answer, &into.authority}) {
      for (dns::RRset& set : *section) {
        if (set.signatureCount() > 0 && set.type() != RRType::DNSKEY) {
          set = world.example->signer().signedSet(set.withoutSignatures(),
                                                  [](auto& fields) { fields.expiration = fields.inception + 20; });
        }
      }
    }
  });
  const Result result = world.ask("www.example.test.");
  CHECK(result.outcome.security == Security::Secure);
  CHECK(result.outcome.answer.front().ttl <= 20);
  CHECK(world.ask("no.example.test.").outcome.security == Security::Secure);
  world.pass(std::chrono::seconds(21));
  CHECK_FALSE(world.records.find(name("www.example.test."), RRType::A, world.loop.wall()));
  CHECK_FALSE(world.aggressive.find(name("nope.example.test."), RRType::A, world.loop.wall()));
}

TEST_CASE("what ended at the limits of one question is kept for nobody") {
  SignedWorld world;
  CHECK(world.securityOf("mail.example.test.") == Security::Secure);
  world.options->limits.maxSignatureChecks = 1;
  world.options->validation.signatures.maxSignatures = 0;
  world.onExample(SignedWorld::onlyFor("www.example.test.", RRType::A, [&](dns::Message& into) {
    const dns::RRset good = into.answer.front();
    const dns::RRset bad = forged(good);
    into.answer = {dnssectest::withSignatures(
        good, {dnssectest::Octets((*bad.signatures().begin()).begin(), (*bad.signatures().begin()).end()),
               dnssectest::Octets((*good.signatures().begin()).begin(), (*good.signatures().begin()).end())})};
  }));
  const Result limited = world.ask("www.example.test.");
  CHECK(isBogus(limited));
  CHECK_FALSE(world.failures.find(name("www.example.test."), RRType::A, world.loop.wall()));
  world.options->limits.maxSignatureChecks = 10;
  CHECK(world.securityOf("www.example.test.") == Security::Secure);
}

TEST_CASE("expired data does not stand in for what fails validation") {
  SignedWorld world;
  world.options->staleKept = true;
  world.allowStale = false;
  CHECK(world.securityOf("www.example.test.", RRType::AAAA) == Security::Secure);
  CHECK(world.securityOf("www.example.test.") == Security::Secure);
  world.onExample(SignedWorld::onlyFor("www.example.test.", RRType::A, [](dns::Message& into) {
    into = message("aa NXDOMAIN\nauthority\nexample.test. 900 IN SOA n. h. 1 2 3 4 600\n");
  }));
  world.pass(std::chrono::seconds(301));
  CHECK(isBogus(world.ask("www.example.test.")));
}

TEST_CASE("secure data is renewed with the same records and signatures, and stays secure") {
  SignedWorld world;
  CHECK(world.securityOf("www.example.test.") == Security::Secure);
  world.pass(std::chrono::seconds(280));
  world.renew = 10;
  CHECK(world.securityOf("www.example.test.") == Security::Secure);
  world.renew = 0;
  world.pass(std::chrono::seconds(100));
  world.internet.forget();
  const Result later = world.ask("www.example.test.");
  CHECK(later.outcome.kind == rec::AnswerKind::RecordCache);
  CHECK(later.outcome.security == Security::Secure);
  CHECK(later.outcome.answer.front().ttl == 200);
  CHECK(world.internet.asked().empty());
}

TEST_CASE("bogus data that a renewal brings does not take the place of what was secure") {
  SignedWorld world;
  CHECK(world.securityOf("www.example.test.") == Security::Secure);
  world.pass(std::chrono::seconds(280));
  world.onExample(SignedWorld::onlyFor("www.example.test.", RRType::A, forge));
  world.renew = 10;
  CHECK(isBogus(world.ask("www.example.test.")));
  world.renew = 0;
  const Result old = world.ask("www.example.test.");
  CHECK(old.outcome.security == Security::Secure);
  CHECK(old.answer() == "www.example.test. A 192.0.2.80\n");
}
