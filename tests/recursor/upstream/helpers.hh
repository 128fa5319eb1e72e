// What the tests of upstream share: a server played by a function behind a fake transport, and replies spelled short.
#pragma once

#include <deque>
#include <functional>
#include <string_view>
#include <vector>

#include "lib/coro/gate.hh"
#include "lib/coro/root.hh"
#include "lib/dns/message.hh"
#include "lib/dns/presentation.hh"
#include "recursor/upstream/transport.hh"

namespace test {

using Packet = std::vector<std::byte>;

inline dns::Name name(std::string_view text) { return dns::Name::parse(text).value(); }
inline base::Address address(std::string_view text) { return base::Address::parse(text, 53).value(); }

// How a reply differs from a proper one: NOERROR, one A record, OPT when the query had one, its client cookie echoed.
struct Reply {
  dns::RCode rcode = dns::RCode::NoError;
  bool tc = false;
  bool opt = true;
  bool question = true;
  bool qr = true;
  std::uint16_t idOff = 0;
  bool lowercase = false;        // of the question's name
  std::string_view otherName;    // instead of the question's
  std::uint8_t serverCookie = 0; // fill of a 16-octet server cookie; 0 is none
  bool cookie = true;            // echo the client cookie when there was one
  bool wrongCookie = false;
  std::size_t cutOctets = 0; // from the end
  int scope = -1;            // the client subnet is echoed with it; negative: the answer has none
  bool otherSubnet = false;  // another one is
};

inline dns::Edns optOf(const dns::Message& query, const Reply& how) {
  dns::Edns edns;
  edns.udpSize = 1232;
  edns.extendedRcode = static_cast<std::uint8_t>(static_cast<unsigned>(how.rcode) >> 4);
  if (how.scope >= 0 && query.edns->clientSubnet) {
    edns.clientSubnet = *query.edns->clientSubnet;
    edns.clientSubnet->scope = static_cast<std::uint8_t>(how.scope);
    if (how.otherSubnet) edns.clientSubnet->source = *base::Netmask::parse("203.0.113.0/24");
  }
  if (!how.cookie || !query.edns->cookie) return edns;
  edns.cookie = *query.edns->cookie;
  edns.cookie->server.fill(std::byte{how.serverCookie});
  edns.cookie->serverSize = how.serverCookie != 0 ? 16 : 0;
  if (how.wrongCookie) edns.cookie->client[0] ^= std::byte{1};
  return edns;
}

inline Packet reply(std::span<const std::byte> sent, const Reply& how = {}) {
  const dns::Message query = dns::parseMessage(sent).value();
  Packet buffer(2048);
  dns::WireWriter writer(buffer);
  dns::Header header = query.header;
  header.qr = how.qr;
  header.tc = how.tc;
  header.rcode = how.rcode;
  header.id = static_cast<std::uint16_t>(header.id + how.idOff);
  dns::Question question = *query.question;
  if (how.lowercase) question.name = question.name.lowercased();
  if (!how.otherName.empty()) question.name = name(how.otherName);
  if (how.question) writer.question(question);
  if (how.rcode == dns::RCode::NoError) {
    const auto record = dns::parseRecord("x. 300 IN A 192.0.2.1", dns::Name(), 300).value().withOwner(question.name);
    writer.rrset(dns::Section::Answer, record, 300, true);
  }
  if (how.opt && query.edns) writer.raw(dns::Section::Additional, dns::writeEdns(optOf(query, how)));
  writer.header(header);
  buffer.resize(writer.size() - how.cutOctets);
  return buffer;
}

// A server that answers at once, or not at all: what the function returns arrives in this order.
class FakeTransport final : public rec::Transport {
 public:
  using Server = std::function<std::vector<Packet>(std::span<const std::byte> sent)>;
  explicit FakeTransport(Server server) : d_server(std::move(server)) {}

  coro::Task<rec::WireOutcome> exchange(rec::WireQuery query, rec::ReplyJudge& judge) override {
    sent.emplace_back(query.packet.begin(), query.packet.end());
    deadlines.push_back(query.deadline);
    if (hang != nullptr) {
      co_await coro::GateWait(*hang, query.deadline);
      co_return outcome(rec::WireStatus::TimedOut);
    }
    if (failure.status != rec::WireStatus::Accepted) co_return failure;
    for (Packet& packet : d_server(query.packet)) {
      const rec::ReplyVerdict verdict = judge.take(packet);
      if (verdict == rec::ReplyVerdict::Accept) co_return outcome(rec::WireStatus::Accepted);
      if (verdict == rec::ReplyVerdict::Abandon) co_return outcome(rec::WireStatus::Abandoned);
    }
    co_return outcome(rec::WireStatus::TimedOut);
  }
  [[nodiscard]] dns::Message query(std::size_t index) const { return dns::parseMessage(sent.at(index)).value(); }

  std::vector<Packet> sent;
  std::vector<base::MonoTime> deadlines;
  coro::Gate* hang = nullptr;                                  // every query waits there
  rec::WireOutcome failure{rec::WireStatus::Accepted, {}, {}}; // anything else is what becomes of every query

 private:
  static rec::WireOutcome outcome(rec::WireStatus status) { return {status, std::chrono::milliseconds(10), {}}; }
  Server d_server;
};

} // namespace test
