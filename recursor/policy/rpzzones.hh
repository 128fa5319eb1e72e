// RpzZones: all response policy zones of lua-config-file: reads the files, has a keeper for each transferred zone, and
// puts every new version on the policy board. Owned by the daemon. Thread safe: one mutex, never held while a file is
// read or a keeper ends; reconfiguring is for one thread at a time, which a second one sees to. NOTIFYs, which come on
// the workers' threads, read a snapshot of their own.
#pragma once

#include <atomic>
#include <memory>
#include <mutex>
#include <vector>

#include "recursor/policy/notifylistener.hh"
#include "recursor/policy/policyboard.hh"
#include "recursor/policy/rpzkeeper.hh"
#include "recursor/policy/rpznotify.hh"
#include "recursor/policy/rulehits.hh"

namespace rec {

class RpzZones final : public NotifyListener {
 public:
  RpzZones(PolicyBoard& board, const base::Clock& clock, bool logChanges);
  ~RpzZones() override;

  // Takes over these zones instead of all there are, in one step; what has not changed goes on as it is. An error
  // leaves everything as it was. `lenient`, at the start: a file that cannot be read is a zone without rules, and a
  // line in the log.
  base::Result<void> configure(const std::vector<RpzConfig>& configs, bool lenient);
  void setLogChanges(bool on);
  void start(); // the keepers' threads, from now on
  void stop();  // ends them: no version is published after that
  void tick();  // every few seconds: gives back versions that nobody uses any more

  std::optional<std::vector<std::byte>> notify(std::span<const std::byte> packet, const base::Address& source) override;

  struct State {
    std::string name;
    std::string zone;
    std::uint64_t rules = 0, refused = 0, bytes = 0, hits = 0;
    std::uint32_t serial = 0;
    RpzCounts counts;
    std::vector<RuleHits::Rule> top;
  };
  [[nodiscard]] std::vector<State> states() const; // in the order of the zones
  // The same by names for Statistics: "rpz-NAME-rules".
  [[nodiscard]] std::map<std::string, std::uint64_t, std::less<>> readings() const;
  [[nodiscard]] std::size_t retired() const; // versions that are not in force any more and not given back yet
  // Lines written; an error when there is no such zone. By the policy's name.
  base::Result<std::size_t> dump(const std::string& name, std::FILE* out) const;

 private:
  struct Zone;
  struct Before; // a zone as it is before a reconfiguration
  using ZonePtr = std::shared_ptr<Zone>;
  using Zones = std::vector<ZonePtr>;
  base::Result<ZonePtr> makeZone(const RpzConfig& config, std::vector<Before>& before, bool lenient);
  base::Result<void> loadFile(Zone& zone, const Before* old);
  void loadSeed(Zone& zone, const Before* old);
  void makeKeeper(Zone& zone, const Before* old);
  [[nodiscard]] std::vector<Before> current() const;
  void takeOver(Zones& after);
  void startKeepers();
  void retire(RpzRulesPtr rules);
  void setNotified();
  void publish(Zone& zone, const RpzRulesPtr& rules);
  [[nodiscard]] static PolicyPtr policyOf(const Zone& zone);
  [[nodiscard]] std::vector<RpzRulesPtr> takeUnused();

  PolicyBoard& d_board;
  const base::Clock& d_clock;
  std::atomic<bool> d_logChanges; // log-rpz-changes
  RpzNotifications d_notifications;
  std::mutex d_configuring;
  mutable std::mutex d_mutex; // guards all below
  bool d_started = false;
  Zones d_zones;
  std::vector<RpzRulesPtr> d_retired; // still used by somebody: not to be given back on a worker's thread
};

} // namespace rec
