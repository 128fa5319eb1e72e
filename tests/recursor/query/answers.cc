// How answers look: addresses in an order of the client's own, and records that come along.
#include <map>

#include "lib/dns/presentation.hh"
#include "tests/recursor/query/bench.hh"

using namespace querytest;
using dns::RRType;
using rec::AdditionalMode;

namespace {

rec::AgedRRset record(const std::string& line) {
  const auto set = dns::parseRecord(line, dns::Name(), 300);
  REQUIRE(set);
  return {*set, 300};
}

rec::AgedRRset addresses(const std::string& owner, const std::vector<std::string>& all) {
  dns::RRsetBuilder builder(name(owner), RRType::A, dns::RRClass::IN, 300);
  for (const auto& one : all) builder.add(base::Address::parse(one)->octets());
  return {builder.build(), 300};
}

// The resolver's caches know what is in `known`, by "name TYPE"; the rest it finds in `world` when it may ask.
struct World : Bench {
  World() {
    resolver.cached = [this](const rec::Request& request) { return find(known, request); };
    resolver.make = [this](const rec::Request& request) {
      const auto found = find(world, request);
      if (found) known[keyOf(request)] = world.at(keyOf(request));
      return found.value_or(rec::Outcome());
    };
    rules = std::make_shared<rec::AnswerRules>();
  }
  static std::string keyOf(const rec::Request& request) {
    return request.question.name.text() + " " + dns::text(request.question.type);
  }
  std::optional<rec::Outcome> find(const std::map<std::string, rec::AgedRRset>& in, const rec::Request& request) const {
    const auto found = in.find(keyOf(request));
    if (found == in.end() || (request.authoritativeOnly && notAuthoritative.contains(keyOf(request)))) {
      return std::nullopt;
    }
    rec::Outcome outcome;
    outcome.rcode = dns::RCode::NoError;
    outcome.kind = rec::AnswerKind::RecordCache;
    outcome.security = rec::Security::Insecure;
    outcome.answer.push_back(found->second);
    return outcome;
  }
  void know(const std::string& key, const std::string& line) { known.emplace(key, record(line)); }
  void exist(const std::string& key, const std::string& line) { world.emplace(key, record(line)); }
  void begin() {
    pipeline->setAnswerRules(rules);
    hot->setAnswerRules(rules);
  }
  void allow(RRType type, std::vector<RRType> targets, AdditionalMode mode) {
    rules->additionals[type] = {std::move(targets), mode};
    begin();
  }
  // The additional section of an answer, OPT aside: a line each.
  std::string additional(const std::string& asked, RRType type) {
    const auto packetOf = packet({.name = asked, .type = type});
    send(packetOf);
    for (int i = 0; i < 20; ++i) loop.runOnce();
    REQUIRE(answers.size() + (wasHit ? 1U : 0U) == 1);
    const auto message = wasHit ? parsed(*send(packetOf)) : parsed(answers.front());
    CHECK_FALSE(message.answer.empty());
    std::string text;
    for (const auto& set : message.additional) text += set.owner().text() + " " + dns::text(set.type()) + "\n";
    return text;
  }

  std::map<std::string, rec::AgedRRset> known, world;
  std::set<std::string> notAuthoritative;
  std::shared_ptr<rec::AnswerRules> rules;
};

std::vector<std::string> addressesIn(const Packet& answer) {
  std::vector<std::string> all;
  for (const auto& set : parsed(answer).answer) {
    for (const auto rdata : set.rdatas()) all.push_back(dns::readAddress(set.type(), rdata, 0)->text());
  }
  return all;
}

} // namespace

TEST_CASE("a client of a sort list gets addresses in its order, and past the packet cache; others share theirs") {
  World world;
  world.known.emplace("www.example.com. A", addresses("www.example.com", {"192.0.2.1", "198.51.100.1", "203.0.113.1"}));
  world.rules->sortLists.add(*base::Netmask::parse("10.0.0.0/8"), {*base::Netmask::parse("203.0.113.0/24")},
                             std::nullopt);
  world.rules->sortLists.add(*base::Netmask::parse("10.0.0.0/8"), {*base::Netmask::parse("192.0.2.0/24")},
                             std::nullopt);
  world.begin();
  const auto question = packet({});
  for (int i = 0; i < 5; ++i) {
    const auto answer = world.send(question, false, "10.1.2.3:4000");
    REQUIRE(answer);
    CHECK_FALSE(world.wasHit);
    CHECK(addressesIn(*answer) == std::vector<std::string>{"203.0.113.1", "192.0.2.1", "198.51.100.1"});
  }
  REQUIRE(world.send(question));
  CHECK_FALSE(world.wasHit);
  REQUIRE(world.send(question));
  CHECK(world.wasHit);
  REQUIRE(world.send(question, false, "10.1.2.3:4000"));
  CHECK_FALSE(world.wasHit);
}

