// KeptLists: which block lists there are, of the settings, of the Lua configuration and of blocklist-dir, each with
// what its file was compiled to last. A file that cannot be read or is taken for broken leaves the list as it was.
// Owned and called by the list keeper, on one thread at a time; it publishes nothing.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "recursor/policy/blocklistoptions.hh"
#include "recursor/policy/blocklists.hh"
#include "recursor/policy/listcompiler.hh"

namespace rec {

// What run-time additions are called; no list may have this name.
constexpr const char* kOverridesName = "rec_control";

// By which a file is known to have changed.
struct ListFileState {
  std::uint64_t device = 0, inode = 0, size = 0, seconds = 0, nanoseconds = 0;
  friend bool operator==(const ListFileState&, const ListFileState&) = default;
};

struct KeptList {
  BlockListOptions options;
  bool isFromDirectory = false;
  std::optional<ListFileState> state; // of the file as it was read last, whether it was taken or not
  CompiledListPtr rules;              // null: never had
  std::shared_ptr<PolicyHits> hits = std::make_shared<PolicyHits>();
  std::string error; // why the file is not in force
};

class KeptLists {
 public:
  // The owner may change the settings; of what they change, the two below are told.
  explicit KeptLists(const Settings& settings) : d_settings(settings) {}

  // The lists of the settings and these; the error says what makes no sense. Any thread.
  [[nodiscard]] static base::Result<std::vector<BlockListOptions>> wanted(const Settings& settings,
                                                                          const std::vector<ListDeclaration>& declared);
  // These from now on, besides those of the directory. What is known of a list stays with it.
  void adopt(std::vector<BlockListOptions> lists);
  void leaveDirectory();       // another one is watched: its lists go
  void reconfigureDirectory(); // its lists stay, with the options of the settings as they are now
  struct Reading {
    bool changed = false; // there is something to be published
    std::string report;   // a line for each list that is another one, or should be
  };
  // Looks at the directory, and reads the files that have changed.
  Reading readChanged();
  // Whether some list has a rule for the name, blocking ones, by which it would be blocked.
  [[nodiscard]] bool block(const NameProbe& probe) const;
  // Null: there is none of that name.
  [[nodiscard]] KeptList* find(const std::string& name);
  [[nodiscard]] const std::vector<KeptList>& all() const { return d_lists; }

  // Any thread, at once.
  [[nodiscard]] std::uint64_t loads() const { return d_loads; }
  [[nodiscard]] std::uint64_t failures() const { return d_failures; }

 private:
  bool readDirectory();
  [[nodiscard]] BlockListOptions directoryOptions(const std::string& path) const;
  void addFromDirectory(const std::string& path);
  bool read(KeptList& list);

  const Settings& d_settings;
  std::vector<KeptList> d_lists;
  std::atomic<std::uint64_t> d_loads{0}, d_failures{0};
};

} // namespace rec
