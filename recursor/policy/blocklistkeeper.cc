// The keeper's thread: jobs of others, changes of the directory, and publish(): a new snapshot for the board; the old
// one is kept until no worker has it (letGo), so that none has to give back its memory.
#include "recursor/policy/blocklistkeeper.hh"

#include <poll.h>
#include <sys/eventfd.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <future>
#include <stdexcept>

#include "lib/base/log.hh"

namespace rec {
namespace {

constexpr const char* kSlot = "block lists";
constexpr std::chrono::seconds kPatience{60}; // of a command with the thread
constexpr int kSettleMsec = 200;              // several changes of a directory are taken together
constexpr int kLetGoMsec = 100;
constexpr int kNice = 10; // a tenth of a worker's share where both want the CPU: a second, not ten, for a reload

// Memory that is not there is the error of one command, not the end of the thread.
template <typename T> base::Result<T> guarded(const std::function<base::Result<T>()>& job) {
  try {
    return job();
  } catch (const std::exception& e) {
    return base::Error{e.what()};
  }
}

} // namespace

BlockListKeeper::BlockListKeeper(const Settings& settings, PolicyBoard& board)
    : d_settings(settings), d_board(board), d_lists(d_settings), d_overrides(settings.blocklistAdditionsFile),
      d_wake(::eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC)) {}

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
  auto lists = KeptLists::wanted(d_settings, declared);
  if (!lists) {
    throw std::runtime_error(lists.error().message);
  }
  d_lists.adopt(std::move(*lists));
  setOverrideOptions();
  d_overrides.load();
  watchDirectory();
  static_cast<void>(d_lists.readChanged());
  publish();
}

void BlockListKeeper::setOverrideOptions() {
  d_overrideOptions = *defaultListOptions(d_settings, kOverridesName);
  d_overrideOptions.path = d_settings.blocklistAdditionsFile;
  d_overrideOptions.priority = 0;
}

void BlockListKeeper::watchDirectory() {
  if (d_settings.blocklistDir.empty()) {
    return;
  }
  if (const auto watched = d_watch.watch(d_settings.blocklistDir); !watched) {
    base::log(base::LogLevel::Error, "blocklist-dir: " + watched.error().message + "; it is not watched");
  }
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
    std::for_each(jobs.begin(), jobs.end(), [](const auto& job) { job(); });
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
    d_jobs.emplace_back([promise, job = std::move(job)] { promise->set_value(guarded(job)); });
  }
  ::eventfd_write(d_wake.get(), 1);
  if (answer.wait_for(kPatience) != std::future_status::ready) {
    return base::Error{"the block lists are still being read"};
  }
  return answer.get();
}

// ---- commands

// Returns what was done, a line for each list that has changed.
std::string BlockListKeeper::readChanged() {
  const KeptLists::Reading reading = d_lists.readChanged();
  if (reading.changed) {
    publish();
    base::releaseMemory();
  } else {
    show(); // a file may be broken, or whole again
  }
  return reading.report;
}

base::Result<std::string> BlockListKeeper::add(const std::vector<std::string>& names) {
  return ask<std::string>([this, names] {
    auto done = d_overrides.block(names);
    if (done) publish();
    return done;
  });
}

base::Result<std::string> BlockListKeeper::remove(const std::vector<std::string>& names) {
  return ask<std::string>([this, names] {
    auto done = d_overrides.allow(names, [this](const NameProbe& probe) { return d_lists.block(probe); });
    if (done) publish();
    return done;
  });
}

base::Result<std::string> BlockListKeeper::reload() {
  return ask<std::string>([this] { return base::Result<std::string>(readChanged()); });
}

base::Result<void> BlockListKeeper::check(const Settings& settings, const std::vector<ListDeclaration>& declared) {
  const auto lists = KeptLists::wanted(settings, declared);
  return lists ? base::Result<void>() : lists.error();
}

// These are the lists from now on.
void BlockListKeeper::take(std::vector<BlockListOptions> lists) {
  d_lists.adopt(std::move(lists));
  static_cast<void>(d_lists.readChanged());
  publish();
  base::releaseMemory();
}

