// Start, signals and stop of the whole program: see daemon.hh for the order.
#include "recursor/daemon.hh"

#include <event2/event.h>
#include <pthread.h>
#include <sys/signalfd.h>

#include <csignal>
#include <cstdlib>
#include <stdexcept>
#include <thread>

#include "lib/base/log.hh"
#include "lib/base/memory.hh"
#include "recursor/config/descriptors.hh"
#include "recursor/config/keepwarm.hh"
#include "recursor/control/channel.hh"
#include "recursor/daemonweb.hh"
#include "recursor/options.hh"
#include "recursor/orthrow.hh"
#include "recursor/resolve/options.hh"
#include "recursor/stats/hostreadings.hh"
#include "recursor/trust/configured.hh"

namespace rec {
namespace {

constexpr std::chrono::milliseconds kLastPatience{1700}; // with workers that are to end

// Of this thread and all that it will start: they arrive through a descriptor instead.
sigset_t blockSignals() {
  ::signal(SIGPIPE, SIG_IGN);
  sigset_t set;
  sigemptyset(&set);
  for (const int number : {SIGTERM, SIGINT, SIGUSR1, SIGUSR2}) {
    sigaddset(&set, number);
  }
  ::pthread_sigmask(SIG_BLOCK, &set, nullptr);
  return set;
}

constexpr timeval kMemoryInterval{5, 0}; // how often it is looked what memory the process takes
constexpr timeval kTrustInterval{5, 0};  // how often it is looked what trust anchors are due for

// A worker that hangs must not keep the process alive.
void endSoonWhateverHappens() {
  std::thread([] {
    std::this_thread::sleep_for(kLastPatience);
    std::_Exit(0);
  }).detach();
}

std::string joined(const std::vector<base::Address>& addresses) {
  std::string text;
  for (const base::Address& address : addresses) {
    text += (text.empty() ? "" : ", ") + address.textWithPort();
  }
  return text;
}

} // namespace

Daemon::Daemon(CommandLine line, std::shared_ptr<const Configuration> configuration)
    : Daemon(std::move(line), configuration, orThrow(runLuaConfig(configuration->settings->luaConfigFile))) {}

Daemon::Daemon(CommandLine line, std::shared_ptr<const Configuration> configuration, LuaConfig luaConfig)
    : d_line(std::move(line)), d_started(configuration->settings), d_configuration(std::move(configuration)),
      d_maxCacheEntries(d_started->maxCacheEntries), d_maxPacketcacheEntries(d_started->maxPacketcacheEntries),
      d_loop(d_clock), d_roots([](const std::string& what) { base::log(base::LogLevel::Error, what); }),
      d_tcpQuota(d_started->maxTcpClients, d_started->maxTcpPerClient), d_traceLog(TraceLog::modeOf(d_started->trace)),
      d_resolving(*d_started, luaConfig),
      d_cacheKeeper(
          CacheKeeper::optionsOf(*d_started), d_resolving.kept(), [this] { return d_resolving.filePrints(); }, d_clock),
      d_limits(ClientLimits::optionsOf(*d_started), d_resolving.limited(), d_suffixes),
      d_trustKeeper(d_resolving.trustAnchors(), luaConfig, d_started->luaConfigFile, d_clock),
      d_anchorStore(isValidating(*d_started) && d_started->trustAnchorFollow ? d_started->trustAnchorStateFile : ""),
      d_anchorFollower(
          d_resolving.trustAnchors(), followerOptions(*d_started), d_anchorStore.load(),
          [this](std::string state) { d_loop.post([this, text = std::move(state)] { d_anchorStore.save(text); }); }),
      d_rpzZones(d_policyBoard, d_clock, d_started->logRpzChanges), d_blockLists(*d_started, d_policyBoard),
      d_queryLog(*d_started), d_luaScripts(*d_started, d_statistics, d_clock), d_luaPaths(d_started->luaDnsScript),
      d_carbon(Carbon::optionsOf(*d_started), d_statistics) {
  static_cast<void>(d_rpzZones.configure(luaConfig.rpzs, true));
  d_anchorFollower.configure(anchorSets(luaConfig.trustAnchors), d_clock.wall());
  d_resolving.trustAnchors().onChange([this](const dns::Name& zone) { forgetBelow(zone); });
}

Daemon::~Daemon() {
  d_carbon.stop();
  d_blockLists.stop();
  d_rpzZones.stop();
  stopWorkers();
  for (event* item : {d_signalEvent, d_statisticsEvent, d_memoryEvent, d_trustEvent}) {
    if (item != nullptr) {
      event_free(item);
    }
  }
}

void Daemon::run() {
  const sigset_t signals = blockSignals();
  raiseDescriptorLimit(descriptorsWanted(*d_started));
  makeWorkers();
  d_blockLists.load(d_trustKeeper.config().blockLists);
  bindListeners();
  if (!d_started->outgoingNetns.empty()) {
    enterNetworkNamespace(d_started->outgoingNetns);
  }
  auto control = orThrow(ControlChannel::open(ControlChannel::optionsOf(*d_started), *this));
  auto web = makeWebServer(d_started, *this, d_statistics, d_clock);
  PidFile pidFile;
  if (d_started->writePid) {
    const SocketPlace place = socketPlace(*d_started);
    pidFile.open(place.directory + "/" + place.name + ".pid");
  }
  dropPrivileges(d_started->setuid, d_started->setgid);
  loadLua();
  if (d_started->daemon) {
    goToBackground();
  }
  pidFile.write();
  watchSignals(signals);
  d_luaScripts.starting();
  d_cacheKeeper.start();
  startWorkers();
  d_blockLists.start();
  control->start();
  if (web) web->start();
  base::log(base::LogLevel::Notice, "Rootwalk " ROOTWALK_VERSION " is ready: " + std::to_string(count()) +
                                        " workers, listening on " + joined(d_started->localAddress));
  d_service.ready(std::to_string(count()) + " workers");
  d_service.watch(d_loop, *this);
  d_loop.run();
  d_service.stopping();
  d_cacheKeeper.stop();
  endSoonWhateverHappens();
  if (web) web->stop();
  control.reset();
  d_carbon.stop();
  d_blockLists.stop();
  d_rpzZones.stop();
  stopWorkers();
  d_luaScripts.stopping();
  base::log(base::LogLevel::Notice, "Rootwalk ends");
}

void Daemon::makeWorkers() {
  for (std::uint32_t index = 0; index < count(); ++index) {
    Worker::Parts parts{d_started,
                        index,
                        d_clock,
                        d_tcpQuota,
                        *this,
                        &d_traceLog,
                        &d_resolving.trustAnchors(),
                        &d_resolving.loops(),
                        &d_rpzZones,
                        &d_limits,
                        {}};
    parts.makeResolver = [this](Worker& worker) { return d_resolving.makeResolver(worker); };
    d_workers.push_back(std::make_unique<Worker>(std::move(parts)));
    d_statistics.addWorker(d_workers.back()->counters());
    d_queryLog.attach(d_workers.back()->queryLog());
  }
}

void Daemon::startWorkers() {
  registerReadings();
  followPolicies();
  giveAnswerRules();
  giveProxyMapping(false);
  startQueryLog();
  d_resolving.startHostNames(d_clock);
  for (const auto& worker : d_workers) {
    worker->start();
    addThreadReading(d_statistics, worker->self(), worker->thread().native_handle());
  }
  followAnchors();
  keepWarm();
  d_rpzZones.start();
  d_carbon.start();
}

// Each worker has the policies before its first question, and each change of them soon.
void Daemon::followPolicies() {
  d_policyBoard.onChange([this](const PoliciesPtr& policies) {
    for (const auto& worker : d_workers) {
      worker->post([&judging = *worker, policies] { judging.replacePolicies(policies); });
    }
  });
  for (const auto& worker : d_workers) {
    worker->replacePolicies(d_policyBoard.current());
  }
}

// What lua-config-file says now.
void Daemon::giveAnswerRules() {
  const auto config = d_trustKeeper.config();
  const bool some = !config.answers.sortLists.empty() || !config.answers.additionals.empty();
  const AnswerRulesPtr rules = some ? std::make_shared<const AnswerRules>(config.answers) : nullptr;
  for (const auto& worker : d_workers) {
    worker->post([&answering = *worker, rules] { answering.replaceAnswerRules(rules); });
  }
}

void Daemon::startQueryLog() {
  d_queryLog.start([this](const LogOrdersPtr& orders) {
    for (const auto& worker : d_workers) {
      worker->post([&logging = *worker, orders] { logging.queryLog().setOrders(orders); });
    }
  });
}

// Each worker takes those of the names whose home it is.
void Daemon::keepWarm() {
  const auto questions = orThrow(parseKeepwarm(settings()->keepwarm));
  for (const auto& worker : d_workers) {
    worker->post([&warm = *worker, questions] { warm.pipeline().keepWarm(questions); });
  }
}

// Not before a fork: epoll would go on watching the parent's signals (signalfd(2), "epoll semantics").
void Daemon::watchSignals(const sigset_t& set) {
  d_signals.reset(::signalfd(-1, &set, SFD_NONBLOCK | SFD_CLOEXEC));
  d_signalEvent = event_new(d_loop.base(), d_signals.get(), EV_READ | EV_PERSIST, &Daemon::onSignal, this);
  event_add(d_signalEvent, nullptr);
  d_statisticsEvent = event_new(d_loop.base(), -1, EV_PERSIST, &Daemon::onStatistics, this);
  scheduleStatistics();
  d_memoryEvent = event_new(d_loop.base(), -1, EV_PERSIST, &Daemon::onMemory, this);
  d_memoryKeeper = makeMemoryKeeper();
  event_add(d_memoryEvent, &kMemoryInterval);
  d_trustEvent = event_new(d_loop.base(), -1, EV_PERSIST, &Daemon::onTrust, this);
  event_add(d_trustEvent, &kTrustInterval);
}

void Daemon::scheduleStatistics() {
  event_del(d_statisticsEvent);
  const timeval interval{settings()->statisticsInterval.count(), 0};
  if (interval.tv_sec > 0) {
    event_add(d_statisticsEvent, &interval);
  }
}

void Daemon::onSignal(int fd, short /*what*/, void* self) {
  auto* daemon = static_cast<Daemon*>(self);
  signalfd_siginfo info{};
  while (::read(fd, &info, sizeof info) == sizeof info) {
    if (info.ssi_signo == SIGUSR1) {
      daemon->logStatistics();
    } else if (info.ssi_signo == SIGUSR2) {
      base::LogOptions options = logOptions(*daemon->settings());
      options.level = base::LogLevel::Debug;
      base::configureLog(options);
      base::log(base::LogLevel::Notice, "logging everything from now on (SIGUSR2)");
    } else {
      daemon->d_loop.stop();
    }
  }
}

void Daemon::onStatistics(int /*fd*/, short /*what*/, void* self) { static_cast<Daemon*>(self)->logStatistics(); }

void Daemon::onTrust(int /*fd*/, short /*what*/, void* self) {
  static_cast<Daemon*>(self)->d_trustKeeper.tick();
  static_cast<Daemon*>(self)->d_rpzZones.tick();
}

void Daemon::logStatistics() { d_statsReport.log(std::chrono::steady_clock::now()); }

// All are told first, so that they end together.
void Daemon::stopWorkers() {
  d_resolving.stopHostNames();
  for (const auto& worker : d_workers) {
    worker->stop();
  }
  for (const auto& worker : d_workers) {
    worker->join();
  }
  d_queryLog.stop();
}

} // namespace rec
