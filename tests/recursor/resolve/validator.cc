// Answers over a signed internet: what is secure, insecure and bogus, what the caches make of it, and what no forger
// may bring about.
#include <catch2/catch.hpp>

#include "tests/lib/dnssec/denialzone.hh"
#include "tests/recursor/resolve/signedworld.hh"

using namespace rectest;
using dns::RCode;
using dns::RRType;
using rec::Checking;
using rec::Security;

namespace {

bool isBogus(const Result& result) {
  return result.outcome.rcode == RCode::ServFail && result.outcome.security == Security::Bogus;
}

void strip(dns::Message& into) { stripSignatures(into); }
void forge(dns::Message& into) {
  for (dns::RRset& set : into.answer) {
    set = forged(set);
  }
}
void expire(dns::Message& into, const SignedZone& by) {
  for (dns::RRset& set : into.answer) {
    set = by.signer().signedSet(set.withoutSignatures(), [](auto& fields) {
      fields.inception -= 864000;
      fields.expiration = fields.inception + 86400;
    });
  }
}

} // namespace

TEST_CASE("answers of signed zones are secure: records, aliases, denials, empty non-terminals") {
  SignedWorld world;
  CHECK(world.securityOf("www.example.test.") == Security::Secure);
  CHECK(world.securityOf("alias.example.test.") == Security::Secure);
  CHECK(world.securityOf("x.old.example.test.") == Security::Secure);
  CHECK(world.securityOf("www.old.example.test.") == Security::Secure);
  CHECK(world.securityOf("www.example.test.", RRType::AAAA) == Security::Secure);
  CHECK(world.securityOf("b.c.example.test.") == Security::Secure);
  CHECK(world.securityOf("no.example.test.") == Security::Secure);
  CHECK(world.securityOf("example.test.", RRType::DNSKEY) == Security::Secure);
  CHECK(world.securityOf("example.test.", RRType::SOA) == Security::Secure);
  CHECK(world.securityOf(".", RRType::DNSKEY) == Security::Secure);
}

TEST_CASE("DS questions are answered and judged at the parent, the root's own too") {
  SignedWorld world;
  CHECK(world.securityOf("example.test.", RRType::DS) == Security::Secure);
  const Result none = world.ask("plain.test.", RRType::DS);
  CHECK(none.outcome.security == Security::Secure);
  CHECK(none.outcome.answer.empty());
  CHECK(world.securityOf("www.example.test.", RRType::DS) == Security::Secure);
  CHECK(world.securityOf(".", RRType::DS) == Security::Secure);
  CHECK(world.securityOf("beside.test.", RRType::DS) == Security::Secure);
}

TEST_CASE("what lies below a proven insecure delegation is insecure, and a chain is no better than its worst link") {
  SignedWorld world;
  CHECK(world.securityOf("www.plain.test.") == Security::Insecure);
  CHECK(world.securityOf("no.plain.test.") == Security::Insecure);
  CHECK(world.securityOf("plainalias.example.test.") == Security::Insecure);
  CHECK(world.securityOf("alias.plain.test.") == Security::Insecure);
}

TEST_CASE("zones beside their parent on its own servers: nobody ever referred to them") {
  SignedWorld world;
  world.internet.serve("192.0.2.2", "unsigned.test. 900 IN SOA a.nic.test. host.nic.test. 1 2 3 4 60\n"
                                    "unsigned.test. 900 IN NS a.nic.test.\nwww.unsigned.test. 300 IN A 192.0.2.91\n");
  world.internet.rewrite("192.0.2.2", [](const rec::ServerQuestion& asked, dns::Message& into) {
    if (asked.question.name == name("www.unsigned.test.") && asked.question.type == RRType::A) {
      into = message("aa\nanswer\nwww.unsigned.test. 300 IN A 192.0.2.91\n");
      into.question = asked.question;
    }
  });
  CHECK(world.securityOf("www.beside.test.") == Security::Secure);
  const Result result = world.ask("www.unsigned.test.");
  CHECK(result.outcome.security == Security::Insecure);
  CHECK(result.answer() == "www.unsigned.test. A 192.0.2.91\n");
}