TEST_CASE("what the caches have of the names in an answer comes along, each mode as it says") {
  World world;
  world.know("example.com. MX", "example.com. IN MX 10 mail.example.com.");
  world.know("mail.example.com. A", "mail.example.com. IN A 192.0.2.7");
  world.exist("mail.example.com. AAAA", "mail.example.com. IN AAAA 2001:db8::7");
  const std::vector<RRType> both{RRType::A, RRType::AAAA};
  CHECK(world.additional("example.com", RRType::MX).empty()); // without a rule
  world.cache.wipe(name("."), true);
  SECTION("ignored") {
    world.allow(RRType::MX, both, AdditionalMode::Ignore);
    CHECK(world.additional("example.com", RRType::MX).empty());
  }
  SECTION("from the caches") {
    world.allow(RRType::MX, both, AdditionalMode::CacheOnly);
    world.notAuthoritative.insert("mail.example.com. A");
    CHECK(world.additional("example.com", RRType::MX) == "mail.example.com. A\n");
    CHECK(world.additional("example.com", RRType::MX) == "mail.example.com. A\n");
    CHECK(world.wasHit);
    CHECK(world.resolver.resolutions == 0);
  }
  SECTION("only what is authoritative") {
    world.allow(RRType::MX, both, AdditionalMode::CacheOnlyRequireAuth);
    CHECK(world.additional("example.com", RRType::MX) == "mail.example.com. A\n");
    world.cache.wipe(name("."), true);
    world.notAuthoritative.insert("mail.example.com. A");
    CHECK(world.additional("example.com", RRType::MX).empty());
  }
  SECTION("asked for first") {
    world.allow(RRType::MX, both, AdditionalMode::ResolveImmediately);
    world.world.emplace("example.com. MX", world.known.at("example.com. MX"));
    CHECK(world.additional("example.com", RRType::MX) == "mail.example.com. A\nmail.example.com. AAAA\n");
  }
  SECTION("asked for afterwards") {
    world.allow(RRType::MX, both, AdditionalMode::ResolveDeferred);
    CHECK(world.additional("example.com", RRType::MX) == "mail.example.com. A\n");
    CHECK(world.additional("example.com", RRType::MX) == "mail.example.com. A\nmail.example.com. AAAA\n");
    CHECK_FALSE(world.wasHit);
  }
}

TEST_CASE("one record leads to the next: NAPTR to SRV to addresses") {
  World world;
  world.know("example.com. NAPTR", "example.com. IN NAPTR 10 10 \"S\" \"SIP+D2U\" \"\" _sip._udp.example.com.");
  world.exist("_sip._udp.example.com. SRV", "_sip._udp.example.com. IN SRV 1 1 5060 sip.example.com.");
  world.exist("sip.example.com. A", "sip.example.com. IN A 192.0.2.7");
  world.world.emplace("example.com. NAPTR", world.known.at("example.com. NAPTR"));
  world.allow(RRType::NAPTR, {RRType::A, RRType::SRV}, AdditionalMode::ResolveImmediately);
  world.allow(RRType::SRV, {RRType::A}, AdditionalMode::ResolveImmediately);
  CHECK(world.additional("example.com", RRType::NAPTR) == "_sip._udp.example.com. SRV\nsip.example.com. A\n");
}

TEST_CASE("a service binding without a target names its own owner, an alias of one does not") {
  World world;
  world.know("www.example.com. HTTPS", "www.example.com. IN HTTPS 1 . alpn=\"h2\"");
  world.know("www.example.com. A", "www.example.com. IN A 192.0.2.7");
  world.know("no.example.com. HTTPS", "no.example.com. IN HTTPS 0 .");
  world.know("no.example.com. A", "no.example.com. IN A 192.0.2.8");
  world.allow(RRType::HTTPS, {RRType::A}, AdditionalMode::CacheOnly);
  CHECK(world.additional("www.example.com", RRType::HTTPS) == "www.example.com. A\n");
  CHECK(world.additional("no.example.com", RRType::HTTPS).empty());
}
