// Chains of trust over a signed internet: referrals and DS that were tampered with, islands, anchors that change, how
// long trust lasts, and what merged questions owe to each other.
#include <catch2/catch.hpp>

#include "tests/recursor/resolve/signedworld.hh"

using namespace rectest;
using dns::RCode;
using dns::RRType;
using rec::Checking;
using rec::Security;
using std::chrono::seconds;

namespace {

bool isBogus(const Result& result) {
  return result.outcome.rcode == RCode::ServFail && result.outcome.security == Security::Bogus;
}

void strip(dns::Message& into) { stripSignatures(into); }
void dropDs(dns::Message& into) {
  std::erase_if(into.authority, [](const dns::RRset& set) { return set.type() == RRType::DS; });
}

// An island: test. is not trusted, island.test. is, and its child is signed.
class Island : public SignedInternet {
 public:
  Island() {
    isle->add(inner->ds());
    serve("192.0.2.1", root);
    serve("192.0.2.30", isle);
    serve("192.0.2.31", inner);
    trust(isle->ds());
  }
  Zone root = zone(R"(
    . 86400 IN SOA a.root.test. host.root.test. 1 2 3 4 60
    . 518400 IN NS a.root.test.
    a.root.test. 518400 IN A 192.0.2.1
    island.test. 3600 IN NS ns.island.test.
    ns.island.test. 3600 IN A 192.0.2.30
  )",
                   1);
  Zone isle = zone(R"(
    island.test. 900 IN SOA ns.island.test. h.island.test. 1 2 3 4 60
    island.test. 900 IN NS ns.island.test.
    ns.island.test. 900 IN A 192.0.2.30
    www.island.test. 300 IN A 192.0.2.80
    inner.island.test. 3600 IN NS ns.inner.island.test.
    ns.inner.island.test. 3600 IN A 192.0.2.31
  )",
                   5);
  Zone inner = zone(R"(
    inner.island.test. 900 IN SOA n. h. 1 2 3 4 60
    inner.island.test. 900 IN NS ns.inner.island.test.
    ns.inner.island.test. 900 IN A 192.0.2.31
    www.inner.island.test. 300 IN A 192.0.2.81
  )",
                    6);
};

} // namespace

TEST_CASE("the chain is followed from the anchor, and each zone's trust is kept") {
  SignedWorld world;
  CHECK(world.securityOf("www.example.test.") == Security::Secure);
  for (const char* zone : {".", "test.", "example.test."}) {
    INFO(zone);
    const auto trust = world.trustOf(zone);
    REQUIRE(trust);
    CHECK(trust->security == Security::Secure);
    CHECK(trust->keys.keys.size() == 1);
  }
  world.internet.forget();
  CHECK(world.securityOf("mail.example.test.") == Security::Secure);
  CHECK(world.internet.asked().size() == 1);
  CHECK(world.securityOf("www.plain.test.") == Security::Insecure);
  CHECK(world.trustOf("plain.test.")->security == Security::Insecure);
}

TEST_CASE("without an anchor nothing is secure, and nothing is bogus") {
  SignedInternet world;
  const auto root = SignedInternet::zone(kSignedRoot, 1);
  world.serve("192.0.2.1", root);
  CHECK(world.securityOf(".", RRType::SOA) == Security::Insecure);
  CHECK(world.securityOf("no.") == Security::Insecure);
}

TEST_CASE("a referral whose DS was taken away does not make a zone insecure") {
  SignedWorld world;
  SECTION("the parent tells when it is asked") {
    world.internet.rewrite("192.0.2.2", [](const rec::ServerQuestion& asked, dns::Message& into) {
      if (asked.question.type != RRType::DS) {
        dropDs(into);
      }
    });
    CHECK(world.securityOf("www.example.test.") == Security::Secure);
  }
  SECTION("with the denial of another delegation in its place") {
    world.internet.rewrite("192.0.2.2", [&](const rec::ServerQuestion& asked, dns::Message& into) {
      if (asked.question.type != RRType::DS && into.answer.empty()) {
        dropDs(into);
        into.authority.push_back(world.top->nsec(name("plain.test.")));
      }
    });
    CHECK(world.securityOf("www.example.test.") == Security::Secure);
  }
  SECTION("and its answers to DS questions forged, too") {
    world.internet.rewrite("192.0.2.2", [](const rec::ServerQuestion& asked, dns::Message& into) {
      dropDs(into);
      if (asked.question.type == RRType::DS && asked.question.name == name("example.test.")) {
        into = message("aa\nauthority\ntest. 900 IN SOA n. h. 1 2 3 4 60\n");
      }
    });
    world.onExample([](const rec::ServerQuestion&, dns::Message& into) { strip(into); });
    const Result result = world.ask("www.example.test.");
    CHECK(isBogus(result));
    CHECK(world.trustOf("example.test.")->security == Security::Bogus);
  }
}

