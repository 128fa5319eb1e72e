// The daemon as the control commands see it. Runs on their threads: what belongs to workers is asked of them.
#include <algorithm>

#include "lib/coro/wait.hh"
#include "recursor/askworkers.hh"
#include "recursor/daemon.hh"
#include "recursor/resolve/explanation.hh"
#include "recursor/resolve/subnetpolicy.hh"
#include "recursor/trust/configured.hh"

namespace rec {
namespace {

constexpr std::chrono::seconds kLongestFarewell{3}; // of quit-nicely
constexpr std::chrono::milliseconds kFarewellStep{20};
constexpr std::chrono::milliseconds kExplaining{4500};     // for a resolution that is explained, as for a client's
constexpr std::chrono::milliseconds kExplainedTrust{2500}; // and the chain of trust, and the way here and back

using ExplanationPromise = std::shared_ptr<std::promise<ExplanationPtr>>;

coro::Task<void> explainAt(Resolver& resolver, Request request, bool fresh, ExplanationPromise promise) {
  auto explanation = co_await resolver.explain(std::move(request), fresh);
  promise->set_value(std::move(explanation));
}

} // namespace

base::Result<std::size_t> Daemon::ping() {
  const auto answers = askWorkers<bool>([](Worker&) { return true; });
  for (std::size_t i = 0; i < answers.size(); ++i) {
    if (!answers[i]) {
      return base::Error{"worker " + std::to_string(i) + " does not answer"};
    }
  }
  return answers.size();
}

// The packet caches come last: until then they can only be filled with what is no longer in the others.
WipeCounts Daemon::wipeCache(const dns::Name& name, bool subtree, std::optional<dns::RRType> type) {
  WipeCounts counts;
  d_cacheKeeper.awaitLoaded();
  d_cacheKeeper.noteWipe();
  const Resolving::Wiped shared = d_resolving.wipe(name, subtree, type);
  counts.records = shared.records;
  counts.negatives = shared.negatives;
  const auto wiped =
      askWorkers<std::size_t>([name, subtree](Worker& worker) { return worker.packetCache().wipe(name, subtree); });
  for (const auto& count : wiped) {
    counts.packets += count.value_or(0);
  }
  return counts;
}

base::Result<std::size_t> Daemon::dump(Dump what, std::FILE* out) {
  const base::WallTime wall = d_clock.wall();
  const base::MonoTime mono = d_clock.mono();
  switch (what) {
  case Dump::RecordCache: return d_resolving.records().dump(out, wall) + d_resolving.subnets().dump(out, wall);
  case Dump::NegativeCache: return d_resolving.negatives().dump(out, wall) + d_resolving.failures().dump(out, wall);
  case Dump::NsSpeeds: return d_resolving.speeds().dumpSpeeds(out, mono);
  case Dump::FailedServers: return d_resolving.speeds().dumpFailing(out, mono);
  case Dump::Throttles: return d_resolving.speeds().dumpThrottles(out, mono);
  case Dump::Edns: return d_resolving.speeds().dumpEdns(out, mono);
  case Dump::SavedParents:
  case Dump::Delegations: return d_resolving.delegations().dump(out, wall);
  case Dump::DotProbes: return d_resolving.dotServers().dump(out, mono);
  case Dump::Cookies: return d_resolving.speeds().dumpCookies(out, mono);
  case Dump::NonResolving: return dumpNonResolving(out);
  case Dump::AggressiveCache: return d_resolving.aggressive().dump(out, wall);
  case Dump::PacketCache: break;
  }
  return dumpPacketCaches(out);
}

// Each worker writes into memory, so that none of them uses `out` after this has given up on it.
base::Result<std::size_t> Daemon::dumpPacketCaches(std::FILE* out) {
  using Text = std::pair<std::string, std::size_t>;
  const auto texts = askWorkers<Text>([](Worker& worker) {
    char* memory = nullptr;
    std::size_t size = 0;
    std::FILE* buffer = ::open_memstream(&memory, &size);
    const std::size_t lines = worker.packetCache().dump(buffer, worker.loop().wall());
    std::fclose(buffer);
    Text text(std::string(memory, size), lines);
    std::free(memory);
    return text;
  });
  std::size_t lines = 0;
  for (std::size_t i = 0; i < texts.size(); ++i) {
    if (!texts[i]) {
      return base::Error{"worker " + std::to_string(i) + " does not answer"};
    }
    std::fprintf(out, "; packet cache of worker %zu\n%s", i, texts[i]->first.c_str());
    lines += texts[i]->second;
  }
  return lines;
}

// As it would be judged now, by what is known of zones to all workers.
LimitReason Daemon::limitOf(const base::Address& client, bool tcp, const dns::Name& name) {
  const auto configuration = this->configuration();
  if (!ClientLimits::isWanted(*configuration->settings) || isExemptFromLimits(*configuration->settings, client, name)) {
    return LimitReason::None;
  }
  const DelegationPtr cut = d_resolving.delegations().find(name, d_clock.wall());
  return d_limits.wouldJudge({client, tcp, name, cut ? cut->zone : dns::Name()}, d_clock.mono());
}

std::vector<CurrentQuery> Daemon::currentQueries() {
  using Queries = std::vector<CurrentQuery>;
  const auto lists = askWorkers<Queries>([](Worker& worker) {
    Queries list;
    const base::MonoTime now = worker.loop().now();
    for (const Query* query : worker.pipeline().waiting()) {
      const auto age = std::chrono::duration_cast<std::chrono::milliseconds>(now - query->received);
      list.push_back({query->question.name, query->question.type, query->client.source, query->client.tcp,
                      worker.pipeline().mergedWith(*query), age});
    }
    return list;
  });
  Queries all;
  for (const auto& list : lists) {
    if (list) {
      all.insert(all.end(), list->begin(), list->end());
    }
  }
  return all;
}

// On the name's own worker. DNS64 has no say: it is the name itself that is looked at.
base::Result<std::shared_ptr<const Explanation>> Daemon::explain(const dns::Question& question, bool fresh,
                                                                 const std::optional<base::Netmask>& client) {
  Worker& worker = *d_workers[question.name.hash() % count()];
  Request request;
  request.question = question;
  request.dnssecOk = true;
  request.asItIs = true;
  request.subnet = SubnetPolicy(*settings()).networkFor(client ? client->network : base::Address(), std::nullopt);
  request.checking = settings()->dnssec == "off" ? Checking::None : Checking::Enforce;
  const auto promise = std::make_shared<std::promise<ExplanationPtr>>();
  auto answer = promise->get_future();
  worker.post([&worker, request, fresh, promise]() mutable {
    request.deadline = worker.loop().now() + kExplaining;
    request.trace = std::make_shared<Trace>(worker.loop().now());
    worker.roots().spawn(explainAt(worker.resolver(), std::move(request), fresh, promise));
  });
  if (answer.wait_for(kExplaining + kExplainedTrust) != std::future_status::ready) {
    return base::Error{"no explanation could be had in time"};
  }
  try {
    const ExplanationPtr explanation = answer.get();
    if (explanation) {
      return std::shared_ptr<const Explanation>(explanation);
    }
    return base::Error{"this resolver cannot explain"};
  } catch (const std::exception&) { // its coroutine has ended without a result
    return base::Error{"the explanation failed: see the log"};
  }
}

// All workers have the same scripts.
std::vector<std::pair<std::string, std::uint32_t>> Daemon::scriptHooks() {
  using Hooks = std::vector<std::pair<std::string, std::uint32_t>>;
  const auto all = askWorkers<Hooks>([](Worker& worker) { return worker.scriptHooks(); });
  return all.empty() ? Hooks() : all.front().value_or(Hooks());
}

// Until all workers judge by the newest policies and have forgotten what others made.
void Daemon::awaitPolicies() {
  const auto deadline = std::chrono::steady_clock::now() + kWorkersPatience;
  const auto isBehind = [](const std::optional<bool>& done) { return !done.value_or(true); };
  while (std::chrono::steady_clock::now() < deadline) {
    const auto done = askWorkers<bool>([](Worker& worker) { return worker.hasForgotten(); });
    if (std::ranges::none_of(done, isBehind)) return;
  }
}

void Daemon::quit(bool nicely) {
  d_loop.post([this, nicely] {
    if (nicely) {
      d_roots.spawn(finishWork());
    } else {
      d_loop.stop();
    }
  });
}

coro::Task<void> Daemon::finishWork() {
  const base::MonoTime deadline = d_loop.now() + kLongestFarewell;
  while (d_statistics.value(Metric::ConcurrentQueries).value_or(0) > 0 && d_loop.now() < deadline) {
    co_await coro::Sleep(d_loop, kFarewellStep);
  }
  d_loop.stop();
}

} // namespace rec
