// Clients' networks in the pipeline: which questions share a resolution, what the packet cache keeps, what clients are
// told.
#include <set>

#include "lib/dns/presentation.hh"
#include "tests/recursor/policy/fake.hh"
#include "tests/recursor/query/bench.hh"

using namespace querytest;
using dns::RCode;

namespace {

base::Netmask netmask(const std::string& text) { return *base::Netmask::parse(text); }

dns::Edns naming(const std::string& network) {
  dns::Edns options = edns();
  options.clientSubnet = dns::ClientSubnet{netmask(network)};
  return options;
}

// Answers each network for itself, with this scope.
struct Subnets : Bench {
  explicit Subnets(unsigned scope = 24, std::vector<std::string> list = {"example.com"},
                   const std::function<void(rec::Settings&)>& change = {})
      : Bench([&](rec::Settings& s) {
          s.allowFrom = {};
          s.ednsSubnetAllowList = list;
          s.ecsScopeZeroAddress = {*base::Address::parse("203.0.113.1")};
          if (change) {
            change(s);
          }
        }) {
    resolver.make = [this, scope](const rec::Request& request) {
      asked.push_back(request.subnet ? request.subnet->text() : "nobody");
      rec::Outcome outcome = positive(request.question.name.text());
      const std::string own =
          request.subnet ? std::to_string(std::to_integer<int>(request.subnet->network.octets()[2])) : "0";
      outcome.answer = {address(request.question.name.text(), "192.0.2." + own)}; // by the third octet
      if (request.subnet && scope > 0) {
        outcome.narrow(rec::SubnetScope::of({*request.subnet, static_cast<std::uint8_t>(scope)}, 24));
      }
      return outcome;
    };
  }
  void begin(const std::string& from, const Ask& ask = {}) {
    rec::Client client;
    client.source = *base::Address::parse(from);
    pipeline->accept(packet(ask), client, clock.mono());
  }
  void open() {
    resolver.slow->open();
    for (int i = 0; i < 6; ++i) {
      loop.runOnce();
    }
  }
  std::vector<std::string> asked;
};

using Strings = std::vector<std::string>;

std::optional<dns::ClientSubnet> toldBy(const dns::Message& answer) { return answer.edns->clientSubnet; }

} // namespace

TEST_CASE("questions of several networks for a listed domain are resolved apart, those of one together") {
  Subnets bench;
  bench.resolver.slow.emplace(bench.loop);
  bench.begin("198.51.100.1:4000");
  bench.begin("198.51.100.2:4000");
  bench.begin("198.51.101.1:4000");
  CHECK(bench.resolver.resolutions == 2);
  bench.open();
  CHECK(bench.answers.size() == 3);
  CHECK(bench.asked == Strings{"198.51.100.0/24", "198.51.101.0/24"});
}

TEST_CASE("questions for other domains are resolved together, whatever the networks") {
  Subnets bench(0, {"cdn.example.net"});
  bench.resolver.slow.emplace(bench.loop);
  for (int i = 0; i < 50; ++i) {
    bench.begin("198.51." + std::to_string(i) + ".1:4000");
  }
  CHECK(bench.resolver.resolutions == 1);
  bench.open();
  CHECK(bench.answers.size() == 50);
  CHECK(bench.resolver.resolutions == 1);
}

TEST_CASE("what turns out to be for one network, at the end of an alias, is resolved again for the others") {
  Subnets bench(24, {"cdn.example.net"});
  bench.resolver.slow.emplace(bench.loop);
  bench.begin("198.51.100.1:4000");
  bench.begin("198.51.100.2:4000");
  bench.begin("198.51.101.1:4000");
  bench.begin("198.51.101.2:4000");
  CHECK(bench.resolver.resolutions == 1);
  bench.open();
  REQUIRE(bench.answers.size() == 4);
  std::multiset<std::string> addresses;
  for (const Packet& answer : bench.answers) {
    const dns::Message message = parsed(answer);
    addresses.insert(dns::rdataText(dns::RRType::A, message.answer.front().front()));
  }
  CHECK(addresses == std::multiset<std::string>{"192.0.2.100", "192.0.2.100", "192.0.2.101", "192.0.2.101"});
}

TEST_CASE("nobody gets another network's answer because too many wait for his own") {
  Subnets bench(24, {"cdn.example.net"}, [](rec::Settings& s) { s.maxChainLength = 1; });
  bench.resolver.slow.emplace(bench.loop);
  for (const unsigned third : {100U, 101U, 101U, 101U}) { // the id says whose question it is
    bench.begin("198.51." + std::to_string(third) + ".1:4000",
                {.header = {.id = static_cast<std::uint16_t>(third), .rd = true}});
  }
  bench.open();
  REQUIRE(bench.answers.size() == 4);
  std::size_t failed = 0;
  for (const Packet& answer : bench.answers) {
    const dns::Message message = parsed(answer);
    if (message.header.rcode == RCode::ServFail) {
      ++failed;
    } else {
      REQUIRE(message.answer.size() == 1);
      CHECK(dns::rdataText(dns::RRType::A, message.answer.front().front()) ==
            "192.0.2." + std::to_string(message.header.id));
    }
  }
  CHECK(failed > 0);
  CHECK(failed < 4);
}

