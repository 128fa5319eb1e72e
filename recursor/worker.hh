// Worker: one thread with everything that it shares with nobody: loop, coroutines, counters, sockets, packet cache,
// resolver. Made and told to listen by the daemon's thread before start(); from then on others reach it by post() only.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "lib/base/memory.hh"
#include "lib/coro/root.hh"
#include "recursor/cache/packetcache.hh"
#include "recursor/config/settings.hh"
#include "recursor/ingress/tcp.hh"
#include "recursor/ingress/udp.hh"
#include "recursor/policy/luaengine.hh"
#include "recursor/query/hotpath.hh"
#include "recursor/query/pipeline.hh"
#include "recursor/stats/latency.hh"

namespace rec {

class Worker;

// The other workers, and what one worker wants of all: implemented by the daemon. Thread safe once all are made.
class Colleagues {
 public:
  virtual ~Colleagues() = default;
  [[nodiscard]] virtual std::uint32_t count() const = 0;
  [[nodiscard]] virtual Worker& worker(std::uint32_t index) = 0;
  virtual void wipe(const dns::Name& name) = 0; // and all below it, in all caches; does not wait
};

class Worker final : public PipelineHost {
 public:
  struct Parts {
    std::shared_ptr<const Settings> settings;
    std::uint32_t index = 0;
    const base::Clock& clock;
    TcpQuota& tcpQuota;
    Colleagues& colleagues;
    Tracer* tracer = nullptr;
    const TrustAnchors* anchors = nullptr;
    LoopWatch* loops = nullptr;
    NotifyListener* notified = nullptr;
    ClientLimits* limits = nullptr; // null: clients are not limited
    // Makes this worker's resolver, once the members it stands on are there.
    std::function<std::unique_ptr<Resolver>(Worker&)> makeResolver;
  };
  explicit Worker(Parts parts);
  ~Worker() override;
  Worker(const Worker&) = delete;
  Worker& operator=(const Worker&) = delete;

  void listenUdp(base::Fd socket, const base::Address& bound) { d_udp.listen(std::move(socket), bound); }
  void listenTcp(base::Fd socket, const base::Address& bound) { d_tcp.listen(std::move(socket), bound); }
  void start();
  void stop(); // any thread; asks the thread to end
  void join();
  void post(std::function<void()> work) { d_loop.post(std::move(work)); } // any thread
  [[nodiscard]] std::thread& thread() { return d_thread; }

  // On the worker's own thread (or before start()).
  [[nodiscard]] coro::Loop& loop() { return d_loop; }
  [[nodiscard]] coro::Roots& roots() { return d_roots; }
  [[nodiscard]] Counters& counters() { return d_counters; } // reading: any thread
  [[nodiscard]] Latencies& latencies() { return d_latencies; }
  [[nodiscard]] PacketCache& packetCache() { return d_packetCache; } // entries(), bytes(): any thread
  [[nodiscard]] TopRings& top() { return d_top; }
  [[nodiscard]] const QTypeCounts& types() const { return d_types; }
  [[nodiscard]] Resolver& resolver() { return *d_resolver; }
  [[nodiscard]] Pipeline& pipeline() { return d_pipeline; }
  [[nodiscard]] LogTap& queryLog() { return d_queryLog; }

  void replaceAccessLists(const Settings& fresh); // reload-acls
  void adopt(const Settings& fresh);              // reload-config
  // The scripts from now on, null for none; gives those that were there before, for somebody with more time to close.
  std::shared_ptr<LuaEngine> replaceLua(std::shared_ptr<LuaEngine> lua);
  [[nodiscard]] std::vector<std::pair<std::string, std::uint32_t>> scriptHooks() const;
  [[nodiscard]] const LuaTimes& luaTimes() const { return d_luaTimes; } // reading: any thread
  // How answers look from now on: reload-lua-config. What was kept without additional records is forgotten.
  void replaceAnswerRules(const AnswerRulesPtr& rules);
  // reload-lua-config. Null: there is none.
  void replaceProxyMapping(const ProxyMappingPtr& mapping);
  // What was answered by the old ones is forgotten, in small steps between other work.
  void replacePolicies(const PoliciesPtr& policies);

  // Whether nothing is kept any more of what older policies made.
  [[nodiscard]] bool hasForgotten() const { return d_wiping == 0 || d_wiping >= d_packetCache.parts(); }

  // PipelineHost
  void reply(const Client& client, std::span<const std::byte> message) override;
  [[nodiscard]] std::uint32_t self() const override { return d_parts.index; }
  [[nodiscard]] std::uint32_t workers() const override { return d_parts.colleagues.count(); }
  void handOver(std::uint32_t worker, QueryPtr query) override;
  void wipeZone(const dns::Name& zone) override { d_parts.colleagues.wipe(zone); }

 private:
  void run();
  void forgetSince(const PolicyChangePtr& change);
  void forgetAnswers(std::size_t part);
  coro::Task<void> maintainLua(std::shared_ptr<LuaEngine> lua);

  Parts d_parts;
  Settings d_settings; // all parts of the worker read this copy, which reload-config and reload-acls change
  coro::Loop d_loop;
  coro::Roots d_roots;
  Counters d_counters;
  Latencies d_latencies;
  TopRings d_top;
  QTypeCounts d_types;
  PacketCache d_packetCache;
  std::unique_ptr<Resolver> d_resolver;
  LuaTimes d_luaTimes;
  LogTap d_queryLog;
  std::shared_ptr<LuaEngine> d_lua; // null: no script
  Prefetcher d_prefetcher;
  Pipeline d_pipeline;
  HotPath d_hotPath;
  UdpIngress d_udp;
  TcpIngress d_tcp;
  std::size_t d_wiping = 0; // the part of the packet cache that replacePolicies wipes next
  PolicyChangePtr d_change; // of which names it does so; null: of all
  base::ThreadArena d_arena;
  std::thread d_thread;
};

} // namespace rec