TEST_CASE("signatures that were taken away, bent, expired or made by strangers do not pass, and are told apart") {
  SignedWorld world;
  SECTION("taken away") {
    world.onExample(SignedWorld::onlyFor("www.example.test.", RRType::A, strip));
    const Result result = world.ask("www.example.test.");
    CHECK(isBogus(result));
    CHECK(result.has(dns::EdeCode::RrsigsMissing));
  }
  SECTION("bent") {
    world.onExample(SignedWorld::onlyFor("www.example.test.", RRType::A, forge));
    const Result result = world.ask("www.example.test.");
    CHECK(isBogus(result));
    CHECK(result.has(dns::EdeCode::DnssecBogus));
  }
  SECTION("expired") {
    world.onExample(SignedWorld::onlyFor("www.example.test.", RRType::A,
                                         [&](dns::Message& into) { expire(into, *world.example); }));
    const Result result = world.ask("www.example.test.");
    CHECK(isBogus(result));
    CHECK(result.has(dns::EdeCode::SignatureExpired));
  }
  SECTION("by the zone above, by a name that is no zone, by a stranger") {
    const std::string signer = GENERATE("test.", ".", "www.example.test.", "com.");
    const dnssectest::Signer other(signer, 2);
    world.onExample(SignedWorld::onlyFor("www.example.test.", RRType::A, [&](dns::Message& into) {
      into.answer = {other.signedSet(into.answer.front().withoutSignatures())};
    }));
    INFO(signer);
    CHECK(isBogus(world.ask("www.example.test.")));
  }
  SECTION("all that a zone says, its referrals included") {
    world.internet.rewrite("192.0.2.2", [](const rec::ServerQuestion&, dns::Message& into) { strip(into); });
    world.onExample([](const rec::ServerQuestion&, dns::Message& into) { strip(into); });
    CHECK(isBogus(world.ask("www.example.test.")));
    CHECK(isBogus(world.ask("www.plain.test."))); // not insecure: nothing proves it
  }
}

TEST_CASE("denials without proof, or with the proof of something else, are bogus") {
  SignedWorld world;
  SECTION("none") {
    world.onExample(SignedWorld::onlyFor("no.example.test.", RRType::A, [](dns::Message& into) {
      std::erase_if(into.authority, [](const dns::RRset& set) { return set.type() == RRType::NSEC; });
    }));
    const Result result = world.ask("no.example.test.");
    CHECK(isBogus(result));
    CHECK(result.has(dns::EdeCode::NsecMissing));
  }
  SECTION("of another name") {
    world.onExample(SignedWorld::onlyFor("www.example.test.", RRType::A, [&](dns::Message& into) {
      into = world.example->answer(question("no.example.test."));
    }));
    CHECK(isBogus(world.ask("www.example.test.")));
  }
  SECTION("no data out of no name") {
    world.onExample(SignedWorld::onlyFor("no.example.test.", RRType::A,
                                         [](dns::Message& into) { into.header.rcode = RCode::NoError; }));
    CHECK(isBogus(world.ask("no.example.test.")));
  }
  SECTION("the parent's record about the cut") {
    world.onExample(SignedWorld::onlyFor("no.example.test.", RRType::A, [&](dns::Message& into) {
      into = world.top->answer(question("example.test.", RRType::DS));
      into.answer.clear();
      into.header.rcode = RCode::NXDomain;
      into.authority = {world.example->sign(rrset("example.test. 900 IN SOA n. h. 1 2 3 4 60")),
                        world.top->nsec(name("example.test."))};
    }));
    CHECK(isBogus(world.ask("no.example.test.")));
  }
}

TEST_CASE("an answer to a question for signatures says nothing of other types unless it is proven") {
  SignedWorld world;
  SECTION("no name") {
    world.onExample(SignedWorld::onlyFor("www.example.test.", RRType::RRSIG, [](dns::Message& into) {
      into = message("aa NXDOMAIN\nauthority\nexample.test. 900 IN SOA n. h. 1 2 3 4 600\n");
    }));
  }
  SECTION("an alias") {
    world.onExample(SignedWorld::onlyFor("www.example.test.", RRType::RRSIG, [](dns::Message& into) {
      into = message("aa\nanswer\nwww.example.test. 900 IN CNAME www.plain.test.\n");
    }));
  }
  static_cast<void>(world.ask("www.example.test.", RRType::RRSIG));
  const Result result = world.ask("www.example.test.");
  CHECK(result.answer() == "www.example.test. A 192.0.2.80\n");
  CHECK(result.outcome.security == Security::Secure);
}

