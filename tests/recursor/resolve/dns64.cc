// DNS64: address forms, synthesis, and the router's use of it.
#include "recursor/resolve/dns64.hh"

#include "tests/recursor/resolve/smallinternet.hh"

using namespace rec;
using namespace rectest;
using namespace std::chrono_literals;
using dns::RCode;
using dns::RRType;

namespace {

Dns64Prefix prefix(const char* text) { return Dns64Prefix(*base::Netmask::parse(text)); }

std::array<std::byte, 4> ipv4(const char* text) {
  std::array<std::byte, 4> octets{};
  const auto parsed = address(text);
  std::copy_n(parsed.octets().begin(), octets.size(), octets.begin());
  return octets;
}

std::string embedded(const char* below) { return base::Address::v6(prefix(below).embed(ipv4("192.0.2.33")), 0).text(); }

Outcome answer(std::initializer_list<const char*> records) {
  Outcome outcome;
  outcome.rcode = RCode::NoError;
  for (const char* line : records) {
    const dns::RRset set = rrset(line);
    outcome.answer.push_back({set, set.ttl()});
  }
  return outcome;
}

class Bench : public SmallInternet {
 public:
  Bench() { options->dns64 = prefix("64:ff9b::/96"); }
  [[nodiscard]] std::optional<Outcome> cached(const dns::Question& question, bool asItIs = false) {
    Request request;
    request.question = question;
    request.asItIs = asItIs;
    return router.fromCache(request);
  }
  [[nodiscard]] std::string cachedAnswer(const dns::Question& question) {
    Result result;
    auto outcome = cached(question);
    REQUIRE(outcome);
    result.outcome = std::move(*outcome);
    return result.answer();
  }
};

constexpr const char* kReverse = "0.5.2.0.0.0.0.c.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.b.9.f.f.4.6.0.0.ip6.arpa.";

} // namespace

TEST_CASE("an IPv4 address is put behind the prefix, around bits 64 to 71") { // the table of RFC 6052 2.4
  CHECK(embedded("2001:db8::/32") == "2001:db8:c000:221::");
  CHECK(embedded("2001:db8:100::/40") == "2001:db8:1c0:2:21::");
  CHECK(embedded("2001:db8:122::/48") == "2001:db8:122:c000:2:2100::");
  CHECK(embedded("2001:db8:122:300::/56") == "2001:db8:122:3c0:0:221::");
  CHECK(embedded("2001:db8:122:344::/64") == "2001:db8:122:344:c0:2:2100:0");
  CHECK(embedded("2001:db8:122:344::/96") == "2001:db8:122:344::c000:221");
  CHECK(embedded("fe80::21b:aabb:0:0/96") == "fe80::21b:aabb:c000:221");
}

TEST_CASE("the IPv4 address is found again, and only in addresses of that form") {
  for (const char* text : {"2001:db8::/32", "2001:db8:100::/40", "2001:db8:122::/48", "2001:db8:122:300::/56",
                           "2001:db8:122:344::/64", "64:ff9b::/96"}) {
    const Dns64Prefix below = prefix(text);
    auto made = below.embed(ipv4("192.0.2.33"));
    CHECK(below.extract(made) == ipv4("192.0.2.33"));
    made[0] ^= std::byte{1};
    CHECK_FALSE(below.extract(made));
  }
  auto reserved = prefix("2001:db8::/32").embed(ipv4("192.0.2.33"));
  reserved[8] = std::byte{1};
  CHECK_FALSE(prefix("2001:db8::/32").extract(reserved));
}

TEST_CASE("a reverse name inside the prefix leads to in-addr.arpa") {
  const auto target = [](const std::string& from) { return reverseTarget(prefix("64:ff9b::/96"), name(from)); };
  CHECK(target(kReverse) == name("80.2.0.192.in-addr.arpa."));
  CHECK(target("0.5.2.0.0.0.0.C.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.B.9.F.F.4.6.0.0.IP6.ARPA.") ==
        name("80.2.0.192.in-addr.arpa."));
  CHECK_FALSE(target("1" + std::string(kReverse)));
  CHECK_FALSE(target("1." + std::string(kReverse)));
  CHECK_FALSE(target(std::string(kReverse).substr(2)));
  CHECK_FALSE(target("0.5.2.0.0.0.0.c.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.b.9.f.f.4.6.0.1.ip6.arpa."));
  CHECK_FALSE(target("x.5.2.0.0.0.0.c.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.b.9.f.f.4.6.0.0.ip6.arpa."));
}

TEST_CASE("synthesised records live no longer than the A records, the denial, or 600 s without one") {
  const auto ttl = [](const Outcome& forAaaa, const char* record) {
    const auto made = synthesise(prefix("64:ff9b::/96"), forAaaa, answer({record}));
    REQUIRE(made);
    return made->answer.at(0).ttl;
  };
  Outcome denied = answer({});
  CHECK(ttl(denied, "www.example.com. 3600 IN A 192.0.2.80") == 600);
  denied.authority.push_back({rrset("example.com. 900 IN SOA ns.example.com. h.example.com. 1 2 3 4 60"), 60});
  CHECK(ttl(denied, "www.example.com. 3600 IN A 192.0.2.80") == 60);
  CHECK(ttl(denied, "www.example.com. 20 IN A 192.0.2.80") == 20);
}

TEST_CASE("nothing is synthesised from an outcome without A records, and what is made is never secure") {
  const Dns64Prefix below = prefix("64:ff9b::/96");
  CHECK_FALSE(synthesise(below, answer({}), answer({"a.example.com. 60 IN CNAME b.example.com."})));
  Outcome secure = answer({"www.example.com. 60 IN A 192.0.2.80"});
  secure.security = Security::Secure;
  CHECK(synthesise(below, secure, secure)->security == Security::Insecure);
}

