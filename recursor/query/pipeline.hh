// Pipeline: all that a question goes through when the packet cache has no answer: the stages, in order, in two arrays.
// One per worker, used on its thread only. How a question travels:
// 1. accept() reads the packet and runs the stages before resolving; most questions that are answered at once end here.
// 2. What has to be waited for goes to the question's home worker (by hash), so that equal questions meet: receive().
// 3. serve(), a root of its own, joins the resolution of that question or starts it, and waits, at most until the
//    client's deadline. The resolution goes on without clients and fills the caches.
// 4. finish() runs the stages after resolving: composed, kept, sent, logged.
#pragma once

#include <list>
#include <memory>
#include <string>

#include "lib/coro/inflight.hh"
#include "lib/coro/root.hh"
#include "recursor/cache/packetcache.hh"
#include "recursor/config/proxymapping.hh"
#include "recursor/config/settings.hh"
#include "recursor/limits/clientlimits.hh"
#include "recursor/limits/rebindguard.hh"
#include "recursor/policy/luahooks.hh"
#include "recursor/policy/notifylistener.hh"
#include "recursor/policy/policy.hh"
#include "recursor/query/additionals.hh"
#include "recursor/query/compose.hh"
#include "recursor/query/denialwriter.hh"
#include "recursor/query/prefetcher.hh"
#include "recursor/query/query.hh"
#include "recursor/query/rawquestion.hh"
#include "recursor/querylog/tap.hh"
#include "recursor/resolve/resolver.hh"
#include "recursor/resolve/subnetpolicy.hh"
#include "recursor/stats/latency.hh"
#include "recursor/stats/metrics.hh"
#include "recursor/stats/qtypecounts.hh"
#include "recursor/stats/toprings.hh"
#include "recursor/trust/trustanchors.hh"
#include "recursor/upstream/loopwatch.hh"

namespace rec {

class LuaEngine;
enum class LuaAnswer : std::uint8_t;

// What a pipeline needs of the worker around it.
class PipelineHost {
 public:
  virtual ~PipelineHost() = default;
  // Sends the answer, from this worker or through the one that has the client's connection. Empty: there will be none.
  virtual void reply(const Client& client, std::span<const std::byte> message) = 0;
  [[nodiscard]] virtual std::uint32_t self() const = 0;
  [[nodiscard]] virtual std::uint32_t workers() const = 0;
  virtual void handOver(std::uint32_t worker, QueryPtr query) = 0; // calls receive() there
  virtual void wipeZone(const dns::Name& zone) = 0;                // in all caches: a NOTIFY came
};

// Which questions are traced, and where their walk goes. Thread safe.
class Tracer {
 public:
  virtual ~Tracer() = default;
  // Null when this question is not to be traced.
  [[nodiscard]] virtual std::shared_ptr<Trace> begin(const dns::Question& question, base::MonoTime now) = 0;
  virtual void end(const dns::Question& question, const Trace& trace, const Outcome& outcome) = 0;
};

class Pipeline final : public Prefetcher::Runner {
 public:
  struct Parts {
    const Settings& settings;
    Resolver& resolver;
    PacketCache& packetCache;
    Counters& counters;
    Latencies& latencies;
    coro::Loop& loop;
    coro::Roots& roots;
    PipelineHost& host;
    Tracer* tracer = nullptr;
    const TrustAnchors* anchors = nullptr; // null: nobody may ask for them
    Prefetcher* prefetcher = nullptr;      // null: nothing is renewed before it expires
    LoopWatch* loops = nullptr;            // null: no question is looked at for being our own
    NotifyListener* notified = nullptr;    // hears of NOTIFYs first
    TopRings* top = nullptr;               // null: questions are not noted
    QTypeCounts* types = nullptr;          // null: nor counted by type
    LogTap* queryLog = nullptr;            // null: there is none
    ClientLimits* limits = nullptr;        // null: clients are not limited
  };
  explicit Pipeline(const Parts& parts);

  // `tagged`: what gettag said of it on the hot path already. `read`: what the hot path has read of it; null: nothing.
  void accept(std::span<const std::byte> packet, const Client& client, base::MonoTime received,
              std::shared_ptr<LuaQuestion> tagged = nullptr, const RawQuestion* read = nullptr);
  // accept() will be called with these in a moment.
  void expect(std::span<const Expected> questions); // denyatonce.cc
  void receive(const QueryPtr& query);
  // The questions that wait for a resolution, oldest first.
  [[nodiscard]] const std::list<const Query*>& waiting() const { return d_waiting; }
  // How many others wait for the same one.
  [[nodiscard]] std::size_t mergedWith(const Query& query) const;
  void adoptSettings(); // which it was given have changed
  // Keeps the answers to those questions whose home this worker is in the shared caches from now on, and of no others:
  // warming.cc
  void keepWarm(const std::vector<dns::Question>& questions);
  // By which questions and answers are judged from now on; null: by none. policystages.cc
  void setPolicies(PoliciesPtr policies);
  // Whose hooks are called from now on; null: nobody's. It must outlive this, or the next call. luastages.cc
  void setLua(LuaEngine* lua) { d_lua = lua; }
  // How answers look from now on; null: as ever. sorting.cc
  void setAnswerRules(const AnswerRulesPtr& rules);
  [[nodiscard]] bool hasAnswerRules() const { return d_answerRules != nullptr; }
  // Whose addresses stand for others from now on; null: nobody's.
  void setProxyMapping(ProxyMappingPtr mapping) { d_mapping = std::move(mapping); }
  // Prefetcher::Runner: renewing.cc
  Start renew(const QueryPtr& query) override;
  [[nodiscard]] bool isBusy() const override { return d_waiting.size() > d_settings.prefetchPauseAbove; }

