// Datagrams to the service manager: see servicemanager.hh.
#include "recursor/servicemanager.hh"

#include <event2/event.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <cstdlib>
#include <cstring>

#include "lib/base/log.hh"
#include "lib/coro/loop.hh"
#include "recursor/worker.hh"

namespace rec {
namespace {

constexpr int kLooks = 4; // in the time that the watchdog has patience

std::string take(const char* name) {
  const char* value = std::getenv(name); // before there are threads
  std::string text = value == nullptr ? "" : value;
  ::unsetenv(name);
  return text;
}

std::uint64_t number(const std::string& text) {
  std::uint64_t value = 0;
  std::from_chars(text.data(), text.data() + text.size(), value);
  return value;
}

// A path, or a name in the abstract namespace behind "@".
base::Fd connectTo(const std::string& path) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  if (path.size() < 2 || path.size() >= sizeof address.sun_path || (path[0] != '/' && path[0] != '@')) {
    return {};
  }
  std::memcpy(address.sun_path, path.data(), path.size());
  const bool abstract = path[0] == '@';
  address.sun_path[0] = abstract ? '\0' : '/';
  const std::size_t size = offsetof(sockaddr_un, sun_path) + path.size() + (abstract ? 0 : 1);
  base::Fd socket(::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0));
  const bool connected = socket.valid() && ::connect(socket.get(), reinterpret_cast<const sockaddr*>(&address),
                                                     static_cast<socklen_t>(size)) == 0;
  return connected ? std::move(socket) : base::Fd();
}

} // namespace

ServiceManager::ServiceManager() : d_unanswered(std::make_shared<std::atomic<std::uint32_t>>(0)) {
  const std::string path = take("NOTIFY_SOCKET"), patience = take("WATCHDOG_USEC"), process = take("WATCHDOG_PID");
  if (path.empty()) {
    return;
  }
  d_socket = connectTo(path);
  if (!d_socket.valid()) {
    base::log(base::LogLevel::Warning, "NOTIFY_SOCKET: " + path + ": " + std::strerror(errno));
    return;
  }
  if (process.empty() || number(process) == static_cast<std::uint64_t>(::getpid())) {
    d_patience = std::chrono::microseconds(number(patience));
  }
}

ServiceManager::~ServiceManager() {
  if (d_event != nullptr) {
    event_free(d_event);
  }
}

void ServiceManager::tell(std::string_view text) const {
  if (d_socket.valid()) {
    static_cast<void>(::send(d_socket.get(), text.data(), text.size(), MSG_NOSIGNAL | MSG_DONTWAIT));
  }
}

void ServiceManager::ready(const std::string& status) { tell("READY=1\nSTATUS=" + status + "\n"); }

void ServiceManager::stopping() {
  tell("STOPPING=1\n");
  if (d_event != nullptr) {
    event_del(d_event);
  }
}

void ServiceManager::watch(coro::Loop& loop, Colleagues& workers) {
  d_workers = &workers;
  if (d_patience.count() == 0) {
    return;
  }
  d_event = event_new(loop.base(), -1, EV_PERSIST, &ServiceManager::onTick, this);
  const auto interval = std::max(d_patience / kLooks, std::chrono::microseconds(1000));
  const timeval every{static_cast<time_t>(interval.count() / 1'000'000),
                      static_cast<suseconds_t>(interval.count() % 1'000'000)};
  event_add(d_event, &every);
  askWorkers();
}

void ServiceManager::onTick(int /*fd*/, short /*what*/, void* self) { static_cast<ServiceManager*>(self)->tick(); }

// Who is late is waited for, not asked again: when it hangs, its queue does not grow.
void ServiceManager::tick() {
  if (d_unanswered->load() == 0) {
    tell("WATCHDOG=1\n");
    askWorkers();
  }
}

void ServiceManager::askWorkers() {
  d_unanswered->store(d_workers->count());
  for (std::uint32_t index = 0; index < d_workers->count(); ++index) {
    d_workers->worker(index).post([unanswered = d_unanswered] { unanswered->fetch_sub(1); });
  }
}

} // namespace rec
