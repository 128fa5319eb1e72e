// Hooks as stages of the pipeline: what is answered, kept, followed, sent back to the worker where it came in.
#include "lib/dns/presentation.hh"
#include "recursor/policy/luaengine.hh"
#include "tests/recursor/policy/fake.hh"
#include "tests/recursor/query/bench.hh"

using namespace querytest;
using dns::RCode;
using dns::RRType;
using rec::LuaHook;

namespace {

struct LuaWorld {
  explicit LuaWorld(const std::string& script, const std::function<void(rec::Settings&)>& change = {})
      : bench(change), host{bench.clock, metrics} {
    load(script);
  }
  void load(const std::string& script) {
    auto loaded = rec::LuaEngine::load({{}, {{"test.lua", script}}}, {}, host, 0);
    INFO((loaded ? "" : loaded.error().message));
    REQUIRE(loaded);
    engine = *loaded;
    engine->attach(&bench.counters, nullptr);
    bench.pipeline->setLua(engine.get());
    bench.hot->setTagger(engine->hasAny(rec::kLuaTagHooks) ? engine.get() : nullptr);
  }
  // As a listener does it with a script that has gettag.
  std::optional<Packet> sendTagged(const Ask& ask, const std::string& from) {
    bench.answers.clear();
    Packet out(1232);
    rec::Client client;
    client.source = *base::Address::parse(from);
    const Packet question = packet(ask);
    auto tagged = bench.hot->handleTagged(question, client, out, bench.clock.wall());
    bench.wasHit = tagged.result.verdict == rec::HotPath::Verdict::Answer;
    if (bench.wasHit) {
      out.resize(tagged.result.size);
      return out;
    }
    bench.pipeline->accept(question, client, bench.clock.mono(), std::move(tagged.lua));
    return bench.answers.empty() ? std::nullopt : std::optional(bench.answers.front());
  }

  Bench bench;
  rec::LuaMetrics metrics;
  rec::LuaHost host;
  std::shared_ptr<rec::LuaEngine> engine;
};

// With a policy beside the script.
struct FilteredWorld : LuaWorld {
  explicit FilteredWorld(const std::string& script) : LuaWorld(script) {
    const auto all = std::make_shared<const rec::Policies>(std::vector<rec::PolicyPtr>{policy}, 1);
    bench.pipeline->setPolicies(all);
    bench.hot->setPolicies(all);
  }
  void block(const std::string& name) { policy->names[name] = policytest::verdict(rec::PolicyAction::NXDomain); }
  // The answer after what goes on from the loop's top level.
  std::optional<dns::Message> askLate(const Ask& ask) {
    auto answer = bench.send(packet(ask));
    for (int i = 0; i < 20 && bench.answers.empty() && !answer; ++i) {
      bench.loop.runOnce();
    }
    if (!answer && !bench.answers.empty()) answer = bench.answers.front();
    return answer ? std::optional(parsed(*answer)) : std::nullopt;
  }
  std::shared_ptr<policytest::FakePolicy> policy = std::make_shared<policytest::FakePolicy>();
};

// To nobody: the answer is empty at once.
const std::string kAskUdp = "dq.followupFunction = 'udpQueryResponse' dq.udpCallback = 'answered' dq.udpQuery = 'x' "
                            "return true end\n";

std::string addressIn(const dns::Message& message) {
  return message.answer.empty() ? "" : dns::rdataText(message.answer[0].type(), message.answer[0].front());
}

} // namespace

TEST_CASE("what preresolve answers is not resolved, and kept") {
  LuaWorld world("function preresolve(dq) dq.rcode = 0 dq:addAnswer(pdns.A, '192.0.2.9', 60) return true end");
  CHECK(addressIn(world.bench.ask({})) == "192.0.2.9");
  CHECK(world.bench.resolver.resolutions == 0);
  CHECK(addressIn(world.bench.ask({})) == "192.0.2.9");
  CHECK(world.bench.wasHit);
}

TEST_CASE("an answer that the script calls variable is not kept") {
  LuaWorld world("function postresolve(dq) dq.variable = true end");
  CHECK(addressIn(world.bench.ask({})) == "192.0.2.1");
  static_cast<void>(world.bench.ask({}));
  CHECK_FALSE(world.bench.wasHit);
}

TEST_CASE("a tag is part of the packet cache's key") {
  LuaWorld world("function gettag(remote) return remote:getPort() end\n"
                 "function preresolve(dq) dq.rcode = 0 dq:addAnswer(pdns.A, '192.0.2.' .. dq.tag, 60) return true end");
  for (const bool hit : {false, true}) {
    for (const char* port : {"7", "8", "0"}) {
      const auto answer = world.sendTagged({}, std::string("127.0.0.1:") + port);
      REQUIRE(answer);
      CHECK(addressIn(parsed(*answer)) == std::string("192.0.2.") + port);
      CHECK(world.bench.wasHit == hit);
    }
  }
}