TEST_CASE("addresses of ::ffff:0:0/96 do not count, others beside them do") {
  Outcome outcome = answer({"www.example.com. 60 IN AAAA ::ffff:192.0.2.80"});
  CHECK_FALSE(lacksAddresses(outcome));
  dropExcludedAddresses(outcome);
  CHECK(lacksAddresses(outcome));
  outcome = answer({"www.example.com. 60 IN AAAA 2001:db8::80"});
  dropExcludedAddresses(outcome);
  CHECK(outcome.answer.size() == 1);
}

TEST_CASE("a name without AAAA gets addresses made from its A records, from the caches the same") {
  Bench bench;
  const std::string www = "www.example.com. AAAA 64:ff9b::c000:250\n";
  CHECK_FALSE(bench.cached(question("www.example.com", RRType::AAAA)));
  const Result result = bench.resolve(question("www.example.com", RRType::AAAA));
  CHECK(result.answer() == www);
  CHECK(result.outcome.answer.at(0).ttl == 60);
  CHECK(bench.counters.get(Metric::Dns64PrefixAnswers) == 1);
  bench.internet.forget();
  CHECK(bench.cachedAnswer(question("www.example.com", RRType::AAAA)) == www);
  CHECK(bench.internet.asked().empty());
}

TEST_CASE("the caches decline when they know the denial but not the A records") {
  Bench bench;
  const auto wanted = question("www.example.com", RRType::AAAA);
  bench.resolve(wanted);
  bench.records.wipe(wanted.name, false, RRType::A);
  CHECK_FALSE(bench.cached(wanted));
  CHECK(bench.resolve(wanted).answer() == "www.example.com. AAAA 64:ff9b::c000:250\n");
}

TEST_CASE("aliases stay in front of synthesised addresses") {
  Bench bench;
  const std::string chain = "alias.example.com. CNAME www.example.com.\nwww.example.com. AAAA 64:ff9b::c000:250\n";
  CHECK(bench.resolve(question("alias.example.com", RRType::AAAA)).answer() == chain);
  CHECK(bench.cachedAnswer(question("alias.example.com", RRType::AAAA)) == chain);
}

TEST_CASE("names that have AAAA records, do not exist or fail are left alone") {
  Bench bench;
  bench.serveNet("six.net. 300 IN AAAA 2001:db8::6\nsix.net. 300 IN A 192.0.2.6\nnone.net. 300 IN TXT \"x\"\n");
  CHECK(bench.resolve(question("six.net", RRType::AAAA)).answer() == "six.net. AAAA 2001:db8::6\n");
  CHECK(bench.cachedAnswer(question("six.net", RRType::AAAA)) == "six.net. AAAA 2001:db8::6\n");
  CHECK(bench.resolve(question("no.example.com", RRType::AAAA)).outcome.rcode == RCode::NXDomain);
  CHECK(bench.resolve(question("self.example.com", RRType::AAAA)).outcome.rcode == RCode::ServFail);
  const Result none = bench.resolve(question("none.net", RRType::AAAA));
  CHECK(none.outcome.rcode == RCode::NoError);
  CHECK(none.outcome.answer.empty());
  CHECK(none.outcome.authority.size() == 1);
  CHECK(bench.internet.count("no.example.com") == 1);
  CHECK(bench.counters.get(Metric::Dns64PrefixAnswers) == 0);
}

TEST_CASE("a name that has only excluded AAAA records gets synthesised ones") {
  Bench bench;
  bench.serveNet("mapped.net. 300 IN AAAA ::ffff:192.0.2.6\nmapped.net. 3600 IN A 192.0.2.6\n");
  const Result result = bench.resolve(question("mapped.net", RRType::AAAA));
  CHECK(result.answer() == "mapped.net. AAAA 64:ff9b::c000:206\n");
  CHECK(result.outcome.answer.at(0).ttl == 600);
  CHECK(bench.cachedAnswer(question("mapped.net", RRType::AAAA)) == "mapped.net. AAAA 64:ff9b::c000:206\n");
}

TEST_CASE("who validates by himself gets what there is") {
  Bench bench;
  bench.resolve(question("www.example.com", RRType::AAAA));
  const auto plain = bench.cached(question("www.example.com", RRType::AAAA), true);
  REQUIRE(plain);
  CHECK(plain->answer.empty());
  CHECK(plain->authority.size() == 1);
}

TEST_CASE("a reverse name inside the prefix is an alias of the IPv4 one, which is resolved") {
  Bench bench;
  bench.internet.serve("192.0.2.1", "arpa. 900 IN SOA a.root.test. host.root.test. 1 2 3 4 60\n"
                                    "80.2.0.192.in-addr.arpa. 300 IN PTR www.example.com.\n");
  const std::string expected =
      std::string(kReverse) + " CNAME 80.2.0.192.in-addr.arpa.\n80.2.0.192.in-addr.arpa. PTR www.example.com.\n";
  CHECK(bench.resolve(question(kReverse, RRType::PTR)).answer() == expected);
  CHECK(bench.cachedAnswer(question(kReverse, RRType::PTR)) == expected);
  CHECK(bench.counters.get(Metric::Dns64PrefixAnswers) == 2);
  bench.options->limits.maxCnames = 0;
  CHECK(bench.resolve(question(kReverse, RRType::PTR)).outcome.rcode == RCode::ServFail);
}
