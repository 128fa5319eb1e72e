// Response policy zones as the pipeline asks them: options of lua-config-file, records, priorities; hits of rules.
#include "lib/dns/rdata.hh"
#include "recursor/policy/rulehits.hh"
#include "tests/recursor/policy/rpzsupport.hh"

using namespace rec;
using namespace rpztest;

TEST_CASE("defpol replaces what rules say, and their TTLs with defttl") {
  RpzConfig config;
  config.defpol = RpzPolicyKind::Drop;
  config.defttl = 11;
  const Zone zone("a CNAME .\nb A 192.0.2.1\nc CNAME x.\nd CNAME rpz-passthru.\n", config);
  for (const char* asked : {"a.", "b.", "c.", "d."}) CHECK(zone.action(asked) == PolicyAction::Drop);
  CHECK(zone.onName("a.").ttl == 11);
}

TEST_CASE("defpol leaves local data alone without defpolOverrideLocalData, but not aliases") {
  RpzConfig config;
  config.defpol = RpzPolicyKind::NoData;
  config.defpolOverrideLocalData = false;
  const Zone zone("b A 192.0.2.1\nc CNAME x.\n", config);
  CHECK(zone.action("b.") == PolicyAction::Custom);
  CHECK(zone.action("c.") == PolicyAction::NoData);
}

TEST_CASE("a custom default is an alias, and maxTTL lowers TTLs") {
  RpzConfig config;
  config.defpol = RpzPolicyKind::Custom;
  config.defcontent = name("*.garden.");
  config.maxTtl = 9;
  const Zone zone("a CNAME .\n", config);
  const auto verdict = zone.onName("a.");
  REQUIRE(verdict.custom.size() == 1);
  CHECK(*dns::readNameRdata(verdict.custom[0].front()) == name("a.garden."));
  CHECK(verdict.custom[0].ttl() == 9);
}

TEST_CASE("an alias to a wildcard has the name asked in front of it") {
  const Zone zone("*.bad CNAME *.garden.net.\n");
  const auto verdict = zone.onName("x.y.bad.");
  REQUIRE(verdict.custom.size() == 1);
  CHECK(*dns::readNameRdata(verdict.custom[0].front()) == name("x.y.bad.garden.net."));
}

TEST_CASE("local data are sets by type") {
  const Zone zone("a A 192.0.2.1\na A 192.0.2.2\na TXT x\n");
  const auto verdict = zone.onName("a.");
  REQUIRE(verdict.custom.size() == 2);
  CHECK(verdict.custom[0].count() == 2);
  CHECK(verdict.trigger == "a");
  CHECK(verdict.hit == "a.");
}

TEST_CASE("the source tells the zone's extended error, tags and SOA") {
  RpzConfig config;
  config.name = "list";
  config.tags = {"x"};
  config.extendedErrorCode = 15;
  config.extendedErrorExtra = "no";
  config.includeSoa = true;
  const Zone zone("a CNAME .\n", config);
  const auto source = zone.onName("a.").source;
  REQUIRE(source);
  CHECK(source->error->code == dns::EdeCode::Blocked);
  CHECK(source->error->text == "no");
  CHECK(source->tags.contains("x"));
  CHECK(source->soa->type() == dns::RRType::SOA);
}

TEST_CASE("a zone that is discarded, or goes behind what decided, has no say") {
  RpzConfig config;
  config.name = "list";
  const Zone zone("a CNAME .\n", config);
  const dns::Question question{name("a."), dns::RRType::A, dns::RRClass::IN};
  const std::set<std::string> discarded{"list"};
  CHECK_FALSE(
      zone.policy.onName(question.name, {.client = zone.client, .question = question, .discardedPolicies = &discarded})
          .matched());
  CHECK_FALSE(zone.policy.onName(question.name, {.client = zone.client, .question = question, .before = 5}).matched());
  CHECK(zone.policy.onName(question.name, {.client = zone.client, .question = question, .before = 6}).matched());
}

TEST_CASE("hits of few rules are counted exactly, also of the apex's own") {
  RuleHits hits;
  for (int i = 0; i < 3; ++i) hits.note("b.example");
  hits.note("");
  hits.note("a.example");
  hits.note("");
  const auto top = hits.top(9);
  REQUIRE(top.size() == 3);
  CHECK(top[0].trigger == "b.example");
  CHECK(top[0].hits == 3);
  CHECK(top[1].trigger.empty());
  CHECK(top[1].hits == 2);
  CHECK(top[2].over == 0);
}

TEST_CASE("the rules with most hits are known though there are too many to count all") {
  RuleHits hits;
  for (int i = 0; i < 2000; ++i) {
    hits.note("often");
    hits.note("rule" + std::to_string(i));
  }
  const auto top = hits.top(3);
  REQUIRE(top.size() == 3);
  CHECK(top[0].trigger == "often");
  CHECK(top[0].hits == 2000);
}