TEST_CASE("a zone whose keys do not match its DS, or that has none, is bogus; another server may have them") {
  SignedWorld world;
  const SignedZone stranger(kSignedExample, 77);
  const auto otherKeys = SignedWorld::onlyFor("example.test.", RRType::DNSKEY, [&](dns::Message& into) {
    into.answer = stranger.answer(question("example.test.", RRType::DNSKEY)).answer;
  });
  SECTION("on all servers") {
    world.onExample(otherKeys);
    const Result result = world.ask("www.example.test.");
    CHECK(isBogus(result));
    CHECK(result.has(dns::EdeCode::DnskeyMissing));
    CHECK(isBogus(world.ask("no.example.test.")));
  }
  SECTION("on one") {
    world.internet.rewrite("192.0.2.11", otherKeys);
    CHECK(world.securityOf("www.example.test.") == Security::Secure);
  }
  SECTION("no keys at all") {
    world.onExample(SignedWorld::onlyFor("example.test.", RRType::DNSKEY, [&](dns::Message& into) {
      into = world.example->answer(question("example.test.", RRType::TXT));
    }));
    CHECK(isBogus(world.ask("www.example.test.")));
  }
}

TEST_CASE("a zone all of whose DS are of an unknown algorithm is insecure, and its answers say why") {
  SignedWorld world;
  world.top->add(rrset("example.test. 3600 IN DS 1 200 2 "
                       "0000000000000000000000000000000000000000000000000000000000000000"));
  const Result result = world.ask("www.example.test.");
  CHECK(result.outcome.security == Security::Insecure);
  CHECK(result.has(dns::EdeCode::UnsupportedDnskeyAlgorithm));
  CHECK(world.ask("www.example.test.").has(dns::EdeCode::UnsupportedDnskeyAlgorithm));
}

TEST_CASE("islands of security are held against the world around them") {
  Island world;
  SECTION("and their children with them") {
    CHECK(world.securityOf("www.island.test.") == Security::Secure);
    CHECK(world.securityOf("www.inner.island.test.") == Security::Secure);
    CHECK(world.securityOf("no.such.") == Security::Insecure);
  }
  SECTION("a referral past the island") {
    world.options->minimise.enabled = false;
    world.internet.rewrite("192.0.2.1", [](const rec::ServerQuestion&, dns::Message& into) {
      into = message("\nauthority\ninner.island.test. 3600 IN NS n.inner.island.test.\n"
                     "additional\nn.inner.island.test. 3600 IN A 192.0.2.99\n");
    });
    world.internet.serve("192.0.2.99", "inner.island.test. 900 IN SOA n. h. 1 2 3 4 60\n"
                                       "www.inner.island.test. 300 IN A 192.0.2.66\n");
    const Result result = world.ask("www.inner.island.test.");
    CHECK(result.outcome.security != Security::Insecure);
    CHECK(result.answer() == "");
  }
  SECTION("a DS denial in the name of a zone above") {
    const dnssectest::Signer above(".", 9);
    world.internet.rewrite("192.0.2.30", [&](const rec::ServerQuestion& asked, dns::Message& into) {
      dropDs(into);
      if (asked.question.type == RRType::DS) {
        into = message("aa\nanswer\n");
        into.authority = {above.signedSet(rrset("island.test. 900 IN SOA n. h. 1 2 3 4 60"))};
      }
    });
    world.internet.rewrite("192.0.2.31", [](const rec::ServerQuestion&, dns::Message& into) { strip(into); });
    CHECK(isBogus(world.ask("www.inner.island.test.")));
  }
}

