// HotPath: the first look at a client's packet, and the answer when the packet cache has one. Called by the listeners
// for every packet. No coroutine, no allocation, no lock; what it cannot answer it leaves to the pipeline.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>

#include "lib/base/address.hh"
#include "lib/base/clock.hh"
#include "recursor/cache/packetcache.hh"
#include "recursor/config/answerrules.hh"
#include "recursor/config/proxymapping.hh"
#include "recursor/config/settings.hh"
#include "recursor/policy/policy.hh"
#include "recursor/query/prefetcher.hh"
#include "recursor/query/rawquestion.hh"
#include "recursor/stats/latency.hh"
#include "recursor/stats/metrics.hh"
#include "recursor/stats/toprings.hh"

namespace rec {

class LuaEngine;
struct Client;
struct LuaQuestion;

class HotPath {
 public:
  enum class Verdict : std::uint8_t {
    Drop,   // nothing is sent
    Answer, // the first `size` octets of `out` go back
    Miss    // the pipeline's turn
  };
  struct Result {
    Verdict verdict = Verdict::Drop;
    std::size_t size = 0;
  };

  // All must outlive this; `settings` is the snapshot in use. Without a prefetcher nothing is renewed.
  HotPath(const Settings& settings, PacketCache& cache, Counters& counters, Latencies& latencies,
          Prefetcher* prefetcher = nullptr);

  // `out` has room for the longest answer over the transport; it may begin where `packet` does. TCP connections were
  // checked against allow-from before.
  Result handle(std::span<const std::byte> packet, const base::Address& source, bool tcp, std::span<std::byte> out,
                base::WallTime now);

  // The same in steps, for batches: read() all, fetch() all, then answer() each.
  struct Asked {
    RawQuestion question;
    std::uint64_t hash = 0;
    Verdict verdict = Verdict::Drop; // Answer: perhaps
  };
  // Header, allow-from, question; all of `asked` is written. `admitted`: allow-from has been asked about the source.
  void read(std::span<const std::byte> packet, const base::Address& source, bool tcp, bool admitted, Asked& asked);
  // With rules about clients: those whom one concerns get nothing from the cache. Null: there are none.
  void setPolicies(PoliciesPtr policies);
  // The same for clients who get addresses in an order of their own. Null: there are none.
  void setAnswerRules(const AnswerRulesPtr& rules);
  // Whose addresses stand for others. Null: nobody's.
  void setProxyMapping(ProxyMappingPtr mapping) { d_mapping = std::move(mapping); }
  // Whether allow-from lets this client, or the one that it stands for, ask.
  [[nodiscard]] bool isAllowed(const base::Address& source) const {
    const base::Address& asked = d_mapping == nullptr ? source : d_mapping->forAccess(source);
    return d_settings.allowFrom.contains(asked) || d_settings.allowFrom.empty();
  }
  // Has the memory fetched that the answers need.
  void fetch(std::span<const Asked> batch) const;
  // Looks into the cache, unless read() decided already.
  Result answer(std::span<const std::byte> packet, const Asked& asked, const base::Address& source, bool tcp,
                std::span<std::byte> out, base::WallTime now);
  // With a script that has gettag, instead of all these: each packet by itself, and what the script said of a question
  // that is missed goes to the pipeline.
  void setTagger(LuaEngine* tagger) { d_tagger = tagger; }
  [[nodiscard]] bool isTagging() const { return d_tagger != nullptr; }
  struct Tagged {
    Result result;
    std::shared_ptr<LuaQuestion> lua;
    RawQuestion question; // of an answer
  };
  Tagged handleTagged(std::span<const std::byte> packet, const Client& client, std::span<std::byte> out,
                      base::WallTime now);
  // Where questions that were answered are noted: each one of handle() and handleTagged(); null: nowhere.
  void setTop(TopRings* top) { d_top = top; }
  // Of `hits` answers of a batch one may have to be noted.
  [[nodiscard]] bool wantsNote(std::size_t hits) { return d_top != nullptr && d_top->isDue(hits); }
  [[nodiscard]] std::size_t chooseOf(std::size_t count) { return d_top->choose(count); }
  // One that was answered with `answer`, for all hits since the last one noted.
  void noteOne(const Asked& asked, const base::Address& source, std::span<const std::byte> answer);
  // `count` answers of this are sent next: whoever has one finds it counted.
  void countHits(std::size_t count) { d_counters.add(Metric::PacketcacheHits, count); }
  // They were sent, each within `took`.
  void answered(std::size_t count, std::chrono::nanoseconds took) {
    d_latencies.answeredAlike(AnsweredFrom::PacketCache, count, took);
  }

 private:
  [[nodiscard]] bool isJudged(const base::Address& source, bool tcp, base::WallTime now) const;
  [[nodiscard]] bool hasOwnAnswers(const base::Address& source, bool tcp, base::WallTime now) const;
  Result use(const PacketCache::Hit& hit, std::span<const std::byte> packet, const RawQuestion& question,
             const base::Address& source, bool tcp, std::span<std::byte> out);
  void note(const RawQuestion& question, const base::Address& source, std::span<const std::byte> answer,
            std::size_t weight);
  void countHit(const RawQuestion& question, dns::RCode rcode);
  void logHit(const RawQuestion& question, const base::Address& source) const;

  const Settings& d_settings;
  PacketCache& d_cache;
  Counters& d_counters;
  Latencies& d_latencies;
  Prefetcher* d_prefetcher;
  PoliciesPtr d_clientPolicies;
  AnswerRulesPtr d_sorting;
  ProxyMappingPtr d_mapping;
  bool d_someHaveOwn = false;    // one of the two is there
  LuaEngine* d_tagger = nullptr; // null: no script gives tags
  TopRings* d_top = nullptr;
};

// The counter for an answer with this code.
void countRCode(Counters& counters, dns::RCode rcode);

} // namespace rec
