// ResolverBench: a worker's resolver around a FakeInternet, driven by a manual clock. Used by the tests of whatever
// asks servers: iterator, asker, addresses, forwarder, router.
#pragma once

#include <memory>

#include "recursor/resolve/router.hh"
#include "tests/recursor/resolve/fakeinternet.hh"
#include "tests/recursor/resolve/messages.hh"

namespace rectest {

// One resolution under way or done.
struct Result {
  bool done = false;
  rec::Outcome outcome;
  [[nodiscard]] std::string answer() const; // the answer section as text, a line a record
  [[nodiscard]] std::string why() const;    // texts of the extended errors, one a line
  [[nodiscard]] bool has(dns::EdeCode code) const;
};
using ResultPtr = std::shared_ptr<Result>;

class ResolverBench {
 public:
  explicit ResolverBench(const rec::DotServers::Options& probing = {});
  ~ResolverBench() { roots.cancelAll(); }
  ResolverBench(const ResolverBench&) = delete;
  ResolverBench& operator=(const ResolverBench&) = delete;

  ResultPtr start(const dns::Question& question); // runs up to its first wait
  Result resolve(const dns::Question& question);  // to its end
  void drive();                                   // until nothing moves any more
  // A client that may go away: destroying the task is cancelling it.
  coro::Task<void> client(dns::Question question, ResultPtr result);

  base::ManualClock clock;
  coro::Loop loop{clock};
  coro::Roots roots;
  rec::RecordCache records{rec::RecordCache::Options{.staleSeconds = 3600}};
  rec::SubnetCache subnets{rec::SubnetCache::Options{}};
  rec::NegativeCache negatives{rec::NegativeCache::Options{}};
  rec::FailureCache failures{rec::FailureCache::Options{}};
  rec::Delegations delegations{rec::Delegations::Options{}};
  rec::NsSpeeds speeds{rec::NsSpeeds::Options{}};
  rec::WildcardProofs wildcards{rec::WildcardProofs::Options{}};
  rec::AggressiveCache aggressive{rec::AggressiveCache::Options{}};
  rec::ZoneTrusts trusts{rec::ZoneTrusts::Options{}};
  rec::TrustAnchors anchors{rec::AnchorSnapshot{}};
  dnssec::SignatureMemo memo{1024};
  rec::LoopWatch loops;
  rec::LimitedNow limited;
  rec::ZoneFetches fetches{limited};
  std::atomic<bool> dnameSeen{false};
  FakeInternet internet{loop, clock, speeds};
  rec::Selector selector;
  rec::Counters counters;
  rec::DotServers dotServers;
  rec::DotExchange dot{{loop, roots, internet, dotServers, speeds, counters}, {}};
  std::shared_ptr<rec::ResolveOptions> options = std::make_shared<rec::ResolveOptions>();
  rec::Router router;
  std::shared_ptr<rec::Trace> trace;
  unsigned renew = 0;                  // of the requests
  bool missed = false;                 // likewise
  std::optional<base::Netmask> subnet; // likewise
};

} // namespace rectest
