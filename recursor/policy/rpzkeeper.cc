// run(): check all primaries in order until one is of use -> publish -> wait for the timers, a NOTIFY or the end.
#include "recursor/policy/rpzkeeper.hh"

#include <poll.h>
#include <sys/eventfd.h>

#include <algorithm>
#include <array>
#include <stdexcept>

#include "lib/base/log.hh"
#include "recursor/policy/rpzfetch.hh"

namespace rec {
namespace {

using std::chrono::seconds;

constexpr seconds kLongestRefresh{86400};
constexpr seconds kFirstRetry{1}; // while there is no zone at all; doubles
constexpr seconds kLongestRetry{60};
constexpr seconds kDumpPause{30};                        // between two dumps of a zone that changes all the time
constexpr std::chrono::milliseconds kCheckPause{20};     // between two checks that NOTIFYs asked for
constexpr std::chrono::milliseconds kUselessPause{1000}; // after many that found nothing: they may be forged
constexpr unsigned kUselessAllowed = 20;

base::Fd makeEvent() {
  base::Fd event(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK));
  if (!event.valid()) throw std::runtime_error("no descriptor for a response policy zone");
  return event;
}

void raise(const base::Fd& event) { ::eventfd_write(event.get(), 1); }

} // namespace

RpzKeeper::RpzKeeper(RpzConfig config, RpzRulesPtr have, base::MonoTime lastGood, const base::Clock& clock,
                     bool logChanges, Publish publish, RpzConnect connect)
    : d_config(std::move(config)), d_clock(clock), d_logChanges(logChanges), d_publish(std::move(publish)),
      d_connect(std::move(connect)), d_stop(makeEvent()), d_wake(std::make_shared<const base::Fd>(makeEvent())),
      d_have(std::move(have)), d_nextDump(clock.mono()), d_lastGood(lastGood) {}

RpzKeeper::~RpzKeeper() {
  d_stopping = true;
  raise(d_stop);
  if (d_thread.joinable()) d_thread.join();
}

void RpzKeeper::start() {
  if (!d_thread.joinable()) d_thread = std::thread([this] { run(); });
}

void RpzKeeper::checkSoon(const base::Fd& waker) { raise(waker); }

base::MonoTime RpzKeeper::lastGood() const {
  const std::lock_guard lock(d_mutex);
  return d_lastGood;
}

RpzCounts RpzKeeper::counts() const {
  const std::lock_guard lock(d_mutex);
  return d_counts;
}

void RpzKeeper::run() {
  while (!d_stopping) {
    const bool good = check();
    if (good) {
      d_failuresInARow = 0;
      const std::lock_guard lock(d_mutex);
      d_lastGood = d_clock.mono();
    } else if (!d_stopping) {
      ++d_failuresInARow;
      expire();
    }
    sleepUntil(d_clock.mono() + pause(good));
  }
  saveDump(true);
}

bool RpzKeeper::check() {
  ++d_useless;
  for (const base::Address& primary : d_config.primaries) {
    if (d_stopping || checkAt(primary)) return true;
  }
  return false;
}

bool RpzKeeper::checkAt(const base::Address& primary) {
  try {
    const RpzRulesPtr have = d_have; // which may expire meanwhile
    const auto fetched =
        fetchRpz(d_config, primary, have, {d_clock, d_stop.get(), d_logChanges, [this] { expire(); }, d_connect});
    if (!fetched) {
      failed(primary, fetched.error().message);
      return false;
    }
    if (!fetched->ixfrFault.empty()) {
      base::log(base::LogLevel::Warning, "RPZ " + d_config.name + ": no IXFR from " + primary.textWithPort() + ": " +
                                             fetched->ixfrFault + "; took the whole zone");
    }
    if (fetched->rules) {
      take(fetched->rules, fetched->whole, primary);
    } else if (have && !d_have) {
      d_have = have;
      d_publish(have);
    }
    return true;
  } catch (const std::exception& error) { // out of memory, or the crypto library
    failed(primary, error.what());
    return false;
  }
}