TEST_CASE("what was being concluded when the caches were wiped is this client's answer and nobody else's") {
  SignedWorld world;
  world.onExample([&](const rec::ServerQuestion& asked, dns::Message&) {
    if (asked.question.type == RRType::DNSKEY) {
      world.trusts.wipe(dns::Name(), true);
    }
  });
  CHECK(world.securityOf("www.example.test.") == Security::Secure);
  CHECK(world.trusts.find(name("example.test."), world.loop.wall()) == nullptr);
  const auto kept = world.records.find(name("www.example.test."), RRType::A, world.loop.wall());
  REQUIRE(kept);
  CHECK(kept->security == Security::Indeterminate);
}

TEST_CASE("anchors that are given and taken while running count from the next question on") {
  SignedWorld world;
  world.anchors.onChange([&](const dns::Name& zone) {
    world.trusts.wipe(zone, true);
    world.records.wipe(zone, true);
    world.failures.wipe(zone, true);
  });
  CHECK(world.securityOf("www.plain.test.") == Security::Insecure);
  CHECK(world.securityOf("www.example.test.") == Security::Secure);
  world.trust(dnssectest::Signer("plain.test.", 50).ds());
  CHECK(isBogus(world.ask("www.plain.test.")));
  REQUIRE(world.anchors.clear(name("plain.test.")));
  CHECK(world.securityOf("www.plain.test.") == Security::Insecure);
  world.anchors.addNegative(name("test."), {});
  CHECK(world.securityOf("www.example.test.") == Security::Insecure);
  CHECK(world.anchors.clearNegative(name("test.")));
  CHECK(world.securityOf("www.example.test.") == Security::Secure);
}

TEST_CASE("trust ends with the keys it was made of, however long they were cached before") {
  SignedWorld world;
  world.example->keyTtl(600);
  static_cast<void>(world.ask(question("example.test.", RRType::DNSKEY), Checking::None));
  world.pass(seconds(500));
  CHECK(world.securityOf("www.example.test.") == Security::Secure);
  CHECK(world.trustOf("example.test."));
  world.pass(seconds(101));
  CHECK_FALSE(world.trustOf("example.test."));
}

TEST_CASE("a DS set that came with a referral counts no longer than it lives") {
  SignedWorld world;
  const auto successor = SignedInternet::zone(kSignedExample, 33);
  world.top->add(world.example->ds(300)); // the delegation itself lives for a day
  world.example->keyTtl(300);
  CHECK(world.securityOf("www.example.test.") == Security::Secure);
  SECTION("another key takes over") {
    world.top->add(successor->ds(300));
    world.onExample(
        [&](const rec::ServerQuestion& asked, dns::Message& into) { into = successor->answer(asked.question); });
    world.pass(seconds(301));
    CHECK(world.securityOf("mail.example.test.") == Security::Secure);
  }
  SECTION("the zone is signed no more") {
    world.top = SignedInternet::zone(kSignedTest, 2);
    world.internet.rewrite("192.0.2.2", [&](const rec::ServerQuestion& asked, dns::Message& into) {
      if (asked.question.type == RRType::DS) {
        into = world.top->answer(asked.question);
      }
    });
    world.onExample([](const rec::ServerQuestion&, dns::Message& into) { strip(into); });
    world.pass(seconds(301));
    CHECK(world.securityOf("mail.example.test.") == Security::Insecure);
  }
}

TEST_CASE("many questions that need one zone's keys ask for them once") {
  SignedWorld world;
  world.internet.hold("192.0.2.11");
  world.internet.hold("192.0.2.12");
  const auto a = world.begin(question("www.example.test."));
  const auto b = world.begin(question("mail.example.test."));
  const auto c = world.begin(question("no.example.test."));
  world.drive();
  world.internet.release("192.0.2.11");
  world.internet.release("192.0.2.12");
  world.drive();
  for (const auto& result : {a, b, c}) {
    REQUIRE(result->done);
    CHECK(result->outcome.security == Security::Secure);
  }
  const auto asked = world.internet.askedOf("192.0.2.11 192.0.2.12");
  CHECK(std::count(asked.begin(), asked.end(), "example.test. DNSKEY") == 1);
}

