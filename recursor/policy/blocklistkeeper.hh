// BlockListKeeper: has block lists read and compiled (keptlists) on a thread of its own with low priority, puts them on
// the policy board, and watches blocklist-dir. Owned by the daemon.
//
// All public functions are thread safe; but load() and start() each runs on the keeper's thread and is waited for.
#pragma once

#include <atomic>
#include <functional>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "lib/base/clock.hh"
#include "lib/base/fd.hh"
#include "lib/base/memory.hh"
#include "recursor/policy/directorywatch.hh"
#include "recursor/policy/keptlists.hh"
#include "recursor/policy/listoverrides.hh"
#include "recursor/policy/policyboard.hh"

namespace rec {

class BlockListKeeper {
 public:
  BlockListKeeper(const Settings& settings, PolicyBoard& board);
  ~BlockListKeeper();
  BlockListKeeper(const BlockListKeeper&) = delete;
  BlockListKeeper& operator=(const BlockListKeeper&) = delete;

  // Before the thread runs: the lists of the settings and of the Lua configuration are read. Throws when the
  // configuration makes no sense; a list that cannot be read is logged.
  void load(const std::vector<ListDeclaration>& declared);
  void start();
  void stop(); // before the workers go

  // Reads the lists that have changed; a line for each of them.
  base::Result<std::string> reload();
  // Other lists are declared from now on; on an error all stays as it was.
  base::Result<void> declare(const std::vector<ListDeclaration>& declared);
  // Whether lists can be declared so with those settings. Both from now on.
  [[nodiscard]] static base::Result<void> check(const Settings& settings, const std::vector<ListDeclaration>& declared);
  base::Result<void> reconfigure(const Settings& settings, const std::vector<ListDeclaration>& declared);
  // Names that are blocked, or exempt, from now on, with all below them, before all lists: see listoverrides.
  base::Result<std::string> add(const std::vector<std::string>& names);
  base::Result<std::string> remove(const std::vector<std::string>& names);
  // Until the configuration is read again. A list is called by its name.
  base::Result<std::string> setShadow(const std::string& list, bool on);

  // A list as it was read last, and its hits. Of all lists: any thread, at once, also while lists are being read.
  struct Row {
    std::string name, path, action, format, error;
    std::uint32_t priority = 0;
    bool shadow = false, isConditional = false;
    std::size_t rules = 0, allowing = 0, skipped = 0, malformed = 0, bytes = 0;
    std::uint64_t applied = 0, shadowed = 0;
  };
  [[nodiscard]] std::vector<Row> rows() const;

  // Likewise.
  [[nodiscard]] std::uint64_t rules() const { return d_rules; }
  [[nodiscard]] std::uint64_t bytes() const { return d_bytes; }
  [[nodiscard]] std::uint64_t loads() const { return d_lists.loads(); }
  [[nodiscard]] std::uint64_t failures() const { return d_lists.failures(); }

 private:
  struct Shown {
    Row row; // without hits
    std::shared_ptr<const PolicyHits> hits;
  };
  void run();
  void work();
  template <typename T> base::Result<T> ask(std::function<base::Result<T>()> job);

  // On the keeper's thread.
  [[nodiscard]] static Shown shownOf(const BlockListOptions& options, const CompiledListPtr& rules,
                                     std::shared_ptr<const PolicyHits> hits);
  void watchDirectory();
  void setOverrideOptions();
  void take(std::vector<BlockListOptions> lists);
  std::string readChanged();
  void publish();
  void show();
  void letGo();

  Settings d_settings; // the keeper's thread's, once that runs
  PolicyBoard& d_board;
  KeptLists d_lists;
  ListOverrides d_overrides;
  BlockListOptions d_overrideOptions;
  std::shared_ptr<PolicyHits> d_overrideHits = std::make_shared<PolicyHits>();
  DirectoryWatch d_watch;
  std::vector<std::shared_ptr<const BlockLists>> d_retired; // until the workers have let go of them
  std::shared_ptr<const BlockLists> d_published;

  std::atomic<std::uint64_t> d_rules{0}, d_bytes{0};
  base::Fd d_wake;            // an eventfd: there are jobs, or the end
  mutable std::mutex d_mutex; // guards the three below
  std::vector<Shown> d_shown;
  std::vector<std::function<void()>> d_jobs;
  bool d_ends = false;
  base::ThreadArena d_arena;
  std::thread d_thread;
};

} // namespace rec