base::Result<void> BlockListKeeper::reconfigure(const Settings& settings,
                                                const std::vector<ListDeclaration>& declared) {
  const auto done = ask<bool>([this, settings, declared]() -> base::Result<bool> {
    auto lists = KeptLists::wanted(settings, declared);
    if (!lists) return lists.error();
    const bool elsewhere = settings.blocklistDir != d_settings.blocklistDir;
    d_settings = settings;
    if (elsewhere) {
      d_lists.leaveDirectory();
      d_watch = DirectoryWatch();
      watchDirectory();
    }
    d_lists.reconfigureDirectory();
    setOverrideOptions();
    take(std::move(*lists));
    return true;
  });
  return done ? base::Result<void>() : done.error();
}

base::Result<void> BlockListKeeper::declare(const std::vector<ListDeclaration>& declared) {
  const auto done = ask<bool>([this, declared]() -> base::Result<bool> {
    auto lists = KeptLists::wanted(d_settings, declared);
    if (!lists) return lists.error();
    take(std::move(*lists));
    return true;
  });
  return done ? base::Result<void>() : done.error();
}

base::Result<std::string> BlockListKeeper::setShadow(const std::string& name, bool on) {
  return ask<std::string>([this, name, on]() -> base::Result<std::string> {
    KeptList* const list = d_lists.find(name);
    if (list == nullptr) return base::Error{"there is no block list '" + name + "'"};
    list->options.shadow = on;
    publish();
    return name + (on ? ": only counts from now on\n" : ": decides from now on\n");
  });
}

// ---- what is shown of them

BlockListKeeper::Shown BlockListKeeper::shownOf(const BlockListOptions& options, const CompiledListPtr& rules,
                                                std::shared_ptr<const PolicyHits> hits) {
  Row row{options.name, options.path, options.action.text, std::string(text(options.format)), {}};
  row.priority = options.priority;
  row.shadow = options.shadow;
  row.isConditional = options.isConditional();
  if (rules) {
    const NameSet& names = *rules->names;
    row.rules = rules->rules();
    row.allowing = names.allowing() + (rules->allowPatterns ? rules->allowPatterns->size() : 0);
    row.skipped = names.skipped();
    row.malformed = names.malformed();
    row.bytes = names.bytes();
  }
  return {std::move(row), std::move(hits)};
}

// Whenever something about a list is another one: who asks for rows does not wait for this thread.
void BlockListKeeper::show() {
  std::vector<Shown> shown;
  if (d_overrides.rules()) shown.push_back(shownOf(d_overrideOptions, d_overrides.rules(), d_overrideHits));
  for (const KeptList& list : d_lists.all()) {
    shown.push_back(shownOf(list.options, list.rules, list.hits));
    shown.back().row.error = list.error;
  }
  const std::lock_guard lock(d_mutex);
  d_shown = std::move(shown);
}

std::vector<BlockListKeeper::Row> BlockListKeeper::rows() const {
  std::vector<Row> rows;
  const std::lock_guard lock(d_mutex);
  for (const Shown& shown : d_shown) {
    rows.push_back(shown.row);
    rows.back().applied = shown.hits->applied;
    rows.back().shadowed = shown.hits->shadowed;
  }
  return rows;
}

// ---- giving them to the workers

void BlockListKeeper::publish() {
  std::vector<BlockLists::List> lists;
  std::uint64_t rules = 0, bytes = 0;
  const auto add = [&](const BlockListOptions& options, const auto& hits, const CompiledListPtr& compiled) {
    if (compiled) {
      lists.push_back({options, BlockLists::sourceOf(options, hits), compiled});
      rules += compiled->rules();
      bytes += compiled->names->bytes();
    }
  };
  add(d_overrideOptions, d_overrideHits, d_overrides.rules());
  for (const KeptList& list : d_lists.all()) {
    add(list.options, list.hits, list.rules);
  }
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
  show();
}

void BlockListKeeper::letGo() {
  std::erase_if(d_retired, [](const auto& lists) { return lists.use_count() == 1; });
}

} // namespace rec