TEST_CASE("a policy that the script applies decides") {
  LuaWorld world("function preresolve(dq) dq.appliedPolicy.policyKind = pdns.policykinds[dq.qname:getRawLabels()[1]] "
                 "return true end");
  CHECK(world.bench.ask({.name = "NXDOMAIN.example"}).header.rcode == RCode::NXDomain);
  CHECK(world.bench.ask({.name = "Truncate.example"}).header.tc);
  CHECK_FALSE(world.bench.send(packet({.name = "Drop.example"})));
  CHECK(world.bench.dropped == 1);
}

TEST_CASE("an alias of the script is followed") {
  LuaWorld world(
      "function preresolve(dq) if dq.qname:equal('www.example.com') then dq.rcode = 0 "
      "dq:addAnswer(pdns.CNAME, 'target.example') dq.followupFunction = 'followCNAMERecords' return true end end");
  const auto answer = world.bench.ask({});
  REQUIRE(answer.answer.size() == 2);
  CHECK(answer.answer[0].type() == RRType::CNAME);
  CHECK(answer.answer[1].owner() == name("target.example"));
  CHECK(world.bench.resolver.last->question.name == name("target.example"));
}

TEST_CASE("each hook after resolving is called once, and nodata before postresolve") {
  LuaWorld world(
      "order = ''\nfunction nodata(dq) order = order .. 'n' dq:addAnswer(pdns.CNAME, 'a.example') "
      "dq.followupFunction = 'followCNAMERecords' dq.rcode = 0 return true end\n"
      "function postresolve(dq) order = order .. 'p' dq.extendedErrorCode = 17 dq.extendedErrorExtra = order end");
  world.bench.resolver.make = [](const rec::Request& request) {
    rec::Outcome outcome = positive(request.question.name.text());
    if (request.question.name == name("www.example.com")) outcome.answer.clear();
    return outcome;
  };
  const auto answer = world.bench.ask({.edns = edns()});
  REQUIRE(answer.edns);
  REQUIRE(answer.edns->errors.size() == 1);
  CHECK(answer.edns->errors[0].text == "np");
  CHECK(answer.answer.size() == 2);
}

TEST_CASE("a failing hook is answered as the setting says") {
  for (const auto& [setting, rcode] :
       {std::pair{"servfail", RCode::ServFail}, std::pair{"pass", RCode::NoError}, std::pair{"drop", RCode::Refused}}) {
    LuaWorld world("function preresolve(dq) error('no') end",
                   [&](rec::Settings& settings) { settings.luaHookFailure = setting; });
    const auto answer = world.bench.send(packet({}));
    CHECK(answer.has_value() == (rcode != RCode::Refused));
    if (answer) CHECK(parsed(*answer).header.rcode == rcode);
  }
}

TEST_CASE("a question resolved elsewhere comes back before the hooks after resolving are called") {
  LuaWorld world("function postresolve(dq) dq.rcode = 5 return true end");
  const auto query = std::make_shared<rec::Query>();
  query->client.worker = 1;
  query->question = {name("www.example.com"), RRType::A};
  query->header = {.id = 1, .rd = true};
  query->deadline = world.bench.clock.mono() + std::chrono::seconds(5);
  query->lua = std::make_shared<rec::LuaQuestion>();
  world.bench.workerCount = 2;
  world.bench.pipeline->receive(query);
  REQUIRE(world.bench.handedOver.size() == 1);
  CHECK(query->errand == rec::Errand::Landed);
  CHECK(query->outcome.rcode == RCode::NoError);
  query->client.worker = 0; // as seen there
  query->lua->entered = true;
  world.bench.pipeline->receive(query);
  REQUIRE(world.bench.answers.size() == 1);
  CHECK(parsed(world.bench.answers[0]).header.rcode == RCode::Refused);
}

TEST_CASE("an answer made under other scripts is not kept") {
  LuaWorld world("function postresolve(dq) end");
  world.bench.resolver.slow.emplace(world.bench.loop);
  CHECK_FALSE(world.bench.send(packet({})));
  const auto old = world.engine;
  world.load("function postresolve(dq) end");
  world.bench.resolver.slow->open();
  world.bench.loop.runOnce();
  REQUIRE(world.bench.answers.size() == 1);
  world.bench.resolver.slow.reset();
  static_cast<void>(world.bench.ask({}));
  CHECK_FALSE(world.bench.wasHit);
}

TEST_CASE("ipfilter drops before the question is read") {
  LuaWorld world("function ipfilter(remote) return remote:toString() == '127.0.0.9' end");
  CHECK_FALSE(world.bench.send(packet({}), false, "127.0.0.9:1"));
  CHECK(world.bench.counters.get(rec::Metric::PolicyDrops) == 1);
  CHECK(world.bench.send(packet({}), false, "127.0.0.8:1"));
}