TEST_CASE("whoever waits for keys that another looks up does not fail at that other's limits") {
  SignedWorld world;
  const SignedZone stranger(kSignedExample, 77);
  // The first to ask has no check left when the keys come; the second has all of his.
  CHECK(world.securityOf("test.", RRType::SOA) == Security::Secure);
  const auto holdKeys = [&](const char* server) { world.internet.hold(server); };
  world.ask(question("www.example.test."), Checking::None);
  world.ask(question("mail.example.test."), Checking::None);
  holdKeys("192.0.2.11");
  holdKeys("192.0.2.12");
  world.options->limits.maxSignatureChecks = 1; // the DS, of the keys and the answer
  const auto poor = world.begin(question("www.example.test."));
  world.options->limits.maxSignatureChecks = 10;
  const auto rich = world.begin(question("mail.example.test."));
  world.drive();
  CHECK(world.internet.waiting() > 0);
  world.internet.release("192.0.2.11");
  world.internet.release("192.0.2.12");
  world.drive();
  REQUIRE(poor->done);
  REQUIRE(rich->done);
  CHECK(isBogus(*poor));
  CHECK(rich->outcome.security == Security::Secure);
  CHECK_FALSE(world.failures.find(name("mail.example.test."), RRType::A, world.loop.wall()));
  REQUIRE(world.trustOf("example.test."));
  CHECK(world.trustOf("example.test.")->security == Security::Secure);
}

TEST_CASE("a bad answer to a DS question is nobody's trust while other servers can be asked") {
  SignedWorld world;
  world.serve("192.0.2.3", world.top);
  world.root->add(rrset("b.nic.test. 172800 IN A 192.0.2.3"));
  world.root->add([] {
    dns::RRsetBuilder both(name("test."), RRType::NS, dns::RRClass::IN, 172800);
    const dns::RRset a = rrset("test. 1 IN NS a.nic.test."), b = rrset("test. 1 IN NS b.nic.test.");
    both.add(a.front());
    both.add(b.front());
    return both.build();
  }());
  bool seenBogus = false;
  const auto spoil = [&](const rec::ServerQuestion& asked, dns::Message& into) {
    dropDs(into);
    const auto known = world.trusts.find(name("example.test."), world.loop.wall());
    seenBogus = seenBogus || (known && known->security == Security::Bogus);
    if (asked.question.type == RRType::DS) {
      strip(into);
      into.answer.clear();
    }
  };
  const auto watch = [&](const rec::ServerQuestion&, dns::Message& into) {
    const auto known = world.trusts.find(name("example.test."), world.loop.wall());
    seenBogus = seenBogus || (known && known->security == Security::Bogus);
    if (into.answer.empty()) {
      dropDs(into);
    }
  };
  world.internet.rewrite("192.0.2.2", spoil);
  world.internet.rewrite("192.0.2.3", watch);
  CHECK(world.securityOf("www.example.test.") == Security::Secure);
  CHECK_FALSE(seenBogus);
}

TEST_CASE("a zone whose keys cannot be had is bogus for a short time, with the servers that failed") {
  SignedWorld world;
  CHECK(world.ask(question("www.example.test."), Checking::None).outcome.rcode == RCode::NoError);
  world.internet.disconnect("192.0.2.11");
  world.internet.disconnect("192.0.2.12");
  const Result result = world.ask("www.example.test.");
  CHECK(isBogus(result));
  CHECK(result.has(dns::EdeCode::NoReachableAuthority));
}

TEST_CASE("a referral in answer to a DS question says what it carries of DS") {
  SignedWorld world;
  world.internet.rewrite("192.0.2.2", [&](const rec::ServerQuestion& asked, dns::Message& into) {
    if (asked.question.type == RRType::DS && asked.question.name == name("plain.test.")) {
      into = world.top->answer(question("www.plain.test."));
    } else if (into.answer.empty()) {
      std::erase_if(into.authority, [](const dns::RRset& set) {
        return set.ownerIs(name("plain.test.")) && set.type() == RRType::NSEC;
      });
    }
  });
  CHECK(world.securityOf("www.plain.test.") == Security::Insecure);
}
