// The keeper's thread and its lists. Flow of a reload: readDirectory() -> readChanged() -> readList() for each file
// that is another -> publish(): a new snapshot for the board; the old one is kept until no worker has it (letGo), so
// that none has to give back its memory.
#include "recursor/policy/blocklistkeeper.hh"

#include <poll.h>
#include <sys/eventfd.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <future>
#include <stdexcept>

#include "lib/base/log.hh"

namespace rec {
namespace {

constexpr const char* kSlot = "block lists";
constexpr const char* kOverrides = "rec_control";
constexpr std::chrono::seconds kPatience{60}; // of a command with the thread
constexpr int kSettleMsec = 200;              // several changes of a directory are taken together
constexpr int kLetGoMsec = 100;
constexpr int kNice = 10; // a tenth of a worker's share where both want the CPU: a second, not ten, for a reload

bool isList(const std::filesystem::path& path) {
  const std::string name = path.filename().string();
  constexpr std::array<std::string_view, 7> kNot{"~", ".tmp", ".part", ".new", ".bak", ".swp", ".dpkg-old"};
  const auto ends = [&name](std::string_view end) { return name.ends_with(end); };
  return !name.starts_with('.') && std::none_of(kNot.begin(), kNot.end(), ends);
}

std::string counted(std::size_t count, const std::string& what) { return std::to_string(count) + " " + what; }

} // namespace

BlockListKeeper::BlockListKeeper(const Settings& settings, PolicyBoard& board)
    : d_settings(settings), d_board(board), d_wake(::eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC)) {}

BlockListKeeper::~BlockListKeeper() { stop(); }

void BlockListKeeper::stop() {
  {
    const std::lock_guard lock(d_mutex);
    d_ends = true;
  }
  ::eventfd_write(d_wake.get(), 1);
  if (d_thread.joinable()) {
    d_thread.join();
  }
}

void BlockListKeeper::load(const std::vector<ListDeclaration>& declared) {
  auto lists = wanted(declared);
  if (!lists) {
    throw std::runtime_error(lists.error().message);
  }
  adopt(std::move(*lists));
  const auto overrides = defaultListOptions(d_settings, kOverrides);
  d_overrideList.options = *overrides;
  d_overrideList.options.path.clear();
  d_overrideList.options.priority = 0;
  if (!d_settings.blocklistDir.empty()) {
    if (const auto watched = d_watch.watch(d_settings.blocklistDir); !watched) {
      base::log(base::LogLevel::Error, "blocklist-dir: " + watched.error().message + "; it is not watched");
    }
  }
  static_cast<void>(readChanged());
}

void BlockListKeeper::start() {
  d_thread = base::startThread(d_arena, [this] { run(); });
}

// ---- the thread

void BlockListKeeper::run() {
  ::pthread_setname_np(::pthread_self(), "blocklists");
  ::setpriority(PRIO_PROCESS, static_cast<id_t>(::syscall(SYS_gettid)), kNice); // of this thread: Linux
  try {
    work();
  } catch (const std::exception& e) {
    base::log(base::LogLevel::Critical, std::string("the block lists are no longer looked after: ") + e.what());
  }
}

void BlockListKeeper::work() {
  bool settling = false;
  for (;;) {
    std::array<pollfd, 2> watched{{{d_wake.get(), POLLIN, 0}, {d_watch.descriptor(), POLLIN, 0}}};
    const int patience = settling ? kSettleMsec : d_retired.empty() ? -1 : kLetGoMsec;
    const int ready = ::poll(watched.data(), watched.size(), patience);
    letGo();
    eventfd_t woken = 0;
    ::eventfd_read(d_wake.get(), &woken);
    std::vector<std::function<void()>> jobs;
    {
      const std::lock_guard lock(d_mutex);
      if (d_ends) {
        return;
      }
      jobs.swap(d_jobs);
    }
    for (const auto& job : jobs) {
      job();
    }
    if (settling && ready == 0) {
      static_cast<void>(readChanged());
    }
    settling = d_watch.happened() || (settling && ready != 0);
  }
}

template <typename T> base::Result<T> BlockListKeeper::ask(std::function<base::Result<T>()> job) {
  const auto promise = std::make_shared<std::promise<base::Result<T>>>();
  auto answer = promise->get_future();
  {
    const std::lock_guard lock(d_mutex);
    d_jobs.emplace_back([promise, job = std::move(job)] { promise->set_value(job()); });
  }
  ::eventfd_write(d_wake.get(), 1);
  if (answer.wait_for(kPatience) != std::future_status::ready) {
    return base::Error{"the block lists are still being read"};
  }
  return answer.get();
}

// ---- which lists there are

