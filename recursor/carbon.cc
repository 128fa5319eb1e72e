// Sending to Carbon: deliver() opens a connection to each server, wait() writes as they take it, close() counts.
#include "recursor/carbon.hh"

#include <poll.h>
#include <pthread.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <system_error>

#include "lib/base/log.hh"

namespace rec {

namespace {

using Clock = std::chrono::steady_clock;

constexpr std::uint16_t kPort = 2003;

std::string hostName() {
  std::string name(256, '\0');
  if (::gethostname(name.data(), name.size() - 1) != 0) return "localhost";
  name.resize(name.find('\0'));
  return name;
}

// A dot would begin another level of Graphite's tree.
std::string ourName(const Settings& settings) {
  std::string name = settings.carbonOurname.empty() ? hostName() : settings.carbonOurname;
  if (settings.carbonOurname.empty()) std::ranges::replace(name, '.', '_');
  return name;
}

bool isHidden(std::string_view name, const std::vector<std::string>& hidden) {
  return std::ranges::any_of(hidden, [name](std::string_view pattern) {
    return pattern.ends_with('*') ? name.starts_with(pattern.substr(0, pattern.size() - 1)) : name == pattern;
  });
}

} // namespace

// To one server.
struct Carbon::Delivery {
  base::Address server;
  base::Fd socket;
  std::string_view left; // of the report
  int error = 0;
  bool done = false;

  Delivery(const base::Address& to, std::string_view report) : server(to), left(report) {
    socket.reset(::socket(to.family(), SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
    base::Address target = to;
    const bool begun =
        socket.valid() && (::connect(socket.get(), target.raw(), target.rawSize()) == 0 || errno == EINPROGRESS);
    if (!begun) fail(errno);
  }
  void fail(int with) {
    error = with;
    done = true;
  }
  // As much as the kernel takes. A connection that could not be made says so here.
  void write() {
    const ssize_t size = ::send(socket.get(), left.data(), left.size(), MSG_NOSIGNAL);
    if (size < 0 && errno != EAGAIN && errno != EINTR) return fail(errno);
    left.remove_prefix(size > 0 ? static_cast<std::size_t>(size) : 0);
    done = left.empty();
  }
};

Carbon::Options Carbon::optionsOf(const Settings& settings) {
  Options options;
  for (const base::Address& server : settings.carbonServer) {
    options.servers.push_back(server.port() == 0 ? server.withPort(kPort) : server);
  }
  options.prefix = settings.carbonNamespace + "." + ourName(settings) + "." + settings.carbonInstance + ".";
  options.interval = settings.carbonInterval;
  options.hidden = settings.statsCarbonDisabledList;
  return options;
}

Carbon::Carbon(Options options, const Statistics& statistics, std::chrono::milliseconds patience)
    : d_statistics(statistics), d_patience(patience), d_options(std::move(options)),
      d_stop(::eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC)) {}

Carbon::~Carbon() { stop(); }

void Carbon::start() {
  d_thread = base::startThread(d_arena, [this] { run(); });
}

void Carbon::stop() {
  {
    const std::lock_guard lock(d_mutex); // or the thread might miss it
    d_stopping = true;
  }
  d_wake.notify_all();
  ::eventfd_write(d_stop.get(), 1);
  if (d_thread.joinable()) {
    d_thread.join();
  }
}

void Carbon::adopt(Options options) {
  {
    const std::lock_guard lock(d_mutex);
    d_options = std::move(options);
    d_changed = true;
  }
  d_wake.notify_all();
}

void Carbon::run() {
  ::pthread_setname_np(::pthread_self(), "carbon");
  std::unique_lock lock(d_mutex);
  while (!d_stopping) {
    const Options options = d_options;
    d_changed = false;
    const auto due = Clock::now() + options.interval;
    if (!options.servers.empty()) {
      lock.unlock();
      deliver(options);
      lock.lock();
    }
    const auto isWoken = [this] { return d_stopping || d_changed; };
    if (options.servers.empty()) {
      d_wake.wait(lock, isWoken);
    } else {
      d_wake.wait_until(lock, due, isWoken);
    }
  }
}

std::string Carbon::report(const Options& options) const {
  const auto now =
      std::chrono::duration_cast<std::chrono::seconds>(std::chrono::system_clock::now().time_since_epoch());
  const std::string end = " " + std::to_string(now.count()) + "\n";
  std::string text;
  for (const auto& [name, value] : d_statistics.all()) {
    if (!isHidden(name, options.hidden)) text += options.prefix + name + " " + std::to_string(value) + end;
  }
  return text;
}

void Carbon::deliver(const Options& options) {
  const std::string text = report(options);
  std::vector<Delivery> deliveries;
  deliveries.reserve(options.servers.size());
  for (const base::Address& server : options.servers) deliveries.emplace_back(server, text);
  wait(deliveries, Clock::now() + d_patience);
  if (!d_stopping) close(deliveries);
}

void Carbon::wait(std::vector<Delivery>& deliveries, Clock::time_point deadline) {
  while (!d_stopping && !std::ranges::all_of(deliveries, &Delivery::done)) {
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(deadline - Clock::now()).count();
    if (left <= 0) return;
    std::vector<pollfd> watched{{d_stop.get(), POLLIN, 0}};
    for (const Delivery& delivery : deliveries) {
      watched.push_back({delivery.done ? -1 : delivery.socket.get(), POLLOUT, 0});
    }
    ::poll(watched.data(), watched.size(), static_cast<int>(left));
    for (std::size_t i = 0; i < deliveries.size(); ++i) {
      if (watched[i + 1].revents != 0) deliveries[i].write();
    }
  }
}

void Carbon::close(const std::vector<Delivery>& deliveries) {
  for (const Delivery& delivery : deliveries) {
    const int error = delivery.done ? delivery.error : ETIMEDOUT;
    ++(error == 0 ? d_deliveries : d_failures);
    if (error != 0) {
      base::log(base::LogLevel::Warning, "metrics could not be sent to Carbon",
                {{"server", delivery.server.textWithPort()}, {"error", std::generic_category().message(error)}});
    }
  }
}

} // namespace rec