TEST_CASE("a question that a script leaves alone after its answer over UDP is judged by policies") {
  FilteredWorld world("function preresolve(dq) " + kAskUdp + "function answered(dq) return false end");
  world.block("www.example.com.");
  const auto answer = world.askLate({});
  REQUIRE(answer);
  CHECK(answer->header.rcode == RCode::NXDomain);
  CHECK(world.bench.resolver.resolutions == 0);
  const auto other = world.askLate({.name = "other.example.com"});
  REQUIRE(other);
  CHECK(addressIn(*other) == "192.0.2.1");
}

TEST_CASE("questions over UDP without end fail the hook") {
  FilteredWorld world("times = 0\nfunction preresolve(dq) " + kAskUdp + "function answered(dq) times = times + 1 " +
                      kAskUdp + "function postresolve(dq) dq.extendedErrorExtra = tostring(times) end");
  const auto answer = world.askLate({});
  REQUIRE(answer);
  CHECK(answer->header.rcode == RCode::ServFail);
  CHECK(world.bench.counters.get(rec::Metric::LuaHookCalls) == 5);
  CHECK(world.bench.counters.get(rec::Metric::LuaHookTimeouts) == 1);
  CHECK(world.bench.counters.get(rec::Metric::ConcurrentQueries) == 0);
}

TEST_CASE("a question that waits for an answer over UDP is one of those that may wait") {
  FilteredWorld world("function preresolve(dq) " + kAskUdp + "function answered(dq) return false end");
  world.bench.settings.maxOutstandingQueries = 1;
  CHECK_FALSE(world.bench.send(packet({})));
  CHECK(world.bench.pipeline->waiting().size() == 1);
  CHECK_FALSE(world.bench.send(packet({.name = "other.example.com"})));
  CHECK(world.bench.dropped == 1);
}

TEST_CASE("what is answered without policies by a script's wish is not kept for others, but by a tag") {
  for (const char* wish : {"dq:discardPolicy('fake')", "dq.wantsRPZ = false"}) {
    for (const bool tagged : {false, true}) {
      FilteredWorld world(std::string("function prerpz(dq) ") + wish + " end\n" +
                          (tagged ? "function gettag() return 7 end" : ""));
      world.block("www.example.com.");
      const auto send = [&] { return tagged ? world.sendTagged({}, "127.0.0.1:4000") : world.bench.send(packet({})); };
      const auto answer = send();
      REQUIRE(answer);
      CHECK(addressIn(parsed(*answer)) == "192.0.2.1");
      static_cast<void>(send());
      CHECK(world.bench.wasHit == tagged);
    }
  }
}

TEST_CASE("a name's rule that policyEventFilter ignores leaves the client's, and nothing of it is kept") {
  FilteredWorld world("function policyEventFilter(event) return event.appliedPolicy.policyName == 'name' end");
  world.policy->names["www.example.com."] =
      policytest::verdict(rec::PolicyAction::NXDomain, policytest::source("name"));
  static_cast<void>(world.bench.ask({}));
  static_cast<void>(world.bench.ask({}));
  CHECK_FALSE(world.bench.wasHit);
  rec::PolicySource ofClient{.name = "client", .priority = 1};
  world.policy->clients["127.0.0.1"] =
      policytest::verdict(rec::PolicyAction::Refused, std::make_shared<const rec::PolicySource>(ofClient));
  FilteredWorld again("function policyEventFilter(event) return event.appliedPolicy.policyName == 'name' end");
  again.policy->names = world.policy->names;
  again.policy->clients = world.policy->clients;
  CHECK(again.bench.ask({}).header.rcode == RCode::Refused);
}

TEST_CASE("what gettag_ffi answers stands unless a policy overrides it") {
  for (const bool overrides : {true, false}) {
    FilteredWorld world("function preresolve(dq) return false end");
    rec::PolicySource made{.name = "rpz", .overridesGettag = overrides};
    world.policy->names["www.example.com."] =
        policytest::verdict(rec::PolicyAction::NXDomain, std::make_shared<const rec::PolicySource>(made));
    auto tagged = std::make_shared<rec::LuaQuestion>();
    tagged->question = {name("www.example.com"), RRType::A};
    tagged->engine = world.engine->id();
    tagged->answered = true;
    tagged->rcode = 5;
    rec::Client client;
    client.source = *base::Address::parse("127.0.0.1:4000");
    world.bench.pipeline->accept(packet({}), client, world.bench.clock.mono(), tagged);
    REQUIRE(world.bench.answers.size() == 1);
    CHECK(parsed(world.bench.answers[0]).header.rcode == (overrides ? RCode::NXDomain : RCode::Refused));
  }
}
