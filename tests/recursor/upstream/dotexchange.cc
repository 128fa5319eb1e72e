// DotExchange over a server played by the test: probes, the way back to clear text, or none.
#include "recursor/upstream/dotexchange.hh"

#include <catch2/catch.hpp>

#include "tests/recursor/upstream/helpers.hh"

using namespace rec;
using namespace std::chrono_literals;
using test::address;
using test::name;

namespace {

// A name server at two ports: what it does over TLS and what without.
class PlayedServer final : public Exchange {
 public:
  PlayedServer(coro::Loop& loop, base::ManualClock& clock) : d_clock(clock), gate(loop) {}

  coro::Task<ReplyPtr> ask(ServerQuestion question, Work& work) override {
    const bool tls = question.endpoint != nullptr;
    asked.push_back(question);
    auto reply = std::make_unique<ServerReply>();
    reply->server = question.server;
    if (!work.chargeQuery()) {
      reply->status = ExchangeStatus::OverLimit;
      co_return reply;
    }
    if (tls && held) {
      const base::MonoTime never = d_clock.mono() + 1h;
      co_await coro::GateWait(gate, never);
    }
    reply->status = tls ? tlsStatus : plainStatus;
    reply->ownFault = tls && ownFault;
    reply->detail = "it failed";
    if (reply->status == ExchangeStatus::TimedOut) d_clock.advance(question.deadline - d_clock.mono());
    if (reply->status != ExchangeStatus::Answered) co_return reply;
    reply->message.header.rcode = tls ? tlsRcode : dns::RCode::NoError;
    reply->message.header.aa = !tls || !isResolver;
    reply->message.header.ra = tls && isResolver;
    reply->rtt = 7ms;
    reply->detail.clear();
    co_return reply;
  }
  [[nodiscard]] std::string ways() const { // "plain tls"
    std::string text;
    for (const ServerQuestion& question : asked) text += question.endpoint ? "tls " : "plain ";
    return text;
  }

  base::ManualClock& d_clock;
  coro::Gate gate; // what comes over TLS waits there when `held`
  bool held = false;
  ExchangeStatus tlsStatus = ExchangeStatus::Answered;
  ExchangeStatus plainStatus = ExchangeStatus::Answered;
  bool ownFault = false;
  dns::RCode tlsRcode = dns::RCode::NoError;
  bool isResolver = false; // what is behind TLS
  std::vector<ServerQuestion> asked;
};

coro::Task<void> run(DotExchange& dot, ServerQuestion question, std::shared_ptr<Work> work,
                     std::shared_ptr<ReplyPtr> into) {
  auto reply = co_await dot.ask(std::move(question), *work);
  *into = std::move(reply);
}

struct Bench {
  explicit Bench(std::size_t maxBusy = 4) : servers({.maxBusy = maxBusy}) {}
  ~Bench() { roots.cancelAll(); }
  Bench(const Bench&) = delete;
  Bench& operator=(const Bench&) = delete;

  ServerQuestion question() {
    ServerQuestion question;
    question.server = server;
    question.question = {name("www.example.com"), dns::RRType::A, dns::RRClass::IN};
    question.encryption = dot.wayTo(server);
    if (question.encryption == Encryption::Probe) question.zone = std::make_shared<dns::Name>(name("example.com"));
    question.inClear = 800ms;
    question.deadline = clock.mono() + 2300ms;
    return question;
  }
  // Null while there is no answer.
  std::shared_ptr<ReplyPtr> ask(ServerQuestion asked) {
    auto reply = std::make_shared<ReplyPtr>();
    work = std::make_shared<Work>(WorkLimits());
    work->deadline = clock.mono() + 4500ms;
    roots.spawn(run(dot, std::move(asked), work, reply));
    return reply;
  }
  std::shared_ptr<ReplyPtr> ask() { return ask(question()); }
  std::shared_ptr<ReplyPtr> demand() {
    ServerQuestion required = question();
    required.encryption = Encryption::Required;
    return ask(std::move(required));
  }
  void turn() {
    for (int i = 0; i < 5; ++i) loop.runOnce();
  }
  void probe() { // to its end
    REQUIRE(dot.wayTo(server) == Encryption::Probe);
    ask();
    turn();
    net.asked.clear();
  }
  DotState state() { return servers.get(server, clock.mono()); }
  std::uint64_t count(Metric metric) { return counters.get(metric); }

