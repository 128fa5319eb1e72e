// The control socket: see channel.hh. Flow: run -> waitAndServe -> acceptClients, or serve -> readRequest ->
// runCommand -> writeReply, a little at a time for each client that poll finds ready. What is not quick goes from serve
// to the clerk (handToClerk), and comes back by takeFinished.
#include "recursor/control/channel.hh"

#include <fcntl.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>

#include "lib/base/log.hh"
#include "recursor/control/commands.hh"
#include "recursor/control/protocol.hh"
#include "recursor/control/socketpath.hh"

namespace rec {

namespace {

constexpr std::chrono::milliseconds kRest{100}; // when descriptors have run out

} // namespace

struct ControlChannel::Client {
  base::Fd socket;
  base::Fd file; // that came with the request
  std::string request;
  bool isWaiting = false; // the clerk has its command: not polled, and not to be forgotten
  std::string reply;      // not empty: the command has run, this is left to send
  std::function<void()> afterwards;
  Instant deadline;
};

struct ControlChannel::Finished {
  Client* client;
  Reply reply;
};

ControlChannel::Options ControlChannel::optionsOf(const Settings& settings) {
  const auto place = socketPlace(settings);
  Options options;
  options.path = place.directory + "/" + place.name + ".controlsocket";
  options.owner = settings.socketOwner;
  options.group = settings.socketGroup;
  if (settings.socketMode != 0) options.mode = settings.socketMode;
  return options;
}

base::Result<std::unique_ptr<ControlChannel>> ControlChannel::open(const Options& options, ControlTarget& target) {
  auto listener = listenOn(options.path, options.mode, options.owner, options.group);
  if (!listener) return listener.error();
  base::Fd wake(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK));
  if (!wake.valid()) return base::Error{std::string("control socket: ") + std::strerror(errno)};
  return std::unique_ptr<ControlChannel>(new ControlChannel(options, target, std::move(*listener), std::move(wake)));
}

ControlChannel::ControlChannel(const Options& options, ControlTarget& target, base::Fd listener, base::Fd wake)
    : d_options(options), d_target(target), d_listener(std::move(listener)), d_wake(std::move(wake)) {}

void ControlChannel::start() {
  d_clerk.start();
  d_thread = base::startThread(d_arena, [this] { run(); });
}

ControlChannel::~ControlChannel() {
  d_stopping = true;
  const std::uint64_t one = 1;
  [[maybe_unused]] const auto written = ::write(d_wake.get(), &one, sizeof one);
  if (d_thread.joinable()) d_thread.join();
  d_clerk.stop();
  ::unlink(d_options.path.c_str());
}

void ControlChannel::run() {
  while (!d_stopping) waitAndServe();
}

void ControlChannel::waitAndServe() {
  std::vector<pollfd> ready{{d_wake.get(), POLLIN, 0}, {d_listener.get(), POLLIN, 0}};
  for (const auto& client : d_clients) {
    const int socket = client.isWaiting ? -1 : client.socket.get(); // poll passes by -1
    ready.push_back({socket, static_cast<short>(client.reply.empty() ? POLLIN : POLLOUT), 0});
  }
  constexpr int kLookAtDeadlines = 1000; // ms
  if (::poll(ready.data(), ready.size(), d_clients.empty() ? -1 : kLookAtDeadlines) < 0) return;
  const auto now = std::chrono::steady_clock::now();
  auto at = ready.begin() + 2;
  for (auto client = d_clients.begin(); client != d_clients.end() && !d_stopping; ++at) {
    const bool done = at->revents != 0 ? !serve(*client) : !client->isWaiting && client->deadline < now;
    client = done ? d_clients.erase(client) : std::next(client);
  }
  if ((ready[0].revents & POLLIN) != 0 && !d_stopping) takeFinished();
  if ((ready[1].revents & POLLIN) != 0 && !d_stopping) acceptClients();
}

void ControlChannel::acceptClients() {
  base::Fd socket(::accept4(d_listener.get(), nullptr, nullptr, SOCK_CLOEXEC | SOCK_NONBLOCK));
  if (!socket.valid() && (errno == EMFILE || errno == ENFILE)) {
    std::this_thread::sleep_for(kRest); // the client goes on waiting, and poll would return at once
  }
  if (!socket.valid() || d_clients.size() >= d_options.maxClients) return;
  d_clients.push_back(
      {std::move(socket), {}, {}, false, {}, {}, std::chrono::steady_clock::now() + d_options.clientTimeout});
}

bool ControlChannel::serve(Client& client) {
  if (!client.reply.empty()) return writeReply(client);
  if (!readRequest(client)) return false;
  if (client.request.size() < kRequestHeader) return true;
  const auto size = readNumber(client.request);
  if (size > kMaxRequestSize) return false;
  if (client.request.size() < kRequestHeader + size) return true;
  const auto words = decodeWords(std::string_view(client.request).substr(kRequestHeader, size));
  if (!words) return false;
  if (isQuick(*words)) return answer(client, runCommand(d_target, *words, std::move(client.file)));
  handToClerk(client, *words);
  return true;
}

// The client stays in the list until its command is finished, whatever becomes of its socket.
void ControlChannel::handToClerk(Client& client, std::vector<std::string> words) {
  const auto finish = [this, &client](Reply reply) {
    {
      const std::lock_guard lock(d_mutex);
      d_finished.push_back({&client, std::move(reply)});
    }
    ::eventfd_write(d_wake.get(), 1);
  };
  client.isWaiting = true;
  const bool taken = d_clerk.take([this, &client, finish, words = std::move(words)] {
    finish(runCommand(d_target, words, std::move(client.file)));
  });
  if (!taken) finish(failure("too many commands wait already"));
}

void ControlChannel::takeFinished() {
  eventfd_t woken = 0;
  ::eventfd_read(d_wake.get(), &woken);
  std::vector<Finished> finished;
  {
    const std::lock_guard lock(d_mutex);
    finished.swap(d_finished);
  }
  for (Finished& one : finished) {
    one.client->isWaiting = false;
    if (answer(*one.client, std::move(one.reply))) continue;
    d_clients.remove_if([&one](const Client& client) { return &client == one.client; });
  }
}

// False: the client is done.
bool ControlChannel::answer(Client& client, Reply reply) {
  client.reply = encodeReply(reply.status, reply.text);
  client.afterwards = std::move(reply.afterwards);
  client.deadline = std::chrono::steady_clock::now() + d_options.clientTimeout;
  return writeReply(client);
}

bool ControlChannel::readRequest(Client& client) {
  std::array<char, 4096> buffer;
  auto received = receiveWithFd(client.socket.get(), buffer.data(), buffer.size());
  if (received.size < 0) return errno == EAGAIN || errno == EINTR;
  if (received.size == 0) return false;
  if (received.descriptor.valid()) client.file = std::move(received.descriptor);
  client.request.append(buffer.data(), static_cast<std::size_t>(received.size));
  return true;
}

bool ControlChannel::writeReply(Client& client) {
  const auto sent = ::send(client.socket.get(), client.reply.data(), client.reply.size(), MSG_NOSIGNAL);
  const bool later = sent < 0 && (errno == EAGAIN || errno == EINTR);
  if (sent > 0) client.reply.erase(0, static_cast<std::size_t>(sent));
  if (later || (sent >= 0 && !client.reply.empty())) return true;
  if (client.afterwards) client.afterwards(); // also when the client has gone: it asked for it
  return false;
}

} // namespace rec
