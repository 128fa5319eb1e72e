// BlockListKeeper: reads block lists, compiles them on a thread of its own with low priority, and puts them on the
// policy board; watches blocklist-dir. A list that cannot be read or is taken for broken stays as it was. Owned by the
// daemon.
//
// All public functions are thread safe; but load() and start() each runs on the keeper's thread and is waited for.
#pragma once

#include <atomic>
#include <functional>
#include <map>
#include <string>
#include <thread>
#include <vector>

#include "lib/base/clock.hh"
#include "lib/base/fd.hh"
#include "lib/base/memory.hh"
#include "recursor/policy/blocklists.hh"
#include "recursor/policy/directorywatch.hh"
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
  // Whether lists can be declared so. Other lists are declared from now on; on an error all stays as it was.
  [[nodiscard]] base::Result<void> check(const std::vector<ListDeclaration>& declared) const;
  base::Result<void> declare(const std::vector<ListDeclaration>& declared);
  // Names that are blocked, or exempt, from now on, with all below them, before all lists. They stay until the process
  // ends, whatever is reloaded.
  base::Result<std::string> add(const std::vector<std::string>& names);
  base::Result<std::string> remove(const std::vector<std::string>& names);
  // Until the configuration is read again. A list is called by its name.
  base::Result<std::string> setShadow(const std::string& list, bool on);

  // A row for each list.
  struct Row {
    std::string name, path, action, format, error;
    std::uint32_t priority = 0;
    bool shadow = false, isConditional = false;
    std::size_t rules = 0, allowing = 0, skipped = 0, malformed = 0, bytes = 0;
    std::uint64_t applied = 0, shadowed = 0;
  };
  base::Result<std::vector<Row>> rows();

  // Any thread, at once.
  [[nodiscard]] std::uint64_t rules() const { return d_rules; }
  [[nodiscard]] std::uint64_t bytes() const { return d_bytes; }
  [[nodiscard]] std::uint64_t loads() const { return d_loads; }
  [[nodiscard]] std::uint64_t failures() const { return d_failures; }

 private:
  // By which a file is known to have changed.
  struct FileState {
    std::uint64_t device = 0, inode = 0, size = 0, seconds = 0, nanoseconds = 0;
    friend bool operator==(const FileState&, const FileState&) = default;
  };
  struct Kept {
    BlockListOptions options;
    bool isFromDirectory = false;
    std::optional<FileState> state; // of the file as it was read last, whether it was taken or not
    CompiledListPtr rules;          // null: never had
    std::shared_ptr<PolicyHits> hits = std::make_shared<PolicyHits>();
    std::string error; // why the file is not in force
  };
  enum class Override : std::uint8_t { Block, Allow };

  void run();
  void work();
  template <typename T> base::Result<T> ask(std::function<base::Result<T>()> job);

  // On the keeper's thread.
  [[nodiscard]] base::Result<std::vector<BlockListOptions>> wanted(const std::vector<ListDeclaration>& declared) const;
  void adopt(std::vector<BlockListOptions> lists);
  bool readDirectory();
  std::string readChanged();
  bool readList(Kept& list);
  [[nodiscard]] static std::optional<FileState> stateOf(const std::string& path);
  [[nodiscard]] base::Result<std::string> change(const std::vector<std::string>& names, Override to);
  [[nodiscard]] bool isListed(const dns::Name& name, bool allowing) const;
  void compileOverrides();
  void publish();
  void letGo();

  const Settings& d_settings;
  PolicyBoard& d_board;
  std::vector<Kept> d_lists;
  std::map<std::string, Override> d_overrides;
  Kept d_overrideList;
  DirectoryWatch d_watch;
  std::vector<std::shared_ptr<const BlockLists>> d_retired; // until the workers have let go of them
  std::shared_ptr<const BlockLists> d_published;

  std::atomic<std::uint64_t> d_rules{0}, d_bytes{0}, d_loads{0}, d_failures{0};
  base::Fd d_wake;    // an eventfd: there are jobs, or the end
  std::mutex d_mutex; // guards the two below
  std::vector<std::function<void()>> d_jobs;
  bool d_ends = false;
  base::ThreadArena d_arena;
  std::thread d_thread;
};

} // namespace rec