  base::ManualClock clock;
  coro::Loop loop{clock};
  coro::Roots roots{[](const std::string& what) { FAIL(what); }};
  PlayedServer net{loop, clock};
  Counters counters;
  NsSpeeds speeds{NsSpeeds::Options{}};
  DotServers servers;
  DotExchange dot{{loop, roots, net, servers, speeds, counters}, {.probeTimeout = 4s, .maxConnections = 3}};
  base::Address server = address("192.0.2.1");
  std::shared_ptr<Work> work;
};

} // namespace

TEST_CASE("an unknown server is asked without TLS, and probed when the client has its answer (RFC 9539 4.6.3)") {
  Bench bench;
  bench.net.held = true;
  const auto reply = bench.ask();
  REQUIRE(*reply);
  CHECK((*reply)->status == ExchangeStatus::Answered);
  CHECK(bench.net.ways() == "plain ");
  bench.turn();
  CHECK(bench.net.ways() == "plain tls ");
  const ServerQuestion& probe = bench.net.asked.back();
  CHECK(probe.server == address("192.0.2.1").withPort(853));
  CHECK(probe.question.name == name("example.com"));
  CHECK(probe.question.type == dns::RRType::SOA);
  CHECK(probe.deadline == bench.clock.mono() + 4s);
  CHECK(probe.endpoint->unchecked);
  CHECK(probe.endpoint->authName.empty());                  // no name is told
  CHECK(bench.dot.wayTo(bench.server) == Encryption::None); // nobody waits for it
  bench.net.gate.open();
  bench.turn();
  CHECK(bench.state() == DotState::Good);
  CHECK(bench.count(Metric::DotProbes) == 1);
  CHECK(bench.count(Metric::DotProbeSuccesses) == 1);
}

TEST_CASE("with probing off every server is asked as ever") {
  Bench bench(0);
  CHECK(bench.dot.wayTo(bench.server) == Encryption::None);
  bench.ask();
  bench.turn();
  CHECK(bench.net.ways() == "plain ");
  CHECK(bench.servers.entries() == 0);
}

TEST_CASE("a server that is silent or cannot be reached without TLS is not probed") {
  for (const auto fault : {ExchangeStatus::TimedOut, ExchangeStatus::Unreachable, ExchangeStatus::Malformed}) {
    Bench bench;
    bench.net.plainStatus = fault;
    bench.ask();
    bench.turn();
    CHECK(bench.net.ways() == "plain ");
    CHECK(bench.state() == DotState::Unknown);
  }
}

TEST_CASE("while as many probes are under way as allowed unknown servers are asked as ever") {
  Bench bench(1);
  bench.net.held = true;
  bench.ask();
  bench.turn();
  CHECK(bench.servers.busy() == 1);
  CHECK(bench.dot.wayTo(address("192.0.2.2")) == Encryption::None);
  bench.net.gate.open();
  bench.turn();
  CHECK(bench.dot.wayTo(address("192.0.2.2")) == Encryption::Probe);
}

TEST_CASE("a server at another port than 53 is not probed") {
  Bench bench;
  CHECK(bench.dot.wayTo(bench.server.withPort(5300)) == Encryption::None);
}

TEST_CASE("a server that does not answer the probe, or not properly, is bad for a day") {
  for (const auto& fault : {ExchangeStatus::TimedOut, ExchangeStatus::Unreachable, ExchangeStatus::Malformed}) {
    Bench bench;
    bench.net.tlsStatus = fault;
    bench.probe();
    CHECK(bench.state() == DotState::Bad);
    CHECK(bench.count(Metric::DotProbeFailures) == 1);
  }
  Bench bench;
  bench.net.tlsRcode = dns::RCode::Refused;
  bench.probe();
  CHECK(bench.state() == DotState::Bad);
  bench.ask();
  CHECK(bench.net.ways() == "plain ");
}

TEST_CASE("a probe that could not be sent says nothing") {
  for (const auto why : {ExchangeStatus::Unreachable, ExchangeStatus::NotAllowed, ExchangeStatus::OverLimit}) {
    Bench bench;
    bench.net.tlsStatus = why;
    bench.net.ownFault = why == ExchangeStatus::Unreachable;
    bench.probe();
    CHECK(bench.state() == DotState::Unknown);
    CHECK(bench.servers.busy() == 0);
    CHECK(bench.count(Metric::DotProbeFailures) == 0);
  }
}

