// A question that the hot path has read in place and one that the pipeline reads whole: what is known of it, and the
// answer, are the same.
#include "tests/recursor/query/bench.hh"

using namespace querytest;
using dns::RRType;

namespace {

constexpr auto kCookie = dns::Cookie{};

std::vector<Ask> plainQuestions() {
  std::vector<Ask> all;
  for (const auto* owner :
       {"www.example.com", "WwW.exAmple.COM", ".", "a.b.c.d.e.f.g.h.i.j.k.l.m.n.o.p.q.r.s.t.u.v.w.x.y"}) {
    for (const RRType type : {RRType::A, RRType::AAAA, RRType::MX, RRType::CNAME, RRType{65280}}) {
      all.push_back({.name = owner, .type = type});
    }
  }
  for (unsigned bits = 0; bits < 8; ++bits) {
    Ask ask;
    ask.header.rd = (bits & 1) == 0;
    ask.header.ad = (bits & 2) != 0;
    ask.header.cd = (bits & 4) != 0;
    all.push_back(ask);
  }
  for (std::size_t i = 0, count = all.size(); i < count; ++i) {
    for (unsigned variant = 0; variant < 4; ++variant) {
      Ask ask = all[i];
      ask.edns = edns(variant == 1 ? 0 : 1232);
      ask.edns->dnssecOk = variant >= 2;
      if (variant == 3) ask.edns->cookie = kCookie;
      all.push_back(ask);
    }
  }
  return all;
}

rec::Outcome known(dns::RCode rcode, std::vector<rec::AgedRRset> answer, rec::Security security) {
  rec::Outcome outcome;
  outcome.rcode = rcode;
  outcome.kind = rec::AnswerKind::RecordCache;
  outcome.security = security;
  outcome.answer = std::move(answer);
  return outcome;
}

rec::AgedRRset manyAddresses(const std::string& owner, unsigned count) {
  dns::RRsetBuilder builder(name(owner), RRType::A, dns::RRClass::IN, 300);
  for (unsigned i = 0; i < count; ++i) {
    builder.add(base::Address::parse("192.0.2." + std::to_string(i))->octets());
  }
  return {builder.build(), 300};
}

// What the caches may say: addresses, few and too many for a packet, an alias, a denial, a failure.
std::vector<rec::Outcome> outcomesFor(const std::string& owner) {
  const rec::AgedRRset alias{dns::makeNameRRset(name(owner), RRType::CNAME, 60, name("Other.Example.net")), 60};
  std::vector<rec::Outcome> all;
  all.push_back(known(dns::RCode::NoError, {manyAddresses(owner, 1)}, rec::Security::Insecure));
  all.push_back(known(dns::RCode::NoError, {manyAddresses(owner, 5)}, rec::Security::Secure));
  all.push_back(known(dns::RCode::NoError, {manyAddresses(owner, 90)}, rec::Security::Secure));
  all.push_back(known(dns::RCode::NoError, {alias, manyAddresses("other.example.net", 2)}, rec::Security::Secure));
  all.push_back(known(dns::RCode::NXDomain, {}, rec::Security::Secure));
  all.back().authority.push_back({dns::makeNameRRset(name("example.com"), RRType::NS, 60, name("ns.example.com")), 60});
  all.push_back(known(dns::RCode::ServFail, {}, rec::Security::Indeterminate));
  all.back().errors.push_back({dns::EdeCode::NetworkError, "nobody there"});
  return all;
}

// `given`: the pipeline gets what the hot path has read.
Packet answerTo(Bench& bench, const Packet& question, bool given) {
  const auto read = rec::parseRawQuestion(question);
  REQUIRE(read);
  bench.answers.clear();
  bench.pipeline->accept(question, {}, bench.clock.mono(), nullptr, given ? &*read : nullptr);
  REQUIRE(bench.answers.size() == 1);
  return bench.answers.front();
}

} // namespace

TEST_CASE("a question read in place is the one that the whole message has") {
  for (const Ask& ask : plainQuestions()) {
    const Packet question = packet(ask);
    const auto read = rec::parseRawQuestion(question);
    const auto whole = dns::parseMessage(question);
    REQUIRE(read);
    REQUIRE(whole);
    CHECK(read->question() == *whole->question);
    CHECK(read->question().name.identicalTo(whole->question->name));
    const auto options = read->edns();
    REQUIRE(options.has_value() == whole->edns.has_value());
    if (options) {
      CHECK(options->udpSize == std::max<std::uint16_t>(whole->edns->udpSize, 512));
      CHECK(options->dnssecOk == whole->edns->dnssecOk);
      CHECK(options->version == 0);
    }
  }
}

TEST_CASE("the answer is the same octet for octet, whoever has read the question") {
  Bench bench([](rec::Settings& settings) { settings.noShuffle = true; });
  const auto questions = plainQuestions();
  for (std::size_t which = 0; which < outcomesFor("www.example.com").size(); ++which) {
    bench.resolver.cached = [which](const rec::Request& request) {
      return std::optional(outcomesFor(request.question.name.text()).at(which));
    };
    for (const Ask& ask : questions) {
      const Packet question = packet(ask);
      CHECK(answerTo(bench, question, true) == answerTo(bench, question, false));
    }
  }
}