base::Result<std::vector<BlockListOptions>>
BlockListKeeper::wanted(const std::vector<ListDeclaration>& declared) const {
  std::vector<BlockListOptions> lists;
  for (const std::string& path : d_settings.blocklistFiles) {
    auto list = defaultListOptions(d_settings, path);
    if (!list) return list.error();
    lists.push_back(std::move(*list));
  }
  for (const ListDeclaration& declaration : declared) {
    auto list = listOptions(d_settings, declaration);
    if (!list) return list.error();
    lists.push_back(std::move(*list));
  }
  if (auto usable = defaultListOptions(d_settings, ""); !usable) {
    return usable.error();
  }
  for (const BlockListOptions& list : lists) {
    const auto same = [&list](const BlockListOptions& other) { return other.name == list.name; };
    if (list.name == kOverrides || std::count_if(lists.begin(), lists.end(), same) > 1) {
      return base::Error{"two block lists are called '" + list.name + "': give one of them another name"};
    }
  }
  return lists;
}

// What is known of a list stays with it as long as the file and its format are the same.
void BlockListKeeper::adopt(std::vector<BlockListOptions> lists) {
  std::vector<Kept> kept;
  for (BlockListOptions& options : lists) {
    const auto old = std::find_if(d_lists.begin(), d_lists.end(), [&](const Kept& list) {
      return !list.isFromDirectory && list.options.path == options.path && list.options.format == options.format;
    });
    kept.push_back(old == d_lists.end() ? Kept() : *old);
    kept.back().options = std::move(options);
  }
  std::copy_if(d_lists.begin(), d_lists.end(), std::back_inserter(kept), std::mem_fn(&Kept::isFromDirectory));
  d_lists = std::move(kept);
}

// The lists of the directory, in the order of their names. A file that is no longer there ends its list.
bool BlockListKeeper::readDirectory() {
  if (d_settings.blocklistDir.empty()) {
    return false;
  }
  std::error_code failed;
  std::vector<std::string> paths;
  for (const auto& entry : std::filesystem::directory_iterator(d_settings.blocklistDir, failed)) {
    std::error_code unknown;
    if (entry.is_regular_file(unknown) && isList(entry.path())) paths.push_back(entry.path().string());
  }
  if (failed) {
    base::log(base::LogLevel::Error,
              d_settings.blocklistDir + ": " + failed.message() + "; its lists stay as they are");
    return false;
  }
  std::sort(paths.begin(), paths.end());
  const auto isGone = [&paths](const Kept& list) {
    return list.isFromDirectory && !std::binary_search(paths.begin(), paths.end(), list.options.path);
  };
  bool changed = std::erase_if(d_lists, isGone) > 0;
  for (const std::string& path : paths) {
    const auto known = [&path](const Kept& list) { return list.isFromDirectory && list.options.path == path; };
    if (std::none_of(d_lists.begin(), d_lists.end(), known)) {
      Kept list;
      list.isFromDirectory = true;
      list.options = *defaultListOptions(d_settings, path);
      if (path.ends_with(".allow")) list.options.action = *parseListAction({"passthru"}, 0);
      d_lists.push_back(std::move(list));
      changed = true;
    }
  }
  return changed;
}

// ---- reading

std::optional<BlockListKeeper::FileState> BlockListKeeper::stateOf(const std::string& path) {
  struct stat found{};
  if (::stat(path.c_str(), &found) != 0) {
    return std::nullopt;
  }
  return FileState{found.st_dev, found.st_ino, static_cast<std::uint64_t>(found.st_size),
                   static_cast<std::uint64_t>(found.st_mtim.tv_sec), static_cast<std::uint64_t>(found.st_mtim.tv_nsec)};
}

// Returns what was done, a line for each list that has changed.
std::string BlockListKeeper::readChanged() {
  bool changed = readDirectory();
  std::string report;
  std::size_t same = 0;
  for (Kept& list : d_lists) {
    const auto state = stateOf(list.options.path);
    if (state && list.state == state && list.error.empty()) {
      ++same;
      continue;
    }
    list.state = state;
    changed = readList(list) || changed;
    report +=
        list.options.name + ": " + (list.error.empty() ? counted(list.rules->rules(), "rules") : list.error) + "\n";
  }
  if (changed) {
    publish();
    base::releaseMemory();
  }
  return report + counted(same, "unchanged") + "\n";
}

