// Walks from the root: what is shown to whom, what is believed, where the parent and where the child is asked.
#include "recursor/resolve/iterator.hh"

#include "tests/recursor/resolve/smallinternet.hh"

using namespace rec;
using namespace rectest;
using namespace std::chrono_literals;
using dns::RCode;
using dns::RRType;

namespace {

using Bench = SmallInternet;

} // namespace

TEST_CASE("a walk from the root shows each zone one label more and primes once") {
  Bench bench;
  const Result result = bench.resolve(question("www.example.com"));
  CHECK(result.outcome.rcode == RCode::NoError);
  CHECK(result.answer() == "www.example.com. A 192.0.2.80\n");
  CHECK(result.outcome.kind == AnswerKind::Iterated);
  CHECK(bench.internet.askedOf("192.0.2.1") == Strings{". NS", "com. A"});
  CHECK(bench.internet.askedOf("192.0.2.2") == Strings{"example.com. A"});
  CHECK(bench.askedOfExample() == Strings{"www.example.com. A"});
  bench.internet.forget();
  bench.resolve(question("mail.example.com", RRType::MX));
  CHECK(bench.internet.askedOf("192.0.2.1").empty());
  CHECK(bench.askedOfExample() == Strings{"mail.example.com. MX"});
}

TEST_CASE("minimised questions go on over empty names down to the full question") {
  Bench bench;
  const Result result = bench.resolve(question("a.b.c.example.com"));
  CHECK(result.answer() == "a.b.c.example.com. A 192.0.2.81\n");
  CHECK(bench.askedOfExample() == Strings{"c.example.com. A", "b.c.example.com. A", "a.b.c.example.com. A"});
}

TEST_CASE("without minimisation every server sees the full question") {
  Bench bench;
  bench.options->minimise.enabled = false;
  bench.resolve(question("www.example.com", RRType::AAAA));
  CHECK(bench.internet.askedOf("192.0.2.1") == Strings{". NS", "www.example.com. AAAA"});
  CHECK(bench.internet.askedOf("192.0.2.2") == Strings{"www.example.com. AAAA"});
}

TEST_CASE("a server that denies empty non-terminals is asked the full question") {
  Bench bench;
  bench.internet.denyEmptyNonTerminals("192.0.2.11");
  bench.internet.denyEmptyNonTerminals("192.0.2.12");
  const Result result = bench.resolve(question("a.b.c.example.com"));
  CHECK(result.answer() == "a.b.c.example.com. A 192.0.2.81\n");
  CHECK(bench.askedOfExample() == Strings{"c.example.com. A", "a.b.c.example.com. A"});
  CHECK(bench.counters.get(Metric::QnameMinFallbackSuccess) == 1);
}

TEST_CASE("a top-level name that the root denies ends the walk there, for all names below it") {
  Bench bench;
  CHECK(bench.resolve(question("www.example.nosuchtld")).outcome.rcode == RCode::NXDomain);
  CHECK(bench.internet.askedOf("192.0.2.1") == Strings{". NS", "nosuchtld. A"});
  bench.internet.forget();
  CHECK(bench.resolve(question("mail.other.nosuchtld")).outcome.rcode == RCode::NXDomain);
  CHECK(bench.internet.asked().empty());
}

TEST_CASE("priming is done once for many walks at the same time") {
  Bench bench;
  bench.internet.hold("192.0.2.1");
  const ResultPtr one = bench.start(question("www.example.com"));
  const ResultPtr two = bench.start(question("alias.example.com"));
  bench.drive();
  CHECK(bench.internet.askedOf("192.0.2.1") == Strings{". NS"});
  bench.internet.release("192.0.2.1");
  bench.drive();
  CHECK(one->done);
  CHECK(two->done);
  CHECK(bench.internet.count(".") == 1);
}

TEST_CASE("when priming fails the hints serve, and it is not repeated at once") {
  Bench bench;
  bench.internet.rewrite("192.0.2.1", [](const ServerQuestion& asked, dns::Message& answer) {
    answer.header.rcode = asked.question.name.isRoot() ? RCode::ServFail : answer.header.rcode;
  });
  CHECK(bench.resolve(question("www.example.com")).outcome.rcode == RCode::NoError);
  CHECK(bench.resolve(question("www.example.nosuchtld")).outcome.rcode == RCode::NXDomain);
  CHECK(bench.internet.count(".") == 1);
}

