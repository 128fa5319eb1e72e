// ListOverrides: names that were blocked or exempted while running (rec_control blocklist add, remove), each with all
// below it. They go before all lists, survive whatever is reloaded and, with a file, the end of the process: the file
// is a list of ad blockers' rules, replaced whole with each change. Owned by the list keeper, called on its thread.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <vector>

#include "lib/base/result.hh"
#include "recursor/policy/listcompiler.hh"

namespace rec {

class ListOverrides {
 public:
  enum class Kind : std::uint8_t { Block, Allow };
  // Whether some list blocks the name.
  using IsListed = std::function<bool(const NameProbe& probe)>;

  // Without a path they are forgotten with the process.
  explicit ListOverrides(std::string path) : d_path(std::move(path)) {}

  // What the file has; no file is nothing. What cannot be read, and lines that are no rules, are logged and left out.
  void load();
  // A line for each name; nothing is changed when one of them cannot be listed.
  base::Result<std::string> block(const std::vector<std::string>& names);
  base::Result<std::string> allow(const std::vector<std::string>& names, const IsListed& isListed);
  [[nodiscard]] const CompiledListPtr& rules() const { return d_rules; } // null: there are none

 private:
  [[nodiscard]] bool covers(std::string_view name) const;
  std::string allowOne(const std::string& name, const IsListed& isListed);
  void compile();
  [[nodiscard]] std::string text() const;
  base::Result<std::string> finish(std::string report);

  std::string d_path;
  std::map<std::string, Kind, std::less<>> d_names; // without final dots, in lower case
  CompiledListPtr d_rules;
};

} // namespace rec
