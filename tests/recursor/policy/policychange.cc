// Which answers a change of names concerns.
#include "recursor/policy/policychange.hh"

#include <catch2/catch.hpp>

#include "lib/dns/presentation.hh"
#include "lib/dns/wirewriter.hh"

using namespace rec;

namespace {

dns::Name name(const std::string& text) { return *dns::Name::parse(text); }

std::vector<std::byte> answer(const std::string& asked, const std::vector<std::string>& records) {
  std::vector<std::byte> buffer(4096);
  dns::WireWriter writer(buffer);
  writer.header({.qr = true});
  writer.question({name(asked), dns::RRType::A, dns::RRClass::IN});
  for (const auto& line : records) {
    const auto set = dns::parseRecord(line, dns::Name(), 60);
    REQUIRE(set);
    REQUIRE(writer.rrset(dns::Section::Answer, *set, set->ttl(), true));
  }
  writer.header({.qr = true});
  buffer.resize(writer.size());
  return buffer;
}

} // namespace

TEST_CASE("a name, and all below a wildcard's") {
  PolicyChange change;
  change.add(name("a.example"), false);
  change.add(name("w.example"), true);
  CHECK(change.touches(name("A.Example")));
  CHECK_FALSE(change.touches(name("x.a.example")));
  CHECK_FALSE(change.touches(name("w.example")));
  CHECK(change.touches(name("x.w.example")));
  CHECK(change.touches(name("y.x.w.example")));
  CHECK_FALSE(change.touches(name("example")));
  CHECK(change.size() == 2);
}

TEST_CASE("answers to the name, and those whose aliases lead to it") {
  PolicyChange change;
  change.add(name("a.example"), false);
  CHECK(change.touchesAnswer(answer("a.example", {})));
  CHECK_FALSE(change.touchesAnswer(answer("b.example", {"b.example. 60 IN A 192.0.2.1"})));
  CHECK(
      change.touchesAnswer(answer("b.example", {"b.example. 60 IN CNAME c.example.",
                                                "c.example. 60 IN CNAME a.example.", "a.example. 60 IN A 192.0.2.1"})));
  CHECK_FALSE(change.touchesAnswer(
      answer("b.example", {"b.example. 60 IN CNAME c.example.", "c.example. 60 IN TXT \"a.example.\""})));
  const auto whole = answer("b.example", {"b.example. 60 IN CNAME c.example."});
  CHECK(change.touchesAnswer(std::span(whole).first(whole.size() - 3))); // cannot be read
}

TEST_CASE("two changes are both; one that is not known makes all unknown") {
  const auto one = std::make_shared<PolicyChange>(), other = std::make_shared<PolicyChange>();
  one->add(name("a.example"), false);
  other->add(name("b.example"), false);
  const auto both = PolicyChange::merged(one, other);
  REQUIRE(both);
  CHECK(both->touches(name("a.example")));
  CHECK(both->touches(name("b.example")));
  CHECK_FALSE(PolicyChange::merged(one, nullptr));
  CHECK_FALSE(PolicyChange::merged(nullptr, other));
}
