// AnchorFollower: keeps the given trust anchors up to date with their zones (RFC 5011), and tells the zones daily which
// ones are in use (RFC 8145 5). Made by the daemon at the start; from then on it belongs to one worker, on which run()
// goes on for ever. Decides nothing by itself: sets come from a KeySource, the rules from lib/dnssec/anchors.
#pragma once

#include <chrono>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "lib/coro/loop.hh"
#include "lib/coro/task.hh"
#include "lib/dnssec/sighting.hh"
#include "recursor/trust/anchorstate.hh"
#include "recursor/trust/trustanchors.hh"

namespace rec {

// How zones are asked. Each answer comes within a time that the implementation limits.
class KeySource {
 public:
  virtual ~KeySource() = default;
  // The DNSKEY set with its signatures as the zone's servers give it now: no cache, no validation. Null when it could
  // not be had.
  virtual coro::Task<dns::RRset> dnskeys(dns::Name zone) = 0;
  // Asks for the name and NULL; nobody wants the answer.
  virtual coro::Task<void> signal(dns::Name name) = 0;
};

class AnchorFollower {
 public:
  struct Options {
    bool follow = true; // trust-anchor-follow
    bool signal = true; // signal-trust-anchors
    dnssec::SignaturePolicy policy;
  };
  using Save = std::function<void(std::string)>; // is given the whole state as text; any thread may do the work

  AnchorFollower(TrustAnchors& anchors, Options options, TrustPoints saved, Save save);

  // What zones are told, and how signatures are judged; whether anchors are followed stays as it was. On the worker
  // that run() is on, or before.
  void adopt(const Options& options);
  // The anchors that are followed, as configured: combined with what was saved, and given to the trust anchors. At the
  // start, and after the configuration was read again.
  void configure(const TrustAnchors::Sets& given, base::WallTime now);

  // Where to ask and by whose clock; both outlive the coroutines. Before run() or round().
  void attach(coro::Loop& loop, KeySource& source);
  coro::Task<void> run();   // for ever: round() every few seconds, the first after some of them
  coro::Task<void> round(); // what is due now, once

 private:
  struct Followed {
    dnssec::TrustPoint point;
    bool isNew = true;      // not asked for since the start
    bool isCleared = false; // by the operator, until the configuration is read again
  };
  [[nodiscard]] std::vector<dns::Name> dueLooks(base::WallTime now) const;
  [[nodiscard]] std::vector<dns::Name> dueSignals(base::WallTime now);
  void take(const dns::Name& zone, const dns::RRset& set, base::WallTime now);
  void publish(Followed& followed);
  void save() const;

  coro::Loop* d_loop = nullptr;
  KeySource* d_source = nullptr;
  TrustAnchors& d_anchors;
  Options d_options;
  TrustPoints d_saved; // of the file, until configured
  Save d_save;
  std::map<dns::Name, Followed> d_followed;
  std::map<dns::Name, base::WallTime> d_signalled;
};

} // namespace rec
