// Outcomes put together along aliases.
#include "recursor/resolve/chain.hh"

#include "tests/recursor/resolve/messages.hh"

using namespace rec;
using namespace rectest;
using dns::RCode;

namespace {

Lookup records(const char* line, AnswerKind source = AnswerKind::Iterated) {
  Lookup lookup;
  lookup.kind = LookupKind::Records;
  lookup.source = source;
  lookup.records.push_back(AgedRRset{rrset(line), 60});
  return lookup;
}

Lookup alias(const std::string& from, const std::string& to) {
  Lookup lookup = records((from + " 60 IN CNAME " + to).c_str());
  lookup.kind = LookupKind::Alias;
  lookup.target = name(to);
  return lookup;
}

Lookup denial(LookupKind kind) {
  Lookup lookup;
  lookup.kind = kind;
  lookup.source = AnswerKind::Iterated;
  lookup.negative.nxdomain = kind == LookupKind::NxDomain;
  lookup.negative.soa = rrset("example.com. 60 IN SOA ns.example.com. host.example.com. 1 2 3 4 60");
  lookup.negative.ttl = 33;
  return lookup;
}

} // namespace

TEST_CASE("records alone end the chain") {
  Chain chain(question("www.example.com"), 10);
  CHECK_FALSE(chain.add(records("www.example.com. 60 IN A 192.0.2.1")));
  const Outcome outcome = chain.take();
  CHECK(outcome.rcode == RCode::NoError);
  CHECK(outcome.answer.size() == 1);
  CHECK(outcome.kind == AnswerKind::Iterated);
}

TEST_CASE("aliases are collected in order and the last link decides the rcode") {
  Chain chain(question("a.example.com"), 10);
  CHECK(chain.add(alias("a.example.com.", "b.example.com.")));
  CHECK(chain.wanted() == question("b.example.com"));
  CHECK(chain.add(alias("b.example.com.", "c.example.com.")));
  CHECK_FALSE(chain.add(denial(LookupKind::NxDomain)));
  const Outcome outcome = chain.take();
  CHECK(outcome.rcode == RCode::NXDomain);
  REQUIRE(outcome.answer.size() == 2);
  CHECK(outcome.answer[1].rrset.ownerIs(name("b.example.com")));
  REQUIRE(outcome.authority.size() == 1);
  CHECK(outcome.authority.front().ttl == 33);
}

TEST_CASE("no data is NOERROR with the SOA") {
  Chain chain(question("www.example.com"), 10);
  CHECK_FALSE(chain.add(denial(LookupKind::NoData)));
  const Outcome outcome = chain.take();
  CHECK(outcome.rcode == RCode::NoError);
  CHECK(outcome.answer.empty());
  CHECK(outcome.authority.size() == 1);
}

TEST_CASE("an alias of itself, and a circle of aliases, is SERVFAIL and says so") {
  Chain self(question("a.example.com"), 10);
  CHECK_FALSE(self.add(alias("a.example.com.", "a.example.com.")));
  CHECK(self.broken() == "alias loop at a.example.com.");
  CHECK_FALSE(self.tooLong());
  const Outcome outcome = self.take();
  CHECK(outcome.rcode == RCode::ServFail);
  CHECK(outcome.answer.empty());

  Chain circle(question("a.example.com"), 10);
  CHECK(circle.add(alias("a.example.com.", "b.example.com.")));
  CHECK_FALSE(circle.add(alias("b.example.com.", "A.example.com.")));
  CHECK_FALSE(circle.broken().empty());
}

TEST_CASE("max-cnames-followed aliases are followed, one more is SERVFAIL") {
  const auto follow = [](unsigned links) {
    Chain chain(question("n0.example.com"), 3);
    bool goesOn = true;
    for (unsigned i = 0; goesOn && i < links; ++i) {
      goesOn =
          chain.add(alias("n" + std::to_string(i) + ".example.com.", "n" + std::to_string(i + 1) + ".example.com."));
    }
    return chain;
  };
  CHECK_FALSE(follow(3).tooLong());
  Chain tooLong = follow(4);
  CHECK(tooLong.tooLong());
  CHECK(tooLong.broken().find("max-cnames-followed") != std::string::npos);
  CHECK(tooLong.take().rcode == RCode::ServFail);
}

TEST_CASE("a DNAME that leads to too long a name is YXDOMAIN with the DNAME") {
  Chain chain(question("www.example.com"), 10);
  Lookup lookup = records("example.com. 60 IN DNAME example.net.");
  lookup.kind = LookupKind::Alias;
  lookup.targetTooLong = true;
  CHECK_FALSE(chain.add(std::move(lookup)));
  const Outcome outcome = chain.take();
  CHECK(outcome.rcode == RCode::YXDomain);
  CHECK(outcome.answer.size() == 1);
}

TEST_CASE("a failed link fails the whole and brings the cached reasons") {
  Chain chain(question("a.example.com"), 10);
  CHECK(chain.add(alias("a.example.com.", "b.example.com.")));
  Lookup failed;
  failed.source = AnswerKind::CachedFailure;
  failed.errors = {{dns::EdeCode::NoReachableAuthority, "why"}};
  CHECK_FALSE(chain.add(std::move(failed)));
  const Outcome outcome = chain.take();
  CHECK(outcome.rcode == RCode::ServFail);
  CHECK(outcome.answer.empty());
  CHECK(outcome.kind == AnswerKind::CachedFailure);
  REQUIRE(outcome.errors.size() == 1);
  CHECK(outcome.errors.front().text == "why");
}

TEST_CASE("the whole is as secure as its least secure link, and as dear as its dearest") {
  Chain chain(question("a.example.com"), 10);
  Lookup first = alias("a.example.com.", "b.example.com.");
  first.security = Security::Secure;
  first.source = AnswerKind::Iterated;
  CHECK(chain.add(std::move(first)));
  Lookup second = records("b.example.com. 60 IN A 192.0.2.1", AnswerKind::RecordCache);
  second.security = Security::Insecure;
  CHECK_FALSE(chain.add(std::move(second)));
  const Outcome outcome = chain.take();
  CHECK(outcome.security == Security::Insecure);
  CHECK(outcome.kind == AnswerKind::Iterated);
}

TEST_CASE("an answer from local data alone is a local one") {
  Chain chain(question("www.example.com"), 10);
  Lookup local = records("www.example.com. 60 IN A 192.0.2.1", AnswerKind::Local);
  local.authoritative = true;
  CHECK_FALSE(chain.add(std::move(local)));
  const Outcome outcome = chain.take();
  CHECK(outcome.kind == AnswerKind::Local);
  CHECK(outcome.authoritative);
}
