// Answers over a signed internet: what is secure, insecure and bogus, and what no forger may bring about.
#include <catch2/catch.hpp>

#include "tests/lib/dnssec/denialzone.hh"
#include "tests/recursor/resolve/baddata.hh"

using namespace rectest;
using dns::RCode;
using dns::RRType;
using rec::Security;

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
