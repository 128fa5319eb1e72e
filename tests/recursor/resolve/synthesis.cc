// Answers made from proofs of other names (RFC 8020, RFC 8198), over a signed internet.
#include <catch2/catch.hpp>

#include "tests/recursor/resolve/signedworld.hh"

using namespace rectest;
using dns::RCode;
using dns::RRType;
using rec::Security;

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
