// Looking up, keeping, and telling about it. The thread wakes once a second while there are names, else never.
#include "recursor/upstream/hostnames.hh"

#include <netdb.h>
#include <pthread.h>

#include <algorithm>
#include <set>
#include <system_error>
#include <utility>

#include "lib/base/log.hh"

namespace rec {
namespace {

constexpr std::chrono::seconds kFirstRetry{1}; // after a failure; doubles
constexpr std::chrono::seconds kLongestRetry{60};
constexpr std::chrono::seconds kStep{1};

std::string joined(const HostNames::Addresses& addresses) {
  std::string text;
  for (const base::Address& address : addresses) {
    text += (text.empty() ? "" : ", ") + address.text();
  }
  return text.empty() ? "none" : text;
}

} // namespace

HostNames::Options HostNames::optionsOf(const Settings& settings) {
  const auto has = [&](int family) {
    return std::ranges::any_of(settings.queryLocalAddress, [&](const auto& own) { return own.family() == family; });
  };
  return {settings.systemResolverTtl, settings.systemResolverInterval, settings.systemResolverSelfResolveCheck,
          has(AF_INET), has(AF_INET6)};
}

HostNames::HostNames(const Options& options, LoopWatch& loops, Lookup lookup)
    : d_loops(loops), d_lookup(std::move(lookup)), d_options(options) {}

void HostNames::adopt(const Options& options) {
  const std::lock_guard lock(d_mutex);
  d_options = options;
}

void HostNames::stop() {
  {
    const std::lock_guard lock(d_mutex); // or the thread might miss it
    d_stopping = true;
    if (d_pending) {
      const std::lock_guard pendingLock(d_pending->mutex);
      d_pending->abandoned = true;
      d_pending->ended.notify_all();
    }
  }
  d_wake.notify_all();
  if (d_thread.joinable()) {
    d_thread.join();
  }
}

void HostNames::use(const std::vector<std::string>& hosts) {
  const std::lock_guard lock(d_mutex);
  for (const std::string& host : hosts) {
    ++d_hosts[host].wanted;
  }
}

void HostNames::forgetOthers(const std::vector<std::string>& hosts) {
  const std::set<std::string> wanted(hosts.begin(), hosts.end());
  const std::lock_guard lock(d_mutex);
  std::erase_if(d_hosts, [&](const auto& host) { return !wanted.contains(host.first); });
}

bool HostNames::hasNew() const {
  return std::ranges::any_of(d_hosts, [](const auto& host) { return host.second.isNew(); });
}

void HostNames::await(std::chrono::milliseconds patience) {
  std::unique_lock lock(d_mutex);
  d_wake.notify_all();
  if (!d_looked.wait_for(lock, patience, [this] { return !hasNew(); })) {
    base::log(base::LogLevel::Warning, "the system resolver is slow: some upstreams have no addresses yet");
  }
}

std::vector<std::string> HostNames::due(base::MonoTime now) const {
  const std::lock_guard lock(d_mutex);
  std::vector<std::string> due;
  for (const auto& [host, known] : d_hosts) {
    if (known.isNew() || known.due <= now) {
      due.push_back(host);
    }
  }
  return due;
}

bool HostNames::refresh(base::MonoTime now) {
  bool changed = false;
  for (const std::string& host : due(now)) {
    if (d_stopping) {
      break;
    }
    changed = lookUp(host, now) || changed;
  }
  return changed;
}

// Which of use()'s wishes the look-up that begins now is for.
unsigned HostNames::begin(const std::string& host) {
  const std::lock_guard lock(d_mutex);
  const auto known = d_hosts.find(host);
  return known == d_hosts.end() ? 0 : known->second.wanted;
}

// On a thread of its own, which knows nothing of this object: it may still wait when the process is about to end.
base::Result<HostNames::Addresses> HostNames::ask(const std::string& host) {
  const auto pending = std::make_shared<Pending>();
  {
    const std::lock_guard lock(d_mutex);
    if (d_stopping) {
      return base::Error{"not asked any more"};
    }
    d_pending = pending;
  }
  const auto run = [pending, host, lookup = d_lookup] {
    auto found = lookup(host);
    const std::lock_guard lock(pending->mutex);
    pending->found = std::move(found);
    pending->ended.notify_all();
  };
  try {
    base::startThread(d_arena, run).detach();
  } catch (const std::system_error& error) { // no more threads
    return base::Error{error.what()};
  }
  std::unique_lock lock(pending->mutex);
  pending->ended.wait(lock, [&] { return pending->found || pending->abandoned; });
  return pending->found ? *std::move(pending->found) : base::Error{"not waited for"};
}

HostNames::Options HostNames::optionsNow() const {
  const std::lock_guard lock(d_mutex);
  return d_options;
}

bool HostNames::lookUp(const std::string& host, base::MonoTime now) {
  const unsigned wanted = begin(host);
  auto found = ask(host);
  if (d_stopping) {
    return false;
  }
  if (!found) {
    keepOld(host, found.error().message, wanted, now);
    return false;
  }
  const Options options = optionsNow();
  std::erase_if(*found, [&](const base::Address& one) { return one.isV6() ? !options.ipv6 : !options.ipv4; });
  if (found->empty()) {
    keepOld(host, "none of a family that query-local-address has", wanted, now);
    return false;
  }
  return keep(host, *found, wanted, now);
}

bool HostNames::keep(const std::string& host, const Addresses& found, unsigned wanted, base::MonoTime now) {
  const std::lock_guard lock(d_mutex);
  const auto known = d_hosts.find(host);
  if (known == d_hosts.end()) {
    return false; // reload-zones was quicker
  }
  const std::chrono::seconds pause = std::max(d_options.ttl, d_options.interval);
  known->second.due = d_options.ttl.count() == 0 ? base::MonoTime::max() : now + pause;
  known->second.retry = std::chrono::seconds(0);
  known->second.looked = wanted;
  if (known->second.addresses == found) {
    return false;
  }
  base::log(base::LogLevel::Notice, "upstream " + host + " has the addresses " + joined(found) +
                                        " (before: " + joined(known->second.addresses) + ")");
  known->second.addresses = found;
  return true;
}

void HostNames::keepOld(const std::string& host, const std::string& why, unsigned wanted, base::MonoTime now) {
  const std::lock_guard lock(d_mutex);
  const auto known = d_hosts.find(host);
  if (known == d_hosts.end()) {
    return;
  }
  Host& kept = known->second;
  if (kept.retry.count() == 0) { // once for all failures in a row
    base::log(base::LogLevel::Warning, "upstream " + host + ": the system resolver has no address (" + why +
                                           "): it stays " + joined(kept.addresses));
    d_checked = false;
  }
  kept.retry = std::min(std::max(kFirstRetry, 2 * kept.retry), kLongestRetry);
  kept.due = now + kept.retry;
  kept.looked = wanted;
}

HostNames::Addresses HostNames::of(const std::string& host) const {
  const std::lock_guard lock(d_mutex);
  const auto known = d_hosts.find(host);
  return known == d_hosts.end() ? Addresses() : known->second.addresses;
}

// A name that only this process knows, asked of the system's resolver: does the question arrive here?
void HostNames::findSelf() {
  std::string host;
  {
    const std::lock_guard lock(d_mutex);
    if (!d_options.findSelf || d_hosts.empty() || std::exchange(d_checked, true)) {
      return;
    }
    host = d_hosts.begin()->first;
  }
  const auto zone = dns::Name::parse(host);
  const auto check = zone ? d_loops.begin(*zone) : nullptr;
  if (!check) {
    return;
  }
  static_cast<void>(ask(check->name().text()));
  if (check->cameBack()) {
    base::log(base::LogLevel::Error,
              "the system resolver asks this resolver: names of upstreams such as " + host +
                  " have to be found in another way (a hosts file, another name server in resolv.conf)");
  }
}

void HostNames::start(const base::Clock& clock, std::function<void()> changed) {
  d_thread = base::startThread(d_arena, [this, &clock, changed = std::move(changed)] { run(clock, changed); });
}

void HostNames::run(const base::Clock& clock, const std::function<void()>& changed) {
  ::pthread_setname_np(::pthread_self(), "hostnames");
  while (!d_stopping) {
    const bool hasChanged = refresh(clock.mono());
    std::unique_lock lock(d_mutex);
    d_looked.notify_all(); // before anything that who waits might hold up
    lock.unlock();
    if (hasChanged) {
      changed();
    }
    lock.lock();
    const auto isBusy = [this] { return d_stopping || hasNew(); };
    d_wake.wait(lock, [&] { return isBusy() || !d_hosts.empty(); });
    d_wake.wait_for(lock, kStep, isBusy);
    const bool toCheck = !d_stopping && !hasNew();
    lock.unlock();
    if (toCheck) { // the workers run by now
      findSelf();
    }
  }
}

base::Result<HostNames::Addresses> systemLookup(const std::string& host) {
  addrinfo wanted{};
  wanted.ai_socktype = SOCK_DGRAM;
  addrinfo* list = nullptr;
  const int code = ::getaddrinfo(host.c_str(), nullptr, &wanted, &list);
  if (code != 0) {
    return base::Error{::gai_strerror(code)};
  }
  HostNames::Addresses found;
  for (const addrinfo* one = list; one != nullptr; one = one->ai_next) {
    found.push_back(base::Address::fromSockaddr(one->ai_addr).withPort(0));
  }
  ::freeaddrinfo(list);
  std::ranges::sort(found);
  found.erase(std::ranges::unique(found).begin(), found.end());
  return found;
}

std::vector<ForwardZone> withAddresses(const std::vector<ForwardZone>& zones, const HostNames& hosts) {
  std::vector<ForwardZone> replaced = zones;
  for (ForwardZone& zone : replaced) {
    std::vector<Endpoint> servers;
    for (Endpoint& server : zone.servers) {
      const HostNames::Addresses addresses = server.host.empty() ? HostNames::Addresses() : hosts.of(server.host);
      for (const base::Address& address : addresses) {
        servers.push_back(server);
        servers.back().address = address.withPort(server.address.port());
      }
      if (addresses.empty()) {
        servers.push_back(std::move(server));
      }
    }
    zone.servers = std::move(servers);
  }
  return replaced;
}

std::vector<std::string> hostsOf(const std::vector<ForwardZone>& zones) {
  std::vector<std::string> hosts;
  for (const ForwardZone& zone : zones) {
    for (const Endpoint& server : zone.servers) {
      if (!server.host.empty()) {
        hosts.push_back(server.host);
      }
    }
  }
  return hosts;
}

} // namespace rec
