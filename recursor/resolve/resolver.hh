// Resolver: the interface behind which the iterator, the forwarder and local zones stand: a question in, an outcome
// out. Implementations are owned by one worker and called on its thread only.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "lib/base/address.hh"
#include "lib/base/clock.hh"
#include "lib/coro/task.hh"
#include "lib/dns/edns.hh"
#include "lib/dns/message.hh"
#include "lib/dns/rrset.hh"
#include "recursor/cache/rank.hh"
#include "recursor/cache/subnetscope.hh"
#include "recursor/resolve/nonresolving.hh"
#include "recursor/resolve/serverjudge.hh"

namespace rec {

struct Explanation;
class LuaEngine;
class KeySource;
struct Settings;
class Trace;

// What is to be done about validation for a client.
enum class Checking : std::uint8_t {
  None,   // nothing: the client checks for itself (CD), or nobody wants it
  Report, // validate, log, and pass bogus data on (dnssec=log-fail)
  Enforce // bogus data is a SERVFAIL
};

// The one that says less in favour of what both are about: Bogus, Indeterminate, Insecure, Secure.
[[nodiscard]] Security leastSecure(Security a, Security b);

struct Request {
  dns::Question question;
  bool dnssecOk = false;         // DO: the client wants signatures
  bool checkingDisabled = false; // CD
  Checking checking = Checking::None;
  bool cacheOnly = false;         // RD=0
  bool authoritativeOnly = false; // fromCache(): only what an authoritative server has answered
  bool allowStale = false;        // serve-stale: expired data may answer
  bool missed = false;            // fromCache() has found nothing of it just now: resolve() asks without looking again
  unsigned renew = 0;  // nobody waits: of the caches, only what has more than so many percent of its TTL left counts
  bool asItIs = false; // the client validates, and translates, by itself: no DNS64 (RFC 6147 5.5)
  std::optional<base::Netmask> subnet; // the client's, which servers may be told (SubnetPolicy::networkFor)
  base::Address client;                // who asked, the first of them; none when nobody did
  base::MonoTime deadline;
  std::shared_ptr<Trace> trace; // null unless traced
  ServerJudgePtr judge;         // null: any server may be asked
  std::uint64_t judgement = 0;  // requests of different numbers are judged differently
};

// An RRset with the TTL it has now.
struct AgedRRset {
  dns::RRset rrset;
  std::uint32_t ttl = 0;
  std::uint32_t originalTtl = 0; // which it was cached with; 0: the same, it is new
};

// Where the answer came from: for latency histograms, logs and the packet cache.
enum class AnswerKind : std::uint8_t { Local, RecordCache, Iterated, Forwarded, Stale, Failure, CachedFailure };

struct Outcome {
  dns::RCode rcode = dns::RCode::ServFail;
  std::vector<AgedRRset> answer, authority, additional; // answer in chain order
  Security security = Security::Indeterminate;
  AnswerKind kind = AnswerKind::Failure;
  bool authoritative = false;                           // AA: local zones
  bool cacheable = true;                                // by the packet cache
  std::uint32_t upstreamQueries = 0, upstreamBytes = 0; // that it took: packets sent, octets received
  std::optional<SubnetScope> scope; // whom it is for, when servers said that it is not for everybody
  std::vector<dns::ExtendedError> errors;

  // SERVFAIL that the packet cache does not keep.
  [[nodiscard]] static Outcome failure(dns::EdeCode code, std::string text);
  // It depends on this, too: what is for the smaller network remains.
  void narrow(const std::optional<SubnetScope>& other);
  ServerVerdictPtr servers; // what Request::judge said; when it refuses, the answer has the aliases up to there
};

// A question that will be asked: the name in wire form.
struct Expected {
  std::span<const std::byte> name;
  dns::RRType type{};
};

using ExplanationPtr = std::shared_ptr<Explanation>;

class Resolver {
 public:
  virtual ~Resolver() = default;
  virtual coro::Task<Outcome> resolve(Request request) = 0;
  // The outcome when no server has to be asked for it: from local data or the caches. Never waits.
  virtual std::optional<Outcome> fromCache(const Request& /*request*/) { return std::nullopt; }
  // Whether the last fromCache() found nothing at all of its question, not even an alias.
  [[nodiscard]] virtual bool foundNothing() const { return false; }
  // Resolves and explains (explanation.hh). `fresh`: what the caches hold of the name is not looked at, nor wiped. Null
  // when it cannot be done.
  virtual coro::Task<ExplanationPtr> explain(Request /*request*/, bool /*fresh*/) { co_return nullptr; }
  // The zone, as far as it is known now, whose servers a question for this name would go to.
  [[nodiscard]] virtual dns::Name zoneOf(const dns::Name& /*name*/) const { return {}; }
  // Whether the operator speaks for the name, by local data or a forwarded zone other than the root.
  [[nodiscard]] virtual bool isOperators(const dns::Name& /*name*/) const { return false; }
  // Whether the operator wants NOTIFYs for this zone ("^" in forward-zones-file).
  [[nodiscard]] virtual bool wantsNotify(const dns::Name& /*zone*/) const { return false; }
  // Other settings from now on, for what is made from them beside the options that it was given.
  virtual void adopt(const Settings& /*settings*/) {}
  // Whose hook preoutquery is called from now on; null: nobody's.
  virtual void setLua(LuaEngine* /*lua*/) {}
  // Through which the keys of trust anchors are followed; null when it cannot be done.
  // Name servers that had no address lately: dump-non-resolving.
  [[nodiscard]] virtual std::vector<NonResolving::Row> nonResolving() const { return {}; }
  [[nodiscard]] virtual KeySource* keySource() { return nullptr; }
  // fromCache() will be asked about these in a moment: begins to load the memory that it will read.
  virtual void prefetch(std::span<const Expected> /*questions*/) {}
};

} // namespace rec