TEST_CASE("one broken server among good ones is passed over") {
  SignedWorld world;
  SECTION("its signatures are bad") {
    world.internet.rewrite("192.0.2.11", [](const rec::ServerQuestion&, dns::Message& into) { forge(into); });
  }
  SECTION("it knows nothing of signatures") {
    world.internet.rewrite("192.0.2.11", [](const rec::ServerQuestion&, dns::Message& into) { strip(into); });
  }
  for (const char* owner : {"www.example.test.", "mail.example.test.", "alias.example.test.", "no.example.test.",
                            "x.wild.example.test.", "a.b.c.example.test."}) {
    const Result result = world.ask(owner);
    INFO(owner << " " << result.why());
    CHECK(result.outcome.security == Security::Secure);
  }
}

TEST_CASE("an answer without EDNS, after a lost packet, is asked for again before anybody is blamed") {
  SignedWorld world;
  REQUIRE(world.ask("mail.example.test.").outcome.security == Security::Secure);
  world.internet.losePacket("192.0.2.11");
  world.internet.losePacket("192.0.2.12");
  const Result result = world.ask("www.example.test.");
  INFO(result.why());
  CHECK(result.outcome.security == Security::Secure);
  CHECK(world.internet.count("www.example.test.") <= 4); // each server once without EDNS and once with
}

TEST_CASE("the agent that a zone names hears of data that failed validation, when it is to be told (RFC 9567)") {
  const bool told = GENERATE(false, true);
  SignedWorld world;
  world.options->validation.reportErrors = told;
  world.onExample([](const rec::ServerQuestion&, dns::Message& into) {
    into.edns.emplace().reportChannel = name("agent.plain.test");
    if (!into.answer.empty() && into.answer.front().type() == dns::RRType::A) {
      strip(into);
    }
  });
  CHECK(world.ask("www.example.test.").outcome.rcode == dns::RCode::ServFail);
  world.drive();
  CHECK(world.internet.count("_er.1.www.example.test.10._er.agent.plain.test.") == (told ? 1 : 0));
}

TEST_CASE("no more servers are asked than dnssec-server-retries allows") {
  SignedWorld world;
  world.options->validation.serverRetries = 0;
  world.onExample(SignedWorld::onlyFor("www.example.test.", RRType::A, forge));
  CHECK(isBogus(world.ask("www.example.test.")));
  CHECK(world.internet.count("www.example.test.") == 1);
}

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

