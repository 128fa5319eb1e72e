// System calls of the start; each function does one thing and throws with the reason when it cannot.
#include "recursor/process.hh"

#include <fcntl.h>
#include <grp.h>
#include <pthread.h>
#include <pwd.h>
#include <sched.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <cstdio>
#include <optional>
#include <stdexcept>
#include <system_error>

#include "lib/base/log.hh"

namespace rec {
namespace {

[[noreturn]] void fail(const std::string& what) {
  throw std::runtime_error(what + ": " + std::generic_category().message(errno));
}

template <typename Number> std::optional<Number> asNumber(const std::string& text) {
  Number number{};
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  return error == std::errc() && end == text.data() + text.size() ? std::optional(number) : std::nullopt;
}

gid_t findGroup(const std::string& name) {
  if (const auto number = asNumber<gid_t>(name)) {
    return *number;
  }
  const group* found = ::getgrnam(name.c_str());
  if (found == nullptr) {
    throw std::runtime_error("setgid: there is no group '" + name + "'");
  }
  return found->gr_gid;
}

struct User {
  uid_t id;
  std::optional<gid_t> group;
  std::string name; // empty when only the number is known
};

User findUser(const std::string& name) {
  const auto number = asNumber<uid_t>(name);
  const passwd* found = number ? ::getpwuid(*number) : ::getpwnam(name.c_str());
  if (found != nullptr) {
    return {found->pw_uid, found->pw_gid, found->pw_name};
  }
  if (number) {
    return {*number, std::nullopt, {}};
  }
  throw std::runtime_error("setuid: there is no user '" + name + "'");
}

} // namespace

void raiseDescriptorLimit(std::size_t wanted) {
  rlimit limit{};
  if (::getrlimit(RLIMIT_NOFILE, &limit) != 0) {
    fail("cannot read the limit of open files");
  }
  const rlim_t before = limit.rlim_cur;
  if (before >= wanted) {
    base::log(base::LogLevel::Info,
              "open files: " + std::to_string(before) + " allowed, " + std::to_string(wanted) + " needed");
    return;
  }
  rlimit more{wanted, std::max<rlim_t>(limit.rlim_max, wanted)};
  if (::setrlimit(RLIMIT_NOFILE, &more) != 0) { // only root raises the hard limit
    more = {limit.rlim_max, limit.rlim_max};
    static_cast<void>(::setrlimit(RLIMIT_NOFILE, &more));
  }
  if (more.rlim_cur >= wanted) {
    base::log(base::LogLevel::Info,
              "open files: limit raised from " + std::to_string(before) + " to " + std::to_string(more.rlim_cur));
    return;
  }
  base::log(base::LogLevel::Warning, "open files: only " + std::to_string(more.rlim_cur) + " allowed, though " +
                                         std::to_string(wanted) + " may be needed under full load");
}

void dropPrivileges(const std::string& user, const std::string& group) {
  if (user.empty() && group.empty()) {
    return;
  }
  const std::optional<User> target = user.empty() ? std::nullopt : std::optional(findUser(user));
  std::optional<gid_t> targetGroup = target ? target->group : std::nullopt;
  if (!group.empty()) {
    targetGroup = findGroup(group);
  }
  const bool haveName = target && !target->name.empty();
  if (haveName && ::initgroups(target->name.c_str(), targetGroup.value_or(::getgid())) != 0) {
    fail("cannot take on the groups of " + user);
  }
  if (!haveName && ::setgroups(0, nullptr) != 0) {
    fail("cannot leave the groups of the starting user");
  }
  if (targetGroup && ::setgid(*targetGroup) != 0) {
    fail("setgid " + (group.empty() ? "of " + user : group));
  }
  if (target && ::setuid(target->id) != 0) {
    fail("setuid " + user);
  }
  if (target && target->id != 0 && ::setuid(0) == 0) {
    throw std::runtime_error("setuid: privileges could be taken back");
  }
}

void goToBackground() {
  const pid_t child = ::fork();
  if (child < 0) {
    fail("daemon: cannot fork");
  }
  if (child > 0) {
    ::_exit(0);
  }
  ::setsid();
  const base::Fd null(::open("/dev/null", O_RDWR | O_CLOEXEC));
  for (const int fd : {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO}) {
    if (::dup2(null.get(), fd) < 0) {
      fail("daemon: cannot leave the terminal");
    }
  }
}

void enterNetworkNamespace(const std::string& path) {
  const base::Fd space(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (!space.valid() || ::setns(space.get(), CLONE_NEWNET) != 0) {
    fail("outgoing-netns: " + path);
  }
}

bool runOnCpus(const std::vector<unsigned>& cpus) {
  cpu_set_t set;
  CPU_ZERO(&set);
  for (const unsigned cpu : cpus) {
    if (cpu < CPU_SETSIZE) {
      CPU_SET(cpu, &set);
    }
  }
  return ::pthread_setaffinity_np(::pthread_self(), sizeof set, &set) == 0;
}

void wakeInTime() {
  constexpr unsigned long slack = 10'000; // ns
  ::prctl(PR_SET_TIMERSLACK, slack);
}

void PidFile::open(const std::string& path) {
  d_file.reset(::open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644));
  if (d_file.valid()) {
    d_path = path;
    return;
  }
  base::log(base::LogLevel::Warning,
            "cannot write the pid file " + path + ": " + std::generic_category().message(errno));
}

void PidFile::write() {
  const std::string content = std::to_string(::getpid()) + "\n";
  if (d_file.valid() && ::write(d_file.get(), content.data(), content.size()) < 0) {
    base::log(base::LogLevel::Warning,
              "cannot write the pid file " + d_path + ": " + std::generic_category().message(errno));
  }
  d_file.reset();
}

PidFile::~PidFile() {
  if (!d_path.empty()) {
    ::unlink(d_path.c_str());
  }
}

} // namespace rec
