// Which rule a name falls under.
#include "recursor/resolve/forwardrules.hh"

#include "tests/recursor/resolve/messages.hh"

using namespace rec;
using namespace rectest;

namespace {

ForwardRules rules(std::initializer_list<const char*> zones, bool recurse = true) {
  ForwardRules all;
  for (const char* zone : zones) {
    ForwardRule rule;
    rule.zone = name(zone);
    rule.recurse = recurse;
    all.add(std::move(rule));
  }
  return all;
}

std::string found(const ForwardRules& all, std::string_view asked, dns::RRType type = dns::RRType::A) {
  const ForwardRule* rule = all.find({name(asked), type, dns::RRClass::IN});
  return rule == nullptr ? "none" : rule->zone.text();
}

} // namespace

TEST_CASE("the deepest rule that covers a name is found, in any letter case") {
  const ForwardRules all = rules({"example.com", "a.b.example.com", "net"});
  CHECK(found(all, "www.example.com") == "example.com.");
  CHECK(found(all, "EXAMPLE.com") == "example.com.");
  CHECK(found(all, "b.example.com") == "example.com.");
  CHECK(found(all, "x.A.b.example.com") == "a.b.example.com.");
  CHECK(found(all, "net") == "net.");
  CHECK(found(all, "com") == "none");
  CHECK(found(all, "notexample.com") == "none");
  CHECK(found(all, ".") == "none");
  CHECK(found(rules({"."}), "com") == ".");
  CHECK(found(rules({".", "com"}), ".") == ".");
  CHECK(found(rules({}), "com") == "none");
}

TEST_CASE("DS of a zone that is forwarded to its own servers belongs to the rule above") {
  const ForwardRules all = rules({"com", "example.com"}, false);
  CHECK(found(all, "example.com", dns::RRType::DS) == "com.");
  CHECK(found(all, "www.example.com", dns::RRType::DS) == "example.com.");
  CHECK(found(all, "com", dns::RRType::DS) == "none");
  CHECK(found(rules({"example.com"}), "example.com", dns::RRType::DS) == "example.com.");
}

TEST_CASE("a rule is found among ten thousand") {
  ForwardRules all;
  for (int i = 0; i < 10'000; ++i) {
    ForwardRule rule;
    rule.zone = name("z" + std::to_string(i) + ".example");
    all.add(std::move(rule));
  }
  CHECK(found(all, "www.z9999.example") == "z9999.example.");
  CHECK(found(all, "www.z10000.example") == "none");
  CHECK(all.at(name("Z77.example")) != nullptr);
  CHECK(all.at(name("www.z77.example")) == nullptr);
}
