// A worker's parts put together, and its thread.
#include "recursor/worker.hh"

#include <pthread.h>

#include "lib/base/log.hh"
#include "lib/coro/wait.hh"
#include "recursor/options.hh"
#include "recursor/process.hh"

namespace rec {
Worker::Worker(Parts parts)
    : d_parts(std::move(parts)), d_settings(*d_parts.settings), d_loop(d_parts.clock),
      d_roots([](const std::string& what) {
        base::log(base::LogLevel::Error, "a question could not be handled: " + what);
      }),
      d_latencies(d_counters, d_settings.latencyStatisticSize), d_top(d_settings.statsRingbufferEntries),
      d_packetCache(packetCacheOptions(d_settings)), d_resolver(d_parts.makeResolver(*this)),
      d_prefetcher({d_settings, d_counters, d_loop, d_parts.index}),
      d_pipeline({d_settings, *d_resolver, d_packetCache, d_counters, d_latencies, d_loop, d_roots, *this,
                  d_parts.tracer, d_parts.anchors, &d_prefetcher, d_parts.loops, d_parts.notified, &d_top, &d_types,
                  &d_queryLog, d_parts.limits}),
      d_hotPath(d_settings, d_packetCache, d_counters, d_latencies, &d_prefetcher),
      d_udp({d_settings, d_hotPath, d_pipeline, d_counters, d_loop, d_queryLog, d_parts.index}),
      d_tcp({d_settings, d_hotPath, d_pipeline, d_counters, d_loop, d_roots, d_parts.tcpQuota, d_queryLog,
             d_parts.index}) {
  d_loop.holdTime();
  d_prefetcher.attach(d_pipeline);
  d_hotPath.setTop(&d_top);
}

// On the worker's thread. Questions under way and open connections were let in by the old lists.
void Worker::replaceAccessLists(const Settings& fresh) {
  d_settings.allowFrom = fresh.allowFrom;
  d_settings.allowNotifyFrom = fresh.allowNotifyFrom;
  d_settings.allowNotifyFor = fresh.allowNotifyFor;
  d_settings.proxyProtocolFrom = fresh.proxyProtocolFrom;
  d_settings.proxyProtocolExceptions = fresh.proxyProtocolExceptions;
  d_settings.rateLimitExemptClients = fresh.rateLimitExemptClients;
  d_settings.rateLimitExemptZones = fresh.rateLimitExemptZones;
}

// On the worker's thread, at the top level of its loop. What was answered by the old ones is forgotten.
void Worker::adopt(const Settings& fresh) {
  d_settings = fresh;
  d_latencies.setWindow(d_settings.latencyStatisticSize);
  d_packetCache.adopt(packetCacheOptions(d_settings));
  d_resolver->adopt(d_settings);
  d_prefetcher.adoptSettings();
  d_pipeline.adoptSettings();
  d_udp.adoptSettings();
  forgetSince(nullptr);
}

// On the worker's thread, or before start().
void Worker::replacePolicies(const PoliciesPtr& policies) {
  d_pipeline.setPolicies(policies);
  d_hotPath.setPolicies(policies);
  forgetSince(policies ? policies->change() : nullptr);
}

// On the worker's thread, or before start().
void Worker::replaceProxyMapping(const ProxyMappingPtr& mapping) {
  d_pipeline.setProxyMapping(mapping);
  d_hotPath.setProxyMapping(mapping);
}

void Worker::replaceAnswerRules(const AnswerRulesPtr& rules) {
  if (!rules && !d_pipeline.hasAnswerRules()) {
    return;
  }
  d_pipeline.setAnswerRules(rules);
  d_hotPath.setAnswerRules(rules);
  forgetSince(nullptr);
}

// What is not forgotten yet of an earlier change is forgotten along with it. Null: everything.
void Worker::forgetSince(const PolicyChangePtr& change) {
  if (change && change->size() == 0) {
    return;
  }
  d_change = hasForgotten() ? change : PolicyChange::merged(d_change, change);
  d_wiping = 0;
  forgetAnswers(0);
}

// Questions under way are not kept when they were judged by the old policies, so each part is emptied once. A newer
// swap begins anew.
void Worker::forgetAnswers(std::size_t part) {
  constexpr std::size_t partsAtOnce = 4;
  if (part != d_wiping || (part == 0 && d_packetCache.entries() == 0)) { // another swap; the start
    return;
  }
  const auto touched = [this](std::span<const std::byte> answer, bool madeByPolicy) {
    return madeByPolicy || d_change->touchesAnswer(answer);
  };
  while (d_change ? d_packetCache.wipePart(d_wiping, touched) : d_packetCache.wipePart(d_wiping)) {
    if (++d_wiping == part + partsAtOnce) {
      return post([this, next = d_wiping] { forgetAnswers(next); });
    }
  }
}

// On the worker's thread, or before start(). Each part is given it only when it has hooks that are the part's.
std::shared_ptr<LuaEngine> Worker::replaceLua(std::shared_ptr<LuaEngine> lua) {
  std::shared_ptr<LuaEngine> old = std::exchange(d_lua, std::move(lua));
  const auto withAny = [this](std::uint32_t hooks) { return d_lua && d_lua->hasAny(hooks) ? d_lua.get() : nullptr; };
  d_hotPath.setTagger(withAny(kLuaTagHooks));
  d_pipeline.setLua(withAny(kLuaQuestionHooks));
  d_resolver->setLua(withAny(bitOf(LuaHook::PreOutQuery)));
  d_counters.set(Metric::LuaMemoryUsage, d_lua ? d_lua->memory() : 0);
  if (d_lua) {
    d_lua->attach(&d_counters, &d_luaTimes);
  }
  if (d_lua && d_lua->has(LuaHook::Maintenance)) {
    d_roots.spawn(maintainLua(d_lua));
  }
  forgetSince(nullptr);
  return old;
}

std::vector<std::pair<std::string, std::uint32_t>> Worker::scriptHooks() const {
  return d_lua ? d_lua->scriptHooks() : std::vector<std::pair<std::string, std::uint32_t>>();
}

// Until there are other scripts.
coro::Task<void> Worker::maintainLua(std::shared_ptr<LuaEngine> lua) {
  const std::weak_ptr<LuaEngine> mine = lua;
  lua.reset();
  for (;;) {
    const auto interval = std::chrono::seconds(d_settings.luaMaintenanceInterval);
    co_await coro::Sleep(d_loop, interval);
    const std::shared_ptr<LuaEngine> there = mine.lock();
    if (!there || there != d_lua) co_return;
    const base::MonoTime begun = d_loop.clock().mono();
    there->maintain();
    d_counters.add(Metric::MaintenanceCalls);
    const auto took = std::chrono::duration_cast<std::chrono::microseconds>(d_loop.clock().mono() - begun);
    d_counters.add(Metric::MaintenanceUsec, static_cast<std::uint64_t>(took.count()));
  }
}

Worker::~Worker() {
  join();
  d_roots.cancelAll(); // while all that they use is there
}

void Worker::start() {
  d_thread = base::startThread(d_arena, [this] { run(); });
}

void Worker::run() {
  ::pthread_setname_np(::pthread_self(), ("worker/" + std::to_string(d_parts.index)).c_str());
  base::nameLogThread(d_parts.index + 1);
  wakeInTime();
  const auto cpus = d_parts.settings->cpuMap.find(d_parts.index);
  if (cpus != d_parts.settings->cpuMap.end() && !runOnCpus(cpus->second)) {
    base::log(base::LogLevel::Warning, "cpu-map: worker " + std::to_string(d_parts.index) + " cannot run there");
  }
  try {
    d_loop.run();
    d_roots.cancelAll();
  } catch (const std::exception& e) {
    base::log(base::LogLevel::Critical, std::string("a worker ends: ") + e.what());
    std::terminate();
  }
}

void Worker::stop() {
  post([this] { d_loop.stop(); });
}

void Worker::join() {
  if (d_thread.joinable()) {
    d_thread.join();
  }
}

void Worker::reply(const Client& client, std::span<const std::byte> message) {
  if (!client.tcp) {
    if (!message.empty()) {
      d_udp.send(client, message);
    }
    return;
  }
  if (client.worker == d_parts.index) {
    d_tcp.answer(client.connection, message);
    return;
  }
  Worker& owner = d_parts.colleagues.worker(client.worker);
  const std::uint64_t connection = client.connection;
  std::vector<std::byte> copy(message.begin(), message.end());
  owner.post([&owner, connection, copy = std::move(copy)] { owner.d_tcp.answer(connection, copy); });
}

void Worker::handOver(std::uint32_t worker, QueryPtr query) {
  Worker& home = d_parts.colleagues.worker(worker);
  home.post([&home, query = std::move(query)] { home.d_pipeline.receive(query); });
}

} // namespace rec
