// judge(): what a server's answer means, and what of it is believed.
#include "recursor/resolve/verdict.hh"

#include "lib/dns/rdata.hh"
#include "tests/recursor/resolve/messages.hh"

using namespace rec;
using namespace rectest;
using dns::RRType;

namespace {

const VerdictOptions kDefaults;

VerdictOptions forwarding() {
  VerdictOptions options;
  options.fromForwarder = true;
  return options;
}

Verdict judged(const char* text, const dns::Question& asked, const char* zone,
               const VerdictOptions& options = kDefaults) {
  return judge(message(text), asked, name(zone), options);
}

} // namespace

TEST_CASE("the records asked for are the answer") {
  const auto verdict = judged(R"(aa
    answer
      www.example.com. 300 IN A 192.0.2.1
      www.example.com. 300 IN A 192.0.2.2)",
                              question("www.example.com"), "example.com");
  REQUIRE(verdict.kind == VerdictKind::Records);
  REQUIRE(verdict.records.size() == 1);
  CHECK(verdict.records.front().count() == 2);
  CHECK(verdict.authoritative);
}

TEST_CASE("records of other names and types in an answer are not taken") {
  const auto verdict = judged(R"(aa
    answer
      www.example.com. 300 IN A 192.0.2.1
      other.example.com. 300 IN A 192.0.2.66
      www.example.com. 300 IN AAAA 2001:db8::66
    additional
      www.bank.test. 300 IN A 192.0.2.66)",
                              question("www.example.com"), "example.com");
  REQUIRE(verdict.kind == VerdictKind::Records);
  REQUIRE(verdict.records.size() == 1);
  CHECK(verdict.records.front().text() == "www.example.com.\t300\tIN\tA\t192.0.2.1\n");
}

TEST_CASE("an answer for a name outside of the zone is not believed") {
  const auto verdict = judged(R"(aa
    answer
      www.bank.test. 300 IN A 192.0.2.66)",
                              question("www.bank.test"), "example.com");
  CHECK(verdict.kind != VerdictKind::Records);
  CHECK(verdict.records.empty());
}

TEST_CASE("ANY takes every set of the name") {
  const auto verdict = judged(R"(aa
    answer
      example.com. 300 IN A 192.0.2.1
      example.com. 300 IN MX 10 mail.example.com.
      mail.example.com. 300 IN A 192.0.2.9)",
                              question("example.com", RRType::ANY), "example.com");
  REQUIRE(verdict.kind == VerdictKind::Records);
  CHECK(verdict.records.size() == 2);
}

TEST_CASE("a set larger than max-rrset-size is refused") {
  VerdictOptions options;
  options.maxRecords = 2;
  const char* text = R"(aa
    answer
      www.example.com. 300 IN A 192.0.2.1
      www.example.com. 300 IN A 192.0.2.2
      www.example.com. 300 IN A 192.0.2.3)";
  CHECK(judged(text, question("www.example.com"), "example.com", options).kind == VerdictKind::ServerError);
  options.maxRecords = 3;
  CHECK(judged(text, question("www.example.com"), "example.com", options).kind == VerdictKind::Records);
}

TEST_CASE("a CNAME leads on, and what stands behind it is not believed") {
  const auto verdict = judged(R"(aa
    answer
      www.example.com. 300 IN CNAME www.example.net.
      www.example.net. 300 IN A 192.0.2.66)",
                              question("www.example.com"), "example.com");
  REQUIRE(verdict.kind == VerdictKind::Alias);
  CHECK(verdict.target == name("www.example.net"));
  CHECK(verdict.records.size() == 1);
  CHECK(verdict.chain.empty());
}

TEST_CASE("a CNAME in an NXDOMAIN answer leads on: the denial is about its end") {
  const auto verdict = judged(R"(aa NXDOMAIN
    answer
      www.example.com. 300 IN CNAME gone.example.com.
    authority
      example.com. 300 IN SOA ns.example.com. host.example.com. 1 2 3 4 60)",
                              question("www.example.com"), "example.com");
  CHECK(verdict.kind == VerdictKind::Alias);
  CHECK(verdict.target == name("gone.example.com"));
}

TEST_CASE("a CNAME asked for by its own type is the answer") {
  const auto verdict = judged(R"(aa
    answer
      www.example.com. 300 IN CNAME www.example.net.)",
                              question("www.example.com", RRType::CNAME), "example.com");
  CHECK(verdict.kind == VerdictKind::Records);
}

TEST_CASE("NXDOMAIN is kept for the lesser of the SOA's TTL and its minimum") {
  const auto minimum = judged(R"(aa NXDOMAIN
    authority
      example.com. 300 IN SOA ns.example.com. host.example.com. 1 2 3 4 60)",
                              question("no.example.com"), "example.com");
  REQUIRE(minimum.kind == VerdictKind::NxDomain);
  CHECK(minimum.negative.nxdomain);
  CHECK(minimum.negative.name == name("no.example.com"));
  CHECK(minimum.negative.ttl == 60);
  const auto ttl = judged(R"(aa NXDOMAIN
    authority
      example.com. 30 IN SOA ns.example.com. host.example.com. 1 2 3 4 60)",
                          question("no.example.com"), "example.com");
  CHECK(ttl.negative.ttl == 30);
}

