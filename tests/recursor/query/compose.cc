// Composing: what of an outcome a client gets, and in how many octets.
#include "recursor/query/compose.hh"

#include <set>

#include "tests/recursor/query/bench.hh"

using namespace querytest;
using dns::RCode;
using dns::RRType;

namespace {

struct Composing {
  Composing() {
    query.question = {name("www.example.com"), RRType::A, dns::RRClass::IN};
    query.header.rd = true;
    query.outcome.rcode = RCode::NoError;
  }
  dns::Message compose() {
    rec::Composer composer(settings);
    const rec::Composed composed = composer.compose(query);
    size = composed.message.size();
    complete = composed.complete;
    lowestTtl = composed.lowestTtl;
    return parsed({composed.message.begin(), composed.message.end()});
  }
  static rec::AgedRRset text(const std::string& owner, std::size_t records) {
    dns::RRsetBuilder builder(name(owner), RRType::TXT, dns::RRClass::IN, 60);
    for (std::size_t i = 0; i < records; ++i) {
      std::vector<std::byte> rdata(101, std::byte{'a'});
      rdata[0] = std::byte{100};
      rdata[1] = static_cast<std::byte>('a' + i);
      builder.add(rdata);
    }
    return {builder.build(), 60};
  }
  rec::Settings settings = rec::defaultSettings();
  rec::Query query;
  std::size_t size = 0;
  std::uint32_t lowestTtl = 0;
  bool complete = false;
};

} // namespace

TEST_CASE("without EDNS an answer over UDP has at most 512 octets") {
  Composing c;
  c.query.outcome.answer.push_back(Composing::text("www.example.com", 6));
  const auto answer = c.compose();
  CHECK(answer.header.tc);
  CHECK(answer.answer.empty());
  CHECK(c.size <= 512);
  CHECK_FALSE(c.complete);
  c.query.client.tcp = true;
  CHECK_FALSE(c.compose().header.tc);
  CHECK(c.complete);
}

TEST_CASE("the threshold bounds what a client offers, and 512 is the least") {
  Composing c;
  c.query.outcome.answer.push_back(Composing::text("www.example.com", 15));
  c.query.edns = edns(65535);
  CHECK(c.compose().header.tc);
  c.settings.udpTruncationThreshold = 4096;
  CHECK_FALSE(c.compose().header.tc);
  c.query.edns = edns(0);
  c.query.outcome.answer = {Composing::text("www.example.com", 3)};
  CHECK_FALSE(c.compose().header.tc);
}

TEST_CASE("whole record sets are left out, the additional section silently") {
  Composing c;
  c.query.outcome.answer = {Composing::text("www.example.com", 2), Composing::text("b.example.com", 5)};
  auto answer = c.compose();
  CHECK(answer.header.tc);
  CHECK(answer.answer.size() == 1);
  c.query.outcome.answer.pop_back();
  c.query.outcome.additional = {Composing::text("b.example.com", 5)};
  answer = c.compose();
  CHECK_FALSE(answer.header.tc);
  CHECK(answer.additional.empty());
  CHECK_FALSE(c.complete);
}

TEST_CASE("signatures and denial records go to those who set DO") {
  Composing c;
  dns::RRsetBuilder builder(name("www.example.com"), RRType::A, dns::RRClass::IN, 60);
  builder.add(std::array{std::byte{192}, std::byte{0}, std::byte{2}, std::byte{1}});
  builder.addSignature(std::vector<std::byte>(40, std::byte{0}));
  c.query.outcome.answer = {{builder.build(), 60}};
  dns::RRsetBuilder denial(name("a.example.com"), RRType::NSEC, dns::RRClass::IN, 60);
  denial.add(std::vector<std::byte>(4, std::byte{0}));
  c.query.outcome.authority = {{denial.build(), 60}};
  CHECK(c.compose().answer.at(0).signatureCount() == 0);
  CHECK(c.compose().authority.empty());
  c.query.edns = edns();
  c.query.edns->dnssecOk = true;
  const auto answer = c.compose();
  CHECK(answer.edns->dnssecOk);
  CHECK(answer.authority.size() == 1);
}

TEST_CASE("a positive answer has no name servers beside it") {
  Composing c;
  c.query.outcome = positive("www.example.com");
  c.query.outcome.authority = {{dns::makeNameRRset(name("example.com"), RRType::NS, 60, name("ns.example.com")), 60}};
  CHECK(c.compose().authority.empty());
  c.query.outcome.authoritative = true;
  CHECK(c.compose().authority.size() == 1);
  CHECK(c.compose().header.aa);
}

TEST_CASE("the order of records turns, unless it shall not") {
  Composing c;
  c.query.client.tcp = true;
  c.query.outcome.answer = {Composing::text("www.example.com", 8)};
  const auto first = [&] {
    const auto answer = c.compose();
    return static_cast<char>(answer.answer.at(0).front()[1]);
  };
  std::set<char> seen;
  for (int i = 0; i < 200; ++i) {
    seen.insert(first());
  }
  CHECK(seen.size() > 4);
  c.settings.noShuffle = true;
  seen.clear();
  for (int i = 0; i < 20; ++i) {
    seen.insert(first());
  }
  CHECK(seen.size() == 1);
}

TEST_CASE("explanations are shortened before an answer is") {
  Composing c;
  c.query.edns = edns(512);
  c.query.outcome.rcode = RCode::ServFail;
  for (int i = 0; i < 5; ++i) {
    c.query.outcome.errors.push_back({dns::EdeCode::NetworkError, std::string(400, 'x')});
  }
  const auto answer = c.compose();
  CHECK_FALSE(answer.header.tc);
  CHECK(c.size <= 512);
  CHECK_FALSE(answer.edns->errors.empty());
}

TEST_CASE("the lowest TTL counts, and no record is none") {
  Composing c;
  c.query.outcome.answer = {address("www.example.com", "192.0.2.1", 30), address("b.example.com", "192.0.2.2", 20)};
  c.compose();
  CHECK(c.lowestTtl == 20);
  c.query.outcome.answer.clear();
  c.compose();
  CHECK(c.lowestTtl == 0);
}

TEST_CASE("keepalive is offered over TCP to those who ask for it") {
  Composing c;
  c.query.edns = edns();
  c.query.edns->keepaliveRequested = true;
  CHECK_FALSE(c.compose().edns->keepaliveTimeout);
  c.query.client.tcp = true;
  CHECK(c.compose().edns->keepaliveTimeout == 20);
}