TEST_CASE("answers from wildcards need the proof that nothing is closer") {
  SignedWorld world;
  SECTION("with it") {
    CHECK(world.securityOf("x.wild.example.test.") == Security::Secure);
    CHECK(world.securityOf("x.cwild.example.test.") == Security::Secure);
    CHECK(world.securityOf("x.wild.example.test.", RRType::AAAA) == Security::Secure);
    SECTION("and have it from the cache, too") {
      world.internet.forget();
      const Result again = world.ask("x.wild.example.test.");
      CHECK(again.outcome.security == Security::Secure);
      CHECK(again.outcome.authority.size() == 1);
      CHECK(world.internet.asked().empty());
    }
  }
  SECTION("without it") {
    world.onExample(
        SignedWorld::onlyFor("x.wild.example.test.", RRType::A, [](dns::Message& into) { into.authority.clear(); }));
    CHECK(isBogus(world.ask("x.wild.example.test.")));
  }
  SECTION("in place of what exists") {
    world.onExample(SignedWorld::onlyFor("www.example.test.", RRType::A, [&](dns::Message& into) {
      into = world.example->answer(question("x.wild.example.test."));
      into.answer.front() = into.answer.front().withOwner(name("www.example.test."));
    }));
    CHECK(isBogus(world.ask("www.example.test.")));
  }
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

TEST_CASE("records of a denial that prove nothing are not handed on as proven") {
  SignedWorld world;
  const char* junk = "zz.example.test. 60 IN NSEC zzz.example.test. A";
  world.onExample([&](const rec::ServerQuestion&, dns::Message& into) {
    if (!into.authority.empty()) {
      into.authority.push_back(rrset(junk));
    }
  });
  const auto hasJunk = [](const Result& result) {
    return std::any_of(result.outcome.authority.begin(), result.outcome.authority.end(),
                       [](const rec::AgedRRset& set) { return set.rrset.ownerIs(name("zz.example.test.")); });
  };
  for (const char* owner : {"no.example.test.", "x.wild.example.test."}) {
    const Result result = world.ask(owner);
    CHECK(result.outcome.security == Security::Secure);
    CHECK_FALSE(hasJunk(result));
    CHECK_FALSE(hasJunk(world.ask(owner)));
  }
}

TEST_CASE("denials, wildcards and aliases of wildcards are made from what was proven of other names") {
  SignedWorld world;
  CHECK(world.securityOf("no.example.test.") == Security::Secure);
  CHECK(world.securityOf("x.wild.example.test.") == Security::Secure);
  CHECK(world.securityOf("x.cwild.example.test.") == Security::Secure);
  world.internet.forget();
  const Result none = world.ask("nope.example.test.");
  CHECK(none.outcome.rcode == RCode::NXDomain);
  CHECK(none.outcome.security == Security::Secure);
  const Result made = world.ask("y.wild.example.test.");
  CHECK(made.answer() == "y.wild.example.test. A 192.0.2.84\n");
  CHECK(made.outcome.security == Security::Secure);
  CHECK(world.securityOf("y.cwild.example.test.") == Security::Secure);
  CHECK(world.internet.asked().size() <= 1); // www.example.test., at the end of the alias
}

TEST_CASE("what is denied by the world outside does not deny names that are forwarded") {
  SignedWorld world;
  rec::NegativeAnchor waived;
  world.anchors.addNegative(name("corp."), waived);
  world.options->forwards.add(rec::ForwardRule{name("corp."), {address("192.0.2.70")}, false, false});
  world.internet.serve("192.0.2.70", "corp. 900 IN SOA n.corp. h.corp. 1 2 3 4 60\nwww.corp. 300 IN A 192.0.2.71\n");
  CHECK(world.ask("aaa.").outcome.rcode == RCode::NXDomain); // and so all up to test.
  CHECK(world.ask("corp.", RRType::DS).outcome.rcode == RCode::NXDomain);
  CHECK(world.ask("www.corp.").answer() == "www.corp. A 192.0.2.71\n");
  const Result apex = world.ask("corp.", RRType::SOA);
  CHECK(apex.outcome.rcode == RCode::NoError);
  CHECK(apex.outcome.answer.size() == 1);
}

TEST_CASE("below a name that is proven not to exist nothing does (RFC 8020)") {
  SignedWorld world;
  world.options->synthesize = false;
  CHECK(world.ask("no.example.test.").outcome.rcode == RCode::NXDomain);
  world.internet.forget();
  const Result below = world.ask("a.b.no.example.test.");
  CHECK(below.outcome.rcode == RCode::NXDomain);
  CHECK(below.outcome.security == Security::Secure);
  CHECK(world.internet.asked().empty());
}

TEST_CASE("a negative trust anchor waives validation as long as it lasts") {
  SignedWorld world;
  world.onExample([](const rec::ServerQuestion&, dns::Message& into) { forge(into); });
  rec::NegativeAnchor anchor;
  anchor.until = world.loop.wall() + std::chrono::seconds(100);
  world.anchors.addNegative(name("example.test."), anchor);
  CHECK(world.securityOf("www.example.test.") == Security::Insecure);
  CHECK(world.trusts.find(name("example.test."), world.loop.wall() + std::chrono::seconds(101)) == nullptr);
  world.pass(std::chrono::seconds(101));
  CHECK(isBogus(world.ask("www.example.test.")));
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

TEST_CASE("NSEC3 with too many iterations makes denials insecure, not answers") {
  SignedWorld world;
  const denialtest::Nsec3Parameters dear{.iterations = 500};
  const dns::Name zone = name("example.test.");
  world.onExample(SignedWorld::onlyFor("no.example.test.", RRType::A, [&](dns::Message& into) {
    std::erase_if(into.authority, [](const dns::RRset& set) { return set.type() == RRType::NSEC; });
    into.authority.push_back(world.example->sign(denialtest::covering(zone, name("no.example.test."), dear)));
  }));
  const Result denied = world.ask("no.example.test.");
  CHECK(denied.outcome.security == Security::Insecure);
  CHECK(denied.has(dns::EdeCode::UnsupportedNsec3Iterations));
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