 private:
  enum class Step : std::uint8_t {
    Next,   // on to the next stage
    Answer, // the outcome stands: on to the stages after resolving
    Follow, // Query::followed has to be resolved
    AskUdp, // dq.udpQuery has to be sent
    Drop    // the end
  };
  struct Stage {
    const char* name;
    Step (Pipeline::*run)(Query& query);
  };
  static const Stage kBeforeResolving[];
  static const Stage kAfterResolving[];
  static constexpr std::size_t kReadInPlace = 5; // in the first: those before let all pass that can be read in place
  static constexpr std::size_t kJudging = 8;     // in the first: where a question goes on that preresolve leaves alone

  Step checkOpcode(Query& query); // this and what follows: questionstages.cc
  Step checkLoop(Query& query);
  Step checkEdns(Query& query);
  Step answerChaos(Query& query);
  Step checkType(Query& query);
  Step answerAny(Query& query);
  Step checkRecursionDesired(Query& query);
  Step askCaches(Query& query);     // cachestage.cc
  Step judgeQuestion(Query& query); // policystages.cc
  Step checkLimits(Query& query);   // limitstages.cc

  Step preRpz(Query& query); // this and the next: luastages.cc
  Step preResolve(Query& query);
  Step preResolveKnowing(Query& query, const PolicyVerdict& ofClient);

  Step checkRebinding(Query& query); // rebindstage.cc
  Step postResolve(Query& query);    // luastages.cc: nodata, nxdomain, postresolve
  Step checkSentinel(Query& query);  // answerstages.cc
  Step judgeServers(Query& query);   // policystages.cc
  Step judgeAnswer(Query& query);    // policystages.cc
  Step sortAddresses(Query& query);  // sorting.cc
  Step compose(Query& query);        // answerstages.cc
  Step keep(Query& query);           // packetstage.cc
  Step send(Query& query);           // this and the next: answerstages.cc
  Step log(Query& query);

  // Before all stages: denyatonce.cc
  enum class AtOnce : std::uint8_t { Denied, Unlisted, Unclear }; // answered; no policy names it; the stages decide
  [[nodiscard]] AtOnce denyAtOnce(std::span<const std::byte> packet, const Client& client, base::MonoTime received,
                                  const RawQuestion* read);
  [[nodiscard]] bool mayDenyAtOnce() const;
  void keepDenial(const RawQuestion& raw, const NameGlance& glance, const DenialWriter::Denial& denial, bool tcp,
                  base::WallTime now);
  void countDenial(const RawQuestion& raw, const NameGlance& glance, const Client& client);

  // What a resolution is shared by: requests that differ in none of this have the same outcome.
  struct FlightKey {
    dns::Question question;
    Checking checking = Checking::None;
    bool asItIs = false;
    std::optional<base::Netmask> subnet; // servers are told it, so that the outcome may be for this network only
    std::uint64_t judgement = 0;
    friend bool operator==(const FlightKey&, const FlightKey&) = default;
  };
  struct FlightHash {
    std::size_t operator()(const FlightKey& key) const;
  };
  using Flights = coro::InFlight<FlightKey, Outcome, FlightHash>;
  // A question that waits: counted and listed as long as this lives.
  class Waiting {
   public:
    Waiting(Pipeline& owner, const Query& query);
    Waiting(const Waiting&) = delete;
    Waiting& operator=(const Waiting&) = delete;
    ~Waiting();

   private:
    Pipeline& d_owner;
    std::list<const Query*>::iterator d_at;
  };

  [[nodiscard]] bool isLogged(const Query& query) const;
  void refuseUnread(const dns::Header& header, bool empty, const Client& client);
  // limitstages.cc
  [[nodiscard]] bool isLimited(const Query& query) const;
  [[nodiscard]] ClientLimits::Asked askedOf(const Query& query) const;
  Step limit(Query& query, LimitReason reason);
  void noteResolved(const Query& query, const coro::Flight<Outcome>& flight, bool inTime);