// True: the list is another one now.
bool BlockListKeeper::readList(Kept& list) {
  const CompileLimits limits{d_settings.blocklistMaxMalformed, d_settings.blocklistMaxShrink};
  ++d_loads;
  auto compiled = compileListFile(list.options.path, list.options.format, list.rules, limits);
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

// ---- names given through rec_control

bool BlockListKeeper::isListed(const dns::Name& name, bool allowing) const {
  const NameProbe probe(name);
  return std::any_of(d_lists.begin(), d_lists.end(), [&](const Kept& list) {
    return list.rules && (list.rules->names->match(probe, allowing) ||
                          (!allowing && list.rules->patterns && list.rules->patterns->match(probe.text())));
  });
}

base::Result<std::string> BlockListKeeper::change(const std::vector<std::string>& names, Override to) {
  std::vector<std::string> texts;
  for (const std::string& text : names) {
    const auto name = dns::Name::parse(text);
    const std::string plain = name ? std::string(NameProbe(*name).text()) : "";
    if (!name || !PackedName::pack(plain)) {
      return base::Error{"'" + text + "' is no name that can be listed"};
    }
    texts.push_back(plain);
  }
  std::string report;
  for (const std::string& text : texts) {
    const Override opposite = to == Override::Block ? Override::Allow : Override::Block;
    const auto old = d_overrides.find(text);
    const bool wasOpposite = old != d_overrides.end() && old->second == opposite;
    if (wasOpposite) d_overrides.erase(old);
    const bool isBlocked = isListed(*dns::Name::parse(text), false);
    const bool needsRule = to == Override::Block ? !wasOpposite || !isBlocked : isBlocked;
    if (needsRule) d_overrides[text] = to;
    report += text + (to == Override::Block ? ": blocked" : needsRule ? ": exempt" : ": no longer blocked") + "\n";
  }
  compileOverrides();
  publish();
  return report;
}

void BlockListKeeper::compileOverrides() {
  std::string text;
  for (const auto& [name, kind] : d_overrides) {
    text += (kind == Override::Allow ? "@@||" : "||") + name + "^\n";
  }
  ListCompiler compiler(kOverrides, ListFormat::AdBlock, nullptr, text.size());
  compiler.feed(text);
  auto rules = compiler.finish({});
  d_overrideList.rules = rules && !d_overrides.empty() ? std::move(*rules) : nullptr;
}

base::Result<std::string> BlockListKeeper::add(const std::vector<std::string>& names) {
  return ask<std::string>([this, names] { return change(names, Override::Block); });
}

base::Result<std::string> BlockListKeeper::remove(const std::vector<std::string>& names) {
  return ask<std::string>([this, names] { return change(names, Override::Allow); });
}

// ---- the other commands

base::Result<std::string> BlockListKeeper::reload() {
  return ask<std::string>([this] { return base::Result<std::string>(readChanged()); });
}

base::Result<void> BlockListKeeper::check(const std::vector<ListDeclaration>& declared) const {
  const auto lists = wanted(declared);
  return lists ? base::Result<void>() : lists.error();
}

base::Result<void> BlockListKeeper::declare(const std::vector<ListDeclaration>& declared) {
  const auto done = ask<bool>([this, declared]() -> base::Result<bool> {
    auto lists = wanted(declared);
    if (!lists) return lists.error();
    adopt(std::move(*lists));
    static_cast<void>(readChanged());
    publish();
    return true;
  });
  return done ? base::Result<void>() : done.error();
}

base::Result<std::string> BlockListKeeper::setShadow(const std::string& name, bool on) {
  return ask<std::string>([this, name, on]() -> base::Result<std::string> {
    const auto list =
        std::find_if(d_lists.begin(), d_lists.end(), [&name](const Kept& each) { return each.options.name == name; });
    if (list == d_lists.end()) return base::Error{"there is no block list '" + name + "'"};
    list->options.shadow = on;
    publish();
    return name + (on ? ": only counts from now on\n" : ": decides from now on\n");
  });
}

base::Result<std::vector<BlockListKeeper::Row>> BlockListKeeper::rows() {
  return ask<std::vector<Row>>([this] {
    std::vector<Row> rows;
    const auto add = [&rows](const Kept& list) {
      Row row{list.options.name, list.options.path, list.options.action.text, std::string(text(list.options.format)),
              list.error};
      row.priority = list.options.priority;
      row.shadow = list.options.shadow;
      row.isConditional = list.options.isConditional();
      row.applied = list.hits->applied;
      row.shadowed = list.hits->shadowed;
      if (list.rules) {
        const NameSet& names = *list.rules->names;
        row.rules = list.rules->rules();
        row.allowing = names.allowing() + (list.rules->allowPatterns ? list.rules->allowPatterns->size() : 0);
        row.skipped = names.skipped();
        row.malformed = names.malformed();
        row.bytes = names.bytes();
      }
      rows.push_back(std::move(row));
    };
    if (d_overrideList.rules) add(d_overrideList);
    std::for_each(d_lists.begin(), d_lists.end(), add);
    return base::Result<std::vector<Row>>(std::move(rows));
  });
}

// ---- giving them to the workers

void BlockListKeeper::publish() {
  std::vector<BlockLists::List> lists;
  std::uint64_t rules = 0, bytes = 0;
  const auto add = [&](const Kept& list) {
    if (list.rules) {
      lists.push_back({list.options, BlockLists::sourceOf(list.options, list.hits), list.rules});
      rules += list.rules->rules();
      bytes += list.rules->names->bytes();
    }
  };
  add(d_overrideList);
  std::for_each(d_lists.begin(), d_lists.end(), add);
  auto old = std::move(d_published);
  d_published = lists.empty() ? nullptr : std::make_shared<const BlockLists>(std::move(lists));
  if (old || d_published) {
    d_board.replace(kSlot, d_published);
  }
  if (old) {
    d_retired.push_back(std::move(old));
  }
  d_rules = rules;
  d_bytes = bytes;
}

void BlockListKeeper::letGo() {
  std::erase_if(d_retired, [](const auto& lists) { return lists.use_count() == 1; });
}

} // namespace rec