TEST_CASE("soa-minimum-ttl raises the minimum of a SOA, not its TTL") {
  VerdictOptions options;
  options.soaMinimumTtl = 120;
  const char* text = R"(aa NXDOMAIN
    authority
      example.com. 300 IN SOA ns.example.com. host.example.com. 1 2 3 4 60)";
  CHECK(judged(text, question("www.example.com"), "example.com", options).negative.ttl == 120);
  options.soaMinimumTtl = 900;
  CHECK(judged(text, question("www.example.com"), "example.com", options).negative.ttl == 300);
}

TEST_CASE("a denial without SOA is believed and not kept") {
  const auto nxdomain = judged("aa NXDOMAIN", question("no.example.com"), "example.com");
  CHECK(nxdomain.kind == VerdictKind::NxDomain);
  CHECK(nxdomain.negative.ttl == 0);
  CHECK_FALSE(nxdomain.negative.soa);
  const auto empty = judged("aa", question("www.example.com"), "example.com");
  CHECK(empty.kind == VerdictKind::NoData);
  CHECK(empty.negative.ttl == 0);
}

TEST_CASE("a denial by another zone's authority is lame") {
  const char* soa = R"(
    authority
      . 300 IN SOA ns.example.net. host.example.net. 1 2 3 4 60)";
  const auto noData = judged((std::string("aa") + soa).c_str(), question("www.example.com"), "example.com");
  CHECK(noData.kind == VerdictKind::Lame);
  const auto nxdomain = judged((std::string("aa NXDOMAIN") + soa).c_str(), question("www.example.com"), "example.com");
  CHECK(nxdomain.kind == VerdictKind::Lame);
}

TEST_CASE("a SOA makes an empty answer NODATA, also from a child zone on the same server") {
  const auto verdict = judged(R"(aa
    authority
      sub.example.com. 300 IN SOA ns.example.com. host.example.com. 1 2 3 4 60)",
                              question("www.sub.example.com", RRType::MX), "example.com");
  REQUIRE(verdict.kind == VerdictKind::NoData);
  CHECK(verdict.negative.soa.owner() == name("sub.example.com"));
}

TEST_CASE("a denial keeps its NSEC sets, but none from outside of the zone") {
  const auto verdict = judged(R"(aa NXDOMAIN
    authority
      example.com. 300 IN SOA ns.example.com. host.example.com. 1 2 3 4 60
      a.example.com. 60 IN NSEC z.example.com. A RRSIG NSEC
      a.example.net. 60 IN NSEC z.example.net. A RRSIG NSEC)",
                              question("no.example.com"), "example.com");
  REQUIRE(verdict.negative.proofs.size() == 1);
  CHECK(verdict.negative.proofs.front().ownerIs(name("a.example.com")));
}

TEST_CASE("NS below the zone and above the name is a referral") {
  const auto verdict = judged(R"(
    authority
      example.com. 172800 IN NS ns1.example.com.
      example.com. 172800 IN NS ns.example.net.
    additional
      ns1.example.com. 600 IN A 192.0.2.1
      ns1.example.com. 600 IN AAAA 2001:db8::1)",
                              question("www.example.com"), "com");
  REQUIRE(verdict.kind == VerdictKind::Referral);
  CHECK(verdict.referral.zone == name("example.com"));
  CHECK(verdict.referral.servers.size() == 2);
  CHECK(verdict.ttl == 600);
}

TEST_CASE("a referral upwards, sideways or to the zone itself is lame") {
  const auto at = [](const char* owner, const char* zone) {
    const std::string text = std::string("\nauthority\n") + owner + " 300 IN NS ns.example.net.\n";
    return judged((" " + text).c_str(), question("www.example.com"), zone).kind;
  };
  CHECK(at(".", "example.com") == VerdictKind::Lame);
  CHECK(at("com.", "example.com") == VerdictKind::Lame);
  CHECK(at("example.com.", "example.com") == VerdictKind::Lame);
  CHECK(at("example.net.", "example.com") != VerdictKind::Referral);
  CHECK(at("www.example.com.", "example.com") == VerdictKind::Referral);
}

TEST_CASE("rcodes other than NOERROR, NXDOMAIN and YXDOMAIN say nothing about the name") {
  for (const char* rcode : {"SERVFAIL", "REFUSED", "FORMERR", "NOTIMP", "NOTAUTH"}) {
    const auto verdict = judged(rcode, question("www.example.com"), "example.com");
    CHECK(verdict.kind == VerdictKind::ServerError);
    CHECK(verdict.why == rcode);
  }
}

