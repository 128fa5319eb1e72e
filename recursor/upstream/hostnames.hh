// HostNames: the addresses of upstreams that the operator gives by name, from the system's resolver. Asking it blocks:
// that is done at the start, by reload-zones, and from then on by a thread of its own, never by a worker. A name whose
// look-up fails keeps the addresses it had. One mutex, not held during look-ups; each look-up is a thread, which shares
// nothing but its result, so that nobody has to wait for the system resolver to end.
#pragma once

#include <atomic>
#include <condition_variable>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "lib/base/address.hh"
#include "lib/base/clock.hh"
#include "lib/base/memory.hh"
#include "recursor/config/settings.hh"
#include "recursor/upstream/loopwatch.hh"

namespace rec {

class HostNames {
 public:
  using Addresses = std::vector<base::Address>; // without ports, sorted
  // The addresses of a host, at least one. Blocks.
  using Lookup = std::function<base::Result<Addresses>(const std::string& host)>;
  struct Options {
    std::chrono::seconds ttl{0};      // system-resolver-ttl: looked up anew after so long; 0: never
    std::chrono::seconds interval{0}; // system-resolver-interval: how often that is looked at; 0: the same
    bool findSelf = true;             // system-resolver-self-resolve-check
    bool ipv4 = true, ipv6 = true;    // query-local-address has the family: addresses of the others are of no use
  };
  static Options optionsOf(const Settings& settings);

  HostNames(const Options& options, LoopWatch& loops, Lookup lookup);
  HostNames(const HostNames&) = delete;
  HostNames& operator=(const HostNames&) = delete;
  ~HostNames() { stop(); }

  void adopt(const Options& options); // from now on

  // These names are used from now on, and looked up by the next refresh(), those that are known, too.
  void use(const std::vector<std::string>& hosts);
  void forgetOthers(const std::vector<std::string>& hosts);
  // Looks up what is due. True when a host has other addresses than before. Blocks.
  bool refresh(base::MonoTime now);
  [[nodiscard]] Addresses of(const std::string& host) const; // none: never found
  // Refreshes from now on; `changed` is called on the thread that does so.
  void start(const base::Clock& clock, std::function<void()> changed);
  // Until that thread has looked up all that use() named, or so long.
  void await(std::chrono::milliseconds patience);
  // Ends the thread. A look-up that is being made goes on without it, and what it finds is forgotten.
  void stop();

 private:
  struct Host {
    Addresses addresses;
    base::MonoTime due{};          // of the next look-up
    std::chrono::seconds retry{0}; // after the failures so far
    unsigned wanted = 0;           // times that use() has named it
    unsigned looked = 0;           // `wanted` when the last look-up began
    [[nodiscard]] bool isNew() const { return wanted != looked; }
  };
  // A look-up that somebody may have stopped waiting for.
  struct Pending {
    std::mutex mutex;
    std::condition_variable ended;
    std::optional<base::Result<Addresses>> found;
    bool abandoned = false;
  };
  [[nodiscard]] std::vector<std::string> due(base::MonoTime now) const;
  [[nodiscard]] bool hasNew() const; // mutex held
  [[nodiscard]] base::Result<Addresses> ask(const std::string& host);
  [[nodiscard]] unsigned begin(const std::string& host);
  [[nodiscard]] Options optionsNow() const;
  bool lookUp(const std::string& host, base::MonoTime now);
  bool keep(const std::string& host, const Addresses& found, unsigned wanted, base::MonoTime now);
  void keepOld(const std::string& host, const std::string& why, unsigned wanted, base::MonoTime now);
  void findSelf();
  void run(const base::Clock& clock, const std::function<void()>& changed);

  LoopWatch& d_loops;
  Lookup d_lookup;
  mutable std::mutex d_mutex;
  Options d_options;
  std::map<std::string, Host> d_hosts;
  std::shared_ptr<Pending> d_pending;       // the look-up that is being made
  std::condition_variable d_wake, d_looked; // the thread has something to do, has done it
  std::atomic<bool> d_stopping = false;
  bool d_checked = false; // by findSelf(), since something failed
  base::ThreadArena d_arena;
  std::thread d_thread;
};

// By getaddrinfo().
[[nodiscard]] base::Result<HostNames::Addresses> systemLookup(const std::string& host);
// The upstreams of `zones` with each name replaced by its addresses; one that has none stays as it is.
[[nodiscard]] std::vector<ForwardZone> withAddresses(const std::vector<ForwardZone>& zones, const HostNames& hosts);
[[nodiscard]] std::vector<std::string> hostsOf(const std::vector<ForwardZone>& zones);

} // namespace rec