TEST_CASE("an answer for one network does not get into the packet cache, one for everybody does") {
  Subnets bench;
  bench.ask({});
  bench.ask({});
  CHECK_FALSE(bench.wasHit);
  CHECK(bench.cache.entries() == 0);
  Subnets common(0);
  common.ask({});
  common.ask({});
  CHECK(common.wasHit);
}

TEST_CASE("clients outside of ecs-add-for, and those that wish so, are nobody in particular") {
  Subnets bench;
  bench.send(packet({}), false, "127.0.0.1:4000");
  bench.send(packet({}), false, "198.51.100.1:4000");
  bench.send(packet({.edns = naming("0.0.0.0/0")}), false, "198.51.100.1:4000");
  bench.send(packet({.edns = naming("192.0.2.0/24")}), false, "198.51.100.1:4000");
  CHECK(bench.asked == Strings{"203.0.113.1/32", "198.51.100.0/24", "203.0.113.1/32", "198.51.100.0/24"});
}

TEST_CASE("a client that names its network is told for which its answer is, when that is used") {
  const auto use = [](rec::Settings& s) { s.useIncomingEdnsSubnet = true; };
  Subnets bench(16, {"example.com"}, use);
  CHECK(toldBy(bench.ask({.edns = naming("192.0.2.0/24")})) == dns::ClientSubnet{netmask("192.0.2.0/24"), 16});
  CHECK(toldBy(bench.ask({.edns = naming("192.0.2.77/32")})) == dns::ClientSubnet{netmask("192.0.2.77/32"), 16});
  CHECK(toldBy(bench.ask({.edns = naming("0.0.0.0/0")})) == dns::ClientSubnet{netmask("0.0.0.0/0"), 0});
  CHECK_FALSE(toldBy(bench.ask({.edns = edns()})));
  CHECK(bench.asked == Strings{"192.0.2.0/24", "192.0.2.0/24", "203.0.113.1/32", "203.0.113.1/32"});
  Subnets everybody(0, {"example.com"}, use);
  CHECK(toldBy(everybody.ask({.edns = naming("192.0.2.0/24")})) == dns::ClientSubnet{netmask("192.0.2.0/24"), 0});
  everybody.ask({.edns = naming("192.0.2.0/24")});
  CHECK_FALSE(everybody.wasHit);
  everybody.ask({.edns = edns()});
  CHECK(everybody.cache.entries() == 1);
  Subnets ignoring(16);
  CHECK_FALSE(toldBy(ignoring.ask({.edns = naming("192.0.2.0/24")})));
}

TEST_CASE("an answer that says for whom it is fits no other client's question") {
  Subnets bench(0, {"example.com"}, [](rec::Settings& s) { s.useIncomingEdnsSubnet = true; });
  bench.ask({.edns = naming("192.0.2.0/24")});
  CHECK(bench.cache.entries() == 0);
  CHECK_FALSE(toldBy(bench.ask({.edns = edns()})));
  CHECK_FALSE(toldBy(bench.ask({.edns = edns()})));
  CHECK(bench.wasHit);
}

TEST_CASE("a failure says for no network") {
  Subnets bench(0, {"example.com"}, [](rec::Settings& s) { s.useIncomingEdnsSubnet = true; });
  bench.resolver.make = [](const rec::Request&) { return rec::Outcome(); };
  CHECK_FALSE(toldBy(bench.ask({.edns = naming("192.0.2.0/24")})));
}

TEST_CASE("what a policy makes of one network's answer is told to be for that network") {
  Subnets bench(16, {"example.com"}, [](rec::Settings& s) { s.useIncomingEdnsSubnet = true; });
  const auto policy = std::make_shared<policytest::FakePolicy>();
  policy->addresses["192.0.2.2"] = policytest::verdict(rec::PolicyAction::NoData);
  auto alias = policytest::verdict(rec::PolicyAction::Custom);
  alias.custom.push_back(
      dns::makeNameRRset(name("rule."), dns::RRType::CNAME, 60, name("walled.example"))); // for everybody
  policy->addresses["192.0.2.3"] = alias;
  bench.pipeline->setPolicies(
      std::make_shared<const rec::Policies>(std::vector<rec::PolicyPtr>{policy}, std::uint64_t{1}));
  const auto make = bench.resolver.make;
  bench.resolver.make = [make](const rec::Request& request) {
    rec::Outcome outcome = make(request);
    if (request.question.name == name("walled.example")) {
      outcome.scope.reset();
    }
    return outcome;
  };
  for (const char* own : {"192.0.2.0/24", "192.0.3.0/24"}) {
    const auto answer = bench.ask({.edns = naming(own)});
    CHECK(answer.header.rcode == RCode::NoError);
    CHECK(toldBy(answer) == dns::ClientSubnet{netmask(own), 16});
  }
}

TEST_CASE("outcomes of several links are for the smallest network of them") {
  rec::Outcome outcome;
  outcome.narrow(std::nullopt);
  CHECK(outcome.cacheable);
  outcome.narrow(rec::SubnetScope{netmask("10.0.0.0/8"), 8, false});
  outcome.narrow(rec::SubnetScope{netmask("10.1.0.0/16"), 32, true});
  outcome.narrow(rec::SubnetScope{netmask("10.0.0.0/9"), 9, false});
  CHECK(outcome.scope == rec::SubnetScope{netmask("10.1.0.0/16"), 32, true});
  CHECK_FALSE(outcome.cacheable);
}