TEST_CASE("a good server is asked over TLS only, and its times count for choosing among servers") {
  Bench bench;
  bench.probe();
  const auto reply = bench.ask();
  REQUIRE(*reply);
  CHECK((*reply)->server == bench.server);
  CHECK(bench.net.ways() == "tls ");
  CHECK(bench.net.asked.front().endpoint->maxConnections == 3);
  CHECK(bench.speeds.get(bench.server, bench.clock.mono()).usual == 7ms);
}

TEST_CASE("an error over TLS is the server's answer when it has none in clear") {
  Bench bench;
  bench.probe();
  bench.net.tlsRcode = dns::RCode::ServFail;
  bench.net.plainStatus = ExchangeStatus::TimedOut;
  CHECK((*bench.ask())->message.header.rcode == dns::RCode::ServFail);
  CHECK(bench.net.ways() == "tls plain ");
  CHECK(bench.state() == DotState::Good);
  CHECK(bench.servers.busy() == 0);
}

TEST_CASE("a server that has an answer in clear and an error over TLS is asked in clear, and probed") {
  for (const auto rcode : {dns::RCode::ServFail, dns::RCode::Refused}) {
    Bench bench;
    bench.probe();
    bench.net.tlsRcode = rcode;
    CHECK((*bench.ask())->message.header.rcode == dns::RCode::NoError);
    CHECK(bench.net.ways() == "tls plain ");
    bench.turn();
    CHECK(bench.state() == DotState::Bad);
  }
}

TEST_CASE("a resolver at the address of a name server does not pass for it over TLS") {
  Bench bench;
  bench.net.isResolver = true;
  bench.probe();
  CHECK(bench.state() == DotState::Bad);
  CHECK(bench.count(Metric::DotProbeFailures) == 1);
}

TEST_CASE("a server of forward-zones is probed like one, whatever dont-query says") {
  Bench bench;
  ServerQuestion asked = bench.question();
  asked.configured = true;
  bench.ask(std::move(asked));
  bench.turn();
  CHECK(bench.net.asked.back().endpoint != nullptr);
  CHECK(bench.net.asked.back().configured);
}

TEST_CASE("when TLS fails the question is asked without, says why, and the server is bad") {
  Bench bench;
  bench.probe();
  bench.net.tlsStatus = ExchangeStatus::Unreachable;
  const auto reply = bench.ask();
  REQUIRE(*reply);
  CHECK((*reply)->status == ExchangeStatus::Answered);
  CHECK((*reply)->tlsTrouble == "it failed");
  CHECK(bench.net.ways() == "tls plain ");
  CHECK(bench.state() == DotState::Bad);
  CHECK(bench.count(Metric::DotFallbacks) == 1);
  CHECK(bench.work->queries == 2);
}

TEST_CASE("a server silent over TLS is asked without when that much of the time is left") {
  Bench bench;
  bench.probe();
  bench.net.tlsStatus = ExchangeStatus::TimedOut;
  const base::MonoTime start = bench.clock.mono();
  const auto reply = bench.ask();
  REQUIRE(*reply);
  CHECK((*reply)->status == ExchangeStatus::Answered);
  CHECK(bench.net.asked.at(0).deadline == start + 1500ms);
  CHECK(bench.net.asked.at(1).deadline == start + 2300ms);
  CHECK(bench.state() == DotState::Bad);
}

TEST_CASE("a trial over TLS that was too short has the server probed instead of given up") {
  Bench bench;
  bench.probe();
  ServerQuestion hasty = bench.question();
  hasty.deadline = bench.clock.mono() + 900ms;
  bench.net.tlsStatus = ExchangeStatus::TimedOut;
  bench.ask(std::move(hasty));
  CHECK(bench.state() == DotState::Good);
  CHECK(bench.servers.busy() == 1);
  bench.turn();
  CHECK(bench.net.ways() == "tls plain tls ");
  CHECK(bench.state() == DotState::Bad);
}

TEST_CASE("when neither works nothing is learned about TLS") {
  Bench bench;
  bench.probe();
  bench.net.tlsStatus = bench.net.plainStatus = ExchangeStatus::TimedOut;
  const auto reply = bench.ask();
  CHECK((*reply)->status == ExchangeStatus::TimedOut);
  CHECK(bench.state() == DotState::Good);
}

