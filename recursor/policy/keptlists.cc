// Reading lists. Flow of a reload: readDirectory() says which there are -> each file that is another is read() ->
// whoever asked publishes.
#include "recursor/policy/keptlists.hh"

#include <sys/stat.h>

#include <algorithm>
#include <array>
#include <filesystem>
#include <functional>

#include "lib/base/log.hh"

namespace rec {
namespace {

bool isList(const std::filesystem::path& path) {
  const std::string name = path.filename().string();
  constexpr std::array<std::string_view, 7> kNot{"~", ".tmp", ".part", ".new", ".bak", ".swp", ".dpkg-old"};
  const auto ends = [&name](std::string_view end) { return name.ends_with(end); };
  return !name.starts_with('.') && std::none_of(kNot.begin(), kNot.end(), ends);
}

std::string counted(std::size_t count, const std::string& what) { return std::to_string(count) + " " + what; }

std::optional<ListFileState> stateOf(const std::string& path) {
  struct stat found{};
  if (::stat(path.c_str(), &found) != 0) {
    return std::nullopt;
  }
  return ListFileState{found.st_dev, found.st_ino, static_cast<std::uint64_t>(found.st_size),
                       static_cast<std::uint64_t>(found.st_mtim.tv_sec),
                       static_cast<std::uint64_t>(found.st_mtim.tv_nsec)};
}

// A list that needs more memory than there is must not end the thread that looks after the others.
base::Result<CompiledListPtr> compile(const KeptList& list, const CompileLimits& limits) {
  try {
    return compileListFile(list.options.path, list.options.format, list.rules, limits);
  } catch (const std::exception& e) {
    return base::Error{list.options.path + ": " + e.what()};
  }
}

} // namespace

base::Result<std::vector<BlockListOptions>> KeptLists::wanted(const Settings& settings,
                                                              const std::vector<ListDeclaration>& declared) {
  std::vector<BlockListOptions> lists;
  for (const std::string& path : settings.blocklistFiles) {
    auto list = defaultListOptions(settings, path);
    if (!list) return list.error();
    lists.push_back(std::move(*list));
  }
  for (const ListDeclaration& declaration : declared) {
    auto list = listOptions(settings, declaration);
    if (!list) return list.error();
    lists.push_back(std::move(*list));
  }
  if (auto usable = defaultListOptions(settings, ""); !usable) {
    return usable.error();
  }
  for (const BlockListOptions& list : lists) {
    const auto same = [&list](const BlockListOptions& other) { return other.name == list.name; };
    if (list.name == kOverridesName) {
      return base::Error{"no block list can be called '" + list.name + "': give it another name"};
    }
    if (std::count_if(lists.begin(), lists.end(), same) > 1) {
      return base::Error{"two block lists are called '" + list.name + "': give one of them another name"};
    }
  }
  return lists;
}

// As long as the file and its format are the same.
void KeptLists::adopt(std::vector<BlockListOptions> lists) {
  std::vector<KeptList> kept;
  for (BlockListOptions& options : lists) {
    const auto old = std::find_if(d_lists.begin(), d_lists.end(), [&](const KeptList& list) {
      return !list.isFromDirectory && list.options.path == options.path && list.options.format == options.format;
    });
    kept.push_back(old == d_lists.end() ? KeptList() : *old);
    kept.back().options = std::move(options);
  }
  std::copy_if(d_lists.begin(), d_lists.end(), std::back_inserter(kept), std::mem_fn(&KeptList::isFromDirectory));
  d_lists = std::move(kept);
}

void KeptLists::leaveDirectory() { std::erase_if(d_lists, std::mem_fn(&KeptList::isFromDirectory)); }

void KeptLists::reconfigureDirectory() {
  for (KeptList& list : d_lists) {
    if (list.isFromDirectory) list.options = directoryOptions(list.options.path);
  }
}

BlockListOptions KeptLists::directoryOptions(const std::string& path) const {
  BlockListOptions options = *defaultListOptions(d_settings, path);
  if (path.ends_with(".allow")) options.action = *parseListAction({"passthru"}, 0);
  return options;
}

void KeptLists::addFromDirectory(const std::string& path) {
  const auto known = [&path](const KeptList& list) { return list.isFromDirectory && list.options.path == path; };
  if (std::any_of(d_lists.begin(), d_lists.end(), known)) {
    return;
  }
  KeptList list;
  list.isFromDirectory = true;
  list.options = directoryOptions(path);
  d_lists.push_back(std::move(list));
}

// The lists of the directory, in the order of their names. A file that is no longer there ends its list. True: there
// are others than before.
bool KeptLists::readDirectory() {
  if (d_settings.blocklistDir.empty()) {
    return false;
  }
  std::error_code failed;
  std::vector<std::string> paths;
  std::filesystem::directory_iterator entry(d_settings.blocklistDir, failed);
  for (; !failed && entry != std::filesystem::directory_iterator(); entry.increment(failed)) {
    std::error_code unknown;
    if (entry->is_regular_file(unknown) && isList(entry->path())) paths.push_back(entry->path().string());
  }
  if (failed) {
    base::log(base::LogLevel::Error,
              d_settings.blocklistDir + ": " + failed.message() + "; its lists stay as they are");
    return false;
  }
  std::sort(paths.begin(), paths.end());
  const auto isGone = [&paths](const KeptList& list) {
    return list.isFromDirectory && !std::binary_search(paths.begin(), paths.end(), list.options.path);
  };
  const bool lessened = std::erase_if(d_lists, isGone) > 0;
  const std::size_t before = d_lists.size();
  std::for_each(paths.begin(), paths.end(), [this](const std::string& path) { addFromDirectory(path); });
  return lessened || d_lists.size() > before;
}

KeptLists::Reading KeptLists::readChanged() {
  Reading reading;
  reading.changed = readDirectory();
  std::size_t same = 0;
  for (KeptList& list : d_lists) {
    const auto state = stateOf(list.options.path); // before it is read: what is written meanwhile is seen next time
    if (state && list.state == state && list.error.empty()) {
      ++same;
      continue;
    }
    list.state = state;
    reading.changed = read(list) || reading.changed;
    reading.report +=
        list.options.name + ": " + (list.error.empty() ? counted(list.rules->rules(), "rules") : list.error) + "\n";
  }
  reading.report += counted(same, "unchanged") + "\n";
  return reading;
}

// True: the list is another one now.
bool KeptLists::read(KeptList& list) {
  ++d_loads;
  auto compiled = compile(list, {d_settings.blocklistMaxMalformed, d_settings.blocklistMaxShrink});
  if (!compiled) {
    ++d_failures;
    list.error = compiled.error().message;
    base::log(base::LogLevel::Error, "block list " + list.options.name + ": " + list.error +
                                         (list.rules ? "; the one before stays in force" : ""));
    return false;
  }
  list.error.clear();
  list.rules = std::move(*compiled);
  base::log(base::LogLevel::Notice, "block list " + list.options.name + ": " + counted(list.rules->rules(), "rules") +
                                        ", " + counted(list.rules->names->skipped(), "lines skipped") + ", " +
                                        counted(list.rules->names->malformed(), "malformed"));
  return true;
}

bool KeptLists::block(const NameProbe& probe) const {
  return std::any_of(d_lists.begin(), d_lists.end(), [&](const KeptList& list) {
    const bool isAllowList = list.options.action.action == PolicyAction::NoAction;
    return list.rules && !isAllowList &&
           (list.rules->names->match(probe, false) ||
            (list.rules->patterns && list.rules->patterns->match(probe.text())));
  });
}

KeptList* KeptLists::find(const std::string& name) {
  const auto found =
      std::find_if(d_lists.begin(), d_lists.end(), [&name](const KeptList& each) { return each.options.name == name; });
  return found == d_lists.end() ? nullptr : &*found;
}

} // namespace rec
