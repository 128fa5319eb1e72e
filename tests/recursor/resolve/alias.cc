// findAlias(), followDname(): the first step of a chain.
#include "recursor/resolve/alias.hh"

#include "lib/dns/rdata.hh"
#include "tests/recursor/resolve/messages.hh"

using namespace rec;
using namespace rectest;
using dns::RRType;

TEST_CASE("a DNAME replaces the suffix of names below it and keeps its TTL") {
  const Alias alias = followDname(rrset("example.com. 77 IN DNAME example.net."), name("a.b.example.com"));
  CHECK_FALSE(alias.tooLong);
  CHECK(alias.target == name("a.b.example.net"));
  REQUIRE(alias.records.size() == 2);
  CHECK(alias.records[1].ownerIs(name("a.b.example.com")));
  CHECK(alias.records[1].type() == RRType::CNAME);
  CHECK(alias.records[1].ttl() == 77);
}

TEST_CASE("a DNAME that would make a name of more than 255 octets says so") {
  const std::string label(60, 'x');
  const std::string longName = label + "." + label + "." + label;
  const Alias alias =
      followDname(rrset("example.com. 77 IN DNAME " + label + ".example.net."), name(longName + ".example.com"));
  CHECK(alias.tooLong);
  CHECK(alias.records.size() == 1);
}

TEST_CASE("a DNAME does not apply to its own name") {
  const auto answer = message(R"(aa
    answer
      example.com. 300 IN DNAME example.net.)");
  CHECK_FALSE(findAlias(answer.answer, question("example.com"), name("example.com")));
}

TEST_CASE("a CNAME of another name is no alias of this one") {
  const auto answer = message(R"(aa
    answer
      other.example.com. 300 IN CNAME evil.test.)");
  CHECK_FALSE(findAlias(answer.answer, question("www.example.com"), name("example.com")));
}

TEST_CASE("of several CNAMEs at one name only the first is an alias") {
  const auto answer = message(R"(aa
    answer
      www.example.com. 300 IN CNAME one.example.com.
      www.example.com. 300 IN CNAME two.example.com.)");
  const auto alias = findAlias(answer.answer, question("www.example.com"), name("example.com"));
  REQUIRE(alias);
  CHECK(alias->target == name("one.example.com"));
  REQUIRE(alias->records.size() == 1);
  CHECK(alias->records.front().count() == 1);
}

TEST_CASE("ANY and CNAME questions do not follow CNAMEs, but DNAMEs") {
  const auto cname = message(R"(aa
    answer
      www.example.com. 300 IN CNAME one.example.com.)");
  CHECK_FALSE(findAlias(cname.answer, question("www.example.com", RRType::ANY), name("example.com")));
  CHECK_FALSE(findAlias(cname.answer, question("www.example.com", RRType::CNAME), name("example.com")));
  const auto dname = message(R"(aa
    answer
      example.com. 300 IN DNAME example.net.)");
  CHECK(findAlias(dname.answer, question("www.example.com", RRType::CNAME), name("example.com")));
}