TEST_CASE("too many connections of our own make a question go without TLS, and are not the server's fault") {
  Bench bench;
  bench.probe();
  bench.net.tlsStatus = ExchangeStatus::Unreachable;
  bench.net.ownFault = true;
  CHECK((*bench.ask())->status == ExchangeStatus::Answered);
  CHECK(bench.state() == DotState::Good);
}

TEST_CASE("the work limits and the deadline end a question between the two ways") {
  Bench bench;
  bench.probe();
  bench.net.tlsStatus = ExchangeStatus::Unreachable;
  const auto reply = std::make_shared<ReplyPtr>();
  bench.work = std::make_shared<Work>(WorkLimits{.maxQueries = 1});
  bench.work->deadline = bench.clock.mono() + 4500ms;
  bench.roots.spawn(run(bench.dot, bench.question(), bench.work, reply));
  CHECK((*reply)->status == ExchangeStatus::OverLimit);
  bench.work = std::make_shared<Work>(WorkLimits());
  bench.work->deadline = bench.clock.mono();
  bench.net.asked.clear();
  bench.roots.spawn(run(bench.dot, bench.question(), bench.work, reply));
  CHECK((*reply)->status == ExchangeStatus::Unreachable);
  CHECK(bench.net.ways() == "tls ");
}

TEST_CASE("a server given up for a quicker one while it hangs over TLS is probed, and found out") {
  Bench bench;
  bench.probe();
  bench.net.held = true;
  {
    auto reply = std::make_shared<ReplyPtr>();
    Work work{WorkLimits()};
    work.deadline = bench.clock.mono() + 4500ms;
    auto task = bench.dot.ask(bench.question(), work);
    task.start();
    bench.clock.advance(500ms);
  }
  CHECK(bench.state() == DotState::Good);
  CHECK(bench.servers.busy() == 1);
  bench.turn();
  CHECK(bench.net.ways() == "tls tls ");
  bench.net.tlsStatus = ExchangeStatus::TimedOut;
  bench.net.gate.open();
  bench.turn();
  CHECK(bench.state() == DotState::Bad);
}

TEST_CASE("a question given up at once says nothing about its server") {
  Bench bench;
  bench.probe();
  bench.net.held = true;
  Work work{WorkLimits()};
  work.deadline = bench.clock.mono() + 4500ms;
  {
    auto task = bench.dot.ask(bench.question(), work);
    task.start();
  }
  CHECK(bench.servers.busy() == 0);
}

TEST_CASE("a probe that is cancelled frees its place and leaves the server unknown") {
  Bench bench;
  bench.net.held = true;
  bench.ask();
  bench.turn();
  CHECK(bench.servers.busy() == 1);
  bench.roots.cancelAll();
  CHECK(bench.servers.busy() == 0);
  CHECK(bench.state() == DotState::Unknown);
}

TEST_CASE("what has to be asked over TLS is never asked without") {
  for (const auto& fault : {ExchangeStatus::TimedOut, ExchangeStatus::Unreachable, ExchangeStatus::Malformed}) {
    Bench bench;
    bench.net.tlsStatus = fault;
    const auto reply = bench.demand();
    REQUIRE(*reply);
    CHECK((*reply)->status == fault);
    CHECK((*reply)->detail == "over DoT, which is required: it failed");
    CHECK((*reply)->server == bench.server);
    CHECK(bench.net.ways() == "tls ");
    CHECK(bench.speeds.get(bench.server, bench.clock.mono()).timeoutsInARow == 1);
    CHECK(bench.count(Metric::DotRequiredFailures) == 1);
  }
}

TEST_CASE("what has to be asked over TLS works without any probing, at whatever port it was given") {
  Bench bench(0);
  bench.server = bench.server.withPort(853);
  const auto reply = bench.demand();
  CHECK((*reply)->status == ExchangeStatus::Answered);
  CHECK((*reply)->server == bench.server);
  CHECK(bench.net.ways() == "tls ");
  CHECK(bench.servers.entries() == 0);
}

TEST_CASE("a server that has to be asked over TLS, hangs and is given up for a quicker one counts as late") {
  Bench bench;
  bench.net.held = true;
  Work work{WorkLimits()};
  work.deadline = bench.clock.mono() + 4500ms;
  ServerQuestion required = bench.question();
  required.encryption = Encryption::Required;
  {
    auto task = bench.dot.ask(std::move(required), work);
    task.start();
    bench.clock.advance(500ms);
  }
  CHECK(bench.speeds.get(bench.server, bench.clock.mono()).timeoutsInARow == 1);
}