TEST_CASE("a recursive server that is no authority is lame, unless it is a forwarder") {
  const char* text = R"(ra
    answer
      www.example.com. 300 IN A 192.0.2.1)";
  CHECK(judged(text, question("www.example.com"), "example.com").kind == VerdictKind::Lame);
  CHECK(judged(text, question("www.example.com"), "example.com", forwarding()).kind == VerdictKind::Records);
}

TEST_CASE("an answer without AA is taken and noted as such") {
  const auto verdict = judged(R"(
    answer
      www.example.com. 300 IN A 192.0.2.1)",
                              question("www.example.com"), "example.com");
  CHECK(verdict.kind == VerdictKind::Records);
  CHECK_FALSE(verdict.authoritative);
}

TEST_CASE("the zone's own NS set is taken from authoritative answers only") {
  const char* records = R"(
    answer
      www.example.com. 300 IN A 192.0.2.1
    authority
      example.com. 300 IN NS ns1.example.com.
      example.net. 300 IN NS ns1.example.com.)";
  const auto aa = judged((std::string("aa") + records).c_str(), question("www.example.com"), "example.com");
  REQUIRE(aa.childNs);
  CHECK(aa.childNs.ownerIs(name("example.com")));
  const auto other = judged((std::string(" ") + records).c_str(), question("www.example.com"), "example.com");
  CHECK_FALSE(other.childNs);
}

TEST_CASE("a DNAME above the name makes the alias, whatever CNAME comes with it") {
  const auto verdict = judged(R"(aa
    answer
      example.com. 300 IN DNAME example.net.
      www.example.com. 300 IN CNAME evil.test.)",
                              question("www.example.com"), "example.com");
  REQUIRE(verdict.kind == VerdictKind::Alias);
  CHECK(verdict.target == name("www.example.net"));
  REQUIRE(verdict.records.size() == 2);
  CHECK(verdict.records[0].type() == RRType::DNAME);
  CHECK(dns::readNameRdata(verdict.records[1].front()) == name("www.example.net"));
}

TEST_CASE("a DNAME above the zone is out of bailiwick") {
  const auto verdict = judged(R"(aa
    answer
      com. 300 IN DNAME evil.test.)",
                              question("www.example.com"), "example.com");
  CHECK(verdict.kind != VerdictKind::Alias);
}

TEST_CASE("YXDOMAIN without a DNAME is an error of the server") {
  CHECK(judged("aa YXDOMAIN", question("www.example.com"), "example.com").kind == VerdictKind::ServerError);
}

TEST_CASE("a forwarder is believed for the rest of a chain within its zone, and not beyond it") {
  const auto verdict = judged(R"(ra
    answer
      www.corp.test. 300 IN CNAME web.corp.test.
      web.corp.test. 300 IN A 192.0.2.1
      www.bank.test. 300 IN A 192.0.2.66)",
                              question("www.corp.test"), "corp.test", forwarding());
  REQUIRE(verdict.kind == VerdictKind::Alias);
  REQUIRE(verdict.chain.size() == 1);
  CHECK(verdict.chain.front().ownerIs(name("web.corp.test")));
}

TEST_CASE("a forwarder may deny with the SOA of a zone above the rule, which is not kept") {
  const char* soa = R"(
    authority
      test. 300 IN SOA ns.test. host.test. 1 2 3 4 60)";
  const auto noData = judged((std::string("ra") + soa).c_str(), question("www.corp.test"), "corp.test", forwarding());
  CHECK(noData.kind == VerdictKind::NoData);
  CHECK_FALSE(noData.negative.soa);
  const auto nxdomain =
      judged((std::string("ra NXDOMAIN") + soa).c_str(), question("www.corp.test"), "corp.test", forwarding());
  CHECK(nxdomain.kind == VerdictKind::NxDomain);
  CHECK_FALSE(nxdomain.negative.soa);
}

TEST_CASE("a forwarder that only refers does not recurse") {
  const auto verdict = judged(R"(
    authority
      corp.test. 300 IN NS ns.corp.test.)",
                              question("www.corp.test"), ".", forwarding());
  CHECK(verdict.kind == VerdictKind::Lame);
}

TEST_CASE("the answer to priming brings the root's servers with their addresses") {
  const auto verdict = judged(R"(aa
    answer
      . 518400 IN NS a.root.test.
      . 518400 IN NS b.root.test.
    additional
      a.root.test. 518400 IN A 192.0.2.1
      b.root.test. 518400 IN AAAA 2001:db8::2)",
                              question(".", RRType::NS), ".");
  REQUIRE(verdict.kind == VerdictKind::Records);
  REQUIRE(verdict.referral.servers.size() == 2);
  CHECK(verdict.referral.servers[0].glue == std::vector{address("192.0.2.1")});
  CHECK(verdict.referral.servers[1].glue == std::vector{address("2001:db8::2")});
  CHECK(verdict.ttl == 518400);
}