void RpzKeeper::take(const RpzRulesPtr& rules, bool whole, const base::Address& primary) {
  const std::size_t before = d_have ? d_have->rules() : 0;
  d_useless = 0;
  d_have = rules;
  d_publish(rules);
  {
    const std::lock_guard lock(d_mutex);
    ++d_counts.success;
    d_counts.full += whole ? 1 : 0;
    d_counts.lastUpdate = d_clock.wall().time_since_epoch().count();
  }
  base::log(base::LogLevel::Info, "RPZ " + d_config.name + ": serial " + std::to_string(rules->serial()) + " by " +
                                      (whole ? "AXFR" : "IXFR") + " from " + primary.textWithPort() + ", " +
                                      std::to_string(rules->rules()) + " rules (" + std::to_string(before) +
                                      " before), " + std::to_string(rules->refused()) + " records passed over");
  d_dumpDue = !d_config.dumpFile.empty();
  saveDump(false);
}

void RpzKeeper::failed(const base::Address& primary, const std::string& why) {
  if (d_stopping) return;
  {
    const std::lock_guard lock(d_mutex);
    ++d_counts.failed;
  }
  base::log(base::LogLevel::Warning,
            "RPZ " + d_config.name + ": primary " + primary.textWithPort() + ": " + why +
                (d_have ? "; serial " + std::to_string(d_have->serial()) + " stays" : "; there are no rules yet"));
}

// RFC 1035 3.3.13: what could not be refreshed for so long is not used any more.
void RpzKeeper::expire() {
  const auto soa = d_have && d_have->soa() ? dns::readSoa(d_have->soa().front()) : std::nullopt;
  if (!soa || d_clock.mono() < lastGood() + seconds(soa->expire)) return;
  base::log(base::LogLevel::Error, "RPZ " + d_config.name + ": serial " + std::to_string(d_have->serial()) +
                                       " has expired: its rules are not applied any more");
  d_have = nullptr;
  d_publish(nullptr);
}

void RpzKeeper::saveDump(bool now) {
  if (!d_dumpDue || !d_have || (!now && d_clock.mono() < d_nextDump)) return;
  d_dumpDue = false;
  d_nextDump = d_clock.mono() + kDumpPause;
  const auto saved = saveRpz(*d_have, d_config.dumpFile);
  if (!saved) base::log(base::LogLevel::Error, "RPZ " + d_config.name + ": dumpFile " + saved.error().message);
}

seconds RpzKeeper::pause(bool succeeded) {
  const auto soa = d_have && d_have->soa() ? dns::readSoa(d_have->soa().front()) : std::nullopt;
  const seconds own = d_config.refresh.count() > 0 ? d_config.refresh : kLongestRefresh;
  if (!soa) {
    const seconds doubled(std::int64_t{1} << std::min(d_failuresInARow, 6U));
    return std::min({own, kLongestRetry, std::max(kFirstRetry, doubled / 2)});
  }
  const seconds said(succeeded ? soa->refresh : soa->retry);
  const seconds chosen = succeeded && d_config.refresh.count() > 0 ? d_config.refresh : std::min(said, own);
  return std::clamp(chosen, seconds(1), kLongestRefresh);
}

void RpzKeeper::sleepUntil(base::MonoTime due) {
  const base::MonoTime earliest = d_clock.mono() + (d_useless > kUselessAllowed ? kUselessPause : kCheckPause);
  while (!d_stopping) {
    saveDump(false);
    base::MonoTime until = due;
    if (d_dumpDue) until = std::min(until, d_nextDump);
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(until - d_clock.mono());
    if (d_clock.mono() >= due) return;
    std::array<pollfd, 2> watched{pollfd{d_stop.get(), POLLIN, 0}, pollfd{d_wake->get(), POLLIN, 0}};
    const auto most = std::clamp<std::int64_t>(left.count(), 1, 60'000);
    if (::poll(watched.data(), watched.size(), static_cast<int>(most)) <= 0 || watched[1].revents == 0) continue;
    const auto early = std::chrono::ceil<std::chrono::milliseconds>(earliest - d_clock.mono());
    if (early.count() > 0) ::poll(watched.data(), 1, static_cast<int>(early.count()));
    eventfd_t count = 0;
    ::eventfd_read(d_wake->get(), &count);
    return;
  }
}

} // namespace rec
