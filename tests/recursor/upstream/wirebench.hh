// A WireExchange over fake transports, for the tests of each thing that it has to cope with, and the servers behind
// them.
#pragma once

#include <catch2/catch.hpp>

#include "recursor/upstream/wireexchange.hh"
#include "tests/recursor/upstream/helpers.hh"

namespace test {

using Server = FakeTransport::Server;

// A server that answers its first question as the first reply says, and so on; the last one again and again.
inline Server inTurn(std::vector<Reply> replies) {
  return [replies, at = std::size_t{0}](std::span<const std::byte> sent) mutable {
    const Reply how = replies[std::min(at++, replies.size() - 1)];
    return std::vector<Packet>{reply(sent, how)};
  };
}
// All of the replies to each question.
inline Server together(std::vector<Reply> replies) {
  return [replies](std::span<const std::byte> sent) {
    std::vector<Packet> packets;
    for (const Reply& how : replies) packets.push_back(reply(sent, how));
    return packets;
  };
}
inline Server silent() {
  return [](std::span<const std::byte>) { return std::vector<Packet>(); };
}

// What the exchange answered goes into `into`.
inline coro::Task<void> store(coro::Task<rec::ReplyPtr> asking, rec::ServerReply& into) {
  auto reply = co_await asking;
  into = std::move(*reply);
}

struct WireBench {
  explicit WireBench(Server overUdp, Server overTcp = inTurn({Reply{}})) {
    auto first = std::make_unique<FakeTransport>(std::move(overUdp));
    auto second = std::make_unique<FakeTransport>(std::move(overTcp));
    udp = first.get();
    tcp = second.get();
    transports[0] = std::move(first);
    transports[1] = std::move(second);
    auto third = std::make_unique<FakeTransport>(inTurn({Reply{}}));
    tls = third.get();
    transports[static_cast<std::size_t>(rec::TransportKind::Tls)] = std::move(third);
    options.localAddresses = {address("0.0.0.0")};
    work.deadline = clock.mono() + std::chrono::milliseconds(4500);
    question.server = server;
    question.question = {name("www.Example.com"), dns::RRType::A, dns::RRClass::IN};
    question.deadline = clock.mono() + std::chrono::milliseconds(800);
  }
  rec::ServerReply ask() {
    if (!exchange) {
      exchange = std::make_unique<rec::WireExchange>(loop, speeds, counters, latencies, std::move(transports), options);
    }
    rec::ServerReply reply;
    roots.spawn(store(exchange->ask(question, work), reply));
    CHECK(roots.running() == 0);
    return reply;
  }
  rec::ServerState state() { return speeds.get(server, clock.mono()); }
  std::uint64_t count(rec::Metric metric) const { return counters.get(metric); }

  base::ManualClock clock;
  coro::Loop loop{clock};
  coro::Roots roots{[](const std::string& what) { FAIL(what); }};
  rec::NsSpeeds speeds{rec::NsSpeeds::Options{}};
  rec::Counters counters;
  rec::Latencies latencies{counters, 100};
  rec::TransportTable transports;
  FakeTransport* udp;
  FakeTransport* tcp;
  FakeTransport* tls;
  rec::WireExchange::Options options;
  std::unique_ptr<rec::WireExchange> exchange;
  base::Address server = address("198.51.100.1");
  rec::ServerQuestion question;
  rec::Work work;
};

} // namespace test