TEST_CASE("a priming answer without any address does not replace the hints") {
  Bench bench;
  bench.internet.rewrite("192.0.2.1", [](const ServerQuestion& asked, dns::Message& answer) {
    if (asked.question.name.isRoot()) {
      answer = message("aa\nanswer\n. 518400 IN NS x.root.test.\n. 518400 IN NS y.root.test.");
    }
  });
  CHECK(bench.resolve(question("www.example.com")).outcome.rcode == RCode::NoError);
}

TEST_CASE("without hints and forwarders nothing can be resolved, and it is said") {
  Bench bench;
  bench.options->hints.clear();
  const Result result = bench.resolve(question("www.example.com"));
  CHECK(result.outcome.rcode == RCode::ServFail);
  CHECK(result.has(dns::EdeCode::NoReachableAuthority));
  CHECK(bench.internet.asked().empty());
}

TEST_CASE("NS and SOA of a zone are asked of the zone itself") {
  Bench bench;
  CHECK(bench.resolve(question("example.com", RRType::NS)).outcome.answer.size() == 1);
  CHECK(bench.resolve(question("example.com", RRType::SOA)).outcome.answer.size() == 1);
  CHECK(bench.internet.askedOf("192.0.2.2") == Strings{"example.com. NS"});
  CHECK(bench.askedOfExample() == Strings{"example.com. NS", "example.com. SOA"});
}

TEST_CASE("DS is asked of the parent, also when the child is known") {
  Bench bench;
  bench.resolve(question("www.example.com"));
  bench.internet.forget();
  CHECK(bench.resolve(question("com", RRType::DS)).outcome.answer.size() == 1);
  CHECK(bench.internet.askedOf("192.0.2.1") == Strings{"com. DS"});
  const Result none = bench.resolve(question("example.com", RRType::DS));
  CHECK(none.outcome.rcode == RCode::NoError);
  CHECK(bench.internet.askedOf("192.0.2.2") == Strings{"example.com. DS"});
  CHECK(bench.askedOfExample().empty());
}

TEST_CASE("a parent that answers DS with a referral has none") {
  Bench bench;
  bench.internet.answerWith("192.0.2.2", R"(
    authority
      example.com. 86400 IN NS ns1.example.com.
    additional
      ns1.example.com. 86400 IN A 192.0.2.11)");
  const Result result = bench.resolve(question("example.com", RRType::DS));
  CHECK(result.outcome.rcode == RCode::NoError);
  CHECK(result.outcome.answer.empty());
  CHECK(bench.askedOfExample().empty());
}

TEST_CASE("a delegation lives no longer than the one it was found through") {
  Bench bench;
  bench.internet.answerWith("192.0.2.2", R"(
    authority
      example.com. 100 IN NS ns1.example.com.
    additional
      ns1.example.com. 100 IN A 192.0.2.11)");
  bench.internet.answerWith("192.0.2.11", R"(
    authority
      ghost.example.com. 86400 IN NS ns1.example.com.
    additional
      ns1.example.com. 86400 IN A 192.0.2.14)");
  bench.internet.serve("192.0.2.14", "ghost.example.com. 60 IN SOA a.test. b.test. 1 2 3 4 60\n"
                                     "www.ghost.example.com. 60 IN A 192.0.2.66\n");
  CHECK(bench.resolve(question("www.ghost.example.com")).outcome.rcode == RCode::NoError);
  bench.clock.advance(101s);
  bench.internet.forget();
  bench.resolve(question("www.ghost.example.com"));
  CHECK_FALSE(bench.internet.askedOf("192.0.2.2").empty()); // com. is asked whether example.com. still exists
}

TEST_CASE("a name denied on the way is not asked for again") {
  Bench bench;
  bench.internet.denyEmptyNonTerminals("192.0.2.11");
  bench.internet.denyEmptyNonTerminals("192.0.2.12");
  bench.resolve(question("c.example.com"));
  bench.internet.forget();
  CHECK(bench.resolve(question("a.b.c.example.com")).outcome.rcode == RCode::NoError);
  CHECK(bench.askedOfExample() == Strings{"a.b.c.example.com. A"});
}