  void warnOfRebinding(const Query& query, const RebindGuard::Finding& finding);
  [[nodiscard]] bool toldListener(const dns::Header& header, std::span<const std::byte> packet, const Client& client);
  Step notify(Query& query);
  [[nodiscard]] PolicySubject subjectOf(const Query& query) const;
  Step decide(Query& query, PolicyVerdict verdict);
  [[nodiscard]] bool stands(Query& query, PolicyVerdict& verdict);
  Step apply(Query& query, PolicyVerdict verdict);
  Step carryOut(Query& query);
  void noteUnapplied(Query& query, const PolicyVerdict& verdict);
  [[nodiscard]] static bool isDecided(const Query& query);
  [[nodiscard]] bool isJudged(Query& query);
  void haveServersJudged(const Query& query, Request& request) const; // policystages.cc
  void adopt(Query& query, Outcome&& outcome);
  [[nodiscard]] bool isFiltered(const dns::Header& header, const Client& client);
  void beginLua(std::span<const std::byte> packet, Query& query, std::shared_ptr<LuaQuestion> tagged);
  LuaAnswer callHook(LuaHook hook, Query& query);
  Step carryOutHook(LuaHook hook, Query& query, LuaAnswer answer);
  Step takeHooksAnswer(Query& query);
  Step beginFollowUp(Query& query);
  [[nodiscard]] bool isIgnored(Query& query, PolicyVerdict& verdict);
  [[nodiscard]] bool needsReturn(const Query& query) const;
  [[nodiscard]] bool isSeenByLua(const Query& query) const;
  void endHooks(Query& query);
  void translateFollowed(Query& query);
  void runBefore(const QueryPtr& query, std::size_t from);
  bool isLeft(const QueryPtr& query, Step step);
  void beginUdp(const QueryPtr& query); // luafollow.cc
  coro::Task<void> askUdp(QueryPtr query);
  void goOnAfterUdp(const QueryPtr& query, bool isLate);
  void keepApart(Query& query) const;
  void goOn(const QueryPtr& query, Step step);
  [[nodiscard]] std::uint32_t homeOf(const Query& query) const;
  [[nodiscard]] std::chrono::milliseconds resolutionTime() const; // this and what is about flights: merging.cc
  [[nodiscard]] Request requestFor(const Query& query) const;
  void beginWaiting(const QueryPtr& query);
  void followAlias(const QueryPtr& query);
  coro::Task<void> serve(QueryPtr query);
  coro::Task<Outcome> resolve(Request request);
  coro::Task<Outcome> resolveTraced(Request request);
  coro::Task<Outcome> resolveWithMore(Request request);
  [[nodiscard]] FlightKey keyOf(const Request& request) const;
  [[nodiscard]] std::optional<base::Netmask> subnetOf(const Query& query) const;
  [[nodiscard]] bool isForOthers(const coro::Flight<Outcome>& flight, const Query& query) const;
  // `apart`: only with those of the same network.
  [[nodiscard]] Flights::FlightPtr join(const Query& query, bool apart = false);
  void land(Query& query, const Flights::FlightPtr& flight, bool inTime); // without one: it was turned away
  [[nodiscard]] bool answerStale(Query& query);
  void finish(const QueryPtr& query);
  [[nodiscard]] Request renewalOf(const Query& query) const;
  coro::Task<void> resolveRenewal(QueryPtr query);
  void endRenewal(Query& query);
  coro::Task<void> keepOneWarm(dns::Question question, std::chrono::milliseconds pause, unsigned generation);
  coro::Task<void> warmUp(QueryPtr query);
  void keepRenewed(Query& query, Outcome outcome);
  void countQuestion(const Query& query);
  void noteAnswer(const Query& query) const;
  [[nodiscard]] bool fitsPacketCache(const Query& query) const;
  [[nodiscard]] std::uint32_t packetTtl(const Query& query) const;

  Parts d_parts;
  std::optional<AnchorReader> d_anchors;
  const Settings& d_settings;
  Counters& d_counters;
  SubnetPolicy d_subnets;
  Composer d_composer;
  DenialWriter d_denials;
  Composed d_composed; // of the question that is being finished
  Flights d_flights;
  std::list<const Query*> d_waiting;
  PoliciesPtr d_policies; // null: there are none
  NameBatch d_expected;   // of expect()
  std::vector<Expected> d_unlisted;
  AnswerRulesPtr d_answerRules; // null: there are none
  ProxyMappingPtr d_mapping;    // null: there is none
  Additionals d_additionals;
  LuaEngine* d_lua = nullptr;
  std::uint64_t d_limited = 0; // questions that were beyond a limit
  RebindGuard d_rebinding;
  base::MonoTime d_nextRebindWarning{};
  unsigned d_warmGeneration = 0; // of the questions that keepWarm() was given last
};

// Whether no limit on clients concerns this question.
[[nodiscard]] bool isExemptFromLimits(const Settings& settings, const base::Address& client, const dns::Name& name);

} // namespace rec
