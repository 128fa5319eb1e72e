// Connections of the web server: see webserver.hh for the order.
#include "recursor/web/webserver.hh"

#include <event2/event.h>
#include <pthread.h>

#include <array>
#include <cerrno>

#include "lib/base/log.hh"
#include "lib/coro/gate.hh"
#include "lib/coro/wait.hh"
#include "recursor/web/httphead.hh"

namespace rec {

namespace {

constexpr std::size_t kChunk = 16 * 1024;
constexpr std::chrono::seconds kIdle{60};           // between two requests
constexpr std::chrono::seconds kClerksPatience{20}; // with a job
constexpr std::chrono::seconds kSweeping{2};        // for what a refused client is still sending
constexpr std::size_t kMostSwept = 4 * 1024 * 1024;
constexpr std::size_t kRequestsPerConnection = 10000;
constexpr std::chrono::milliseconds kRest{100}; // of a listener, when descriptors have run out
constexpr std::chrono::seconds kSampling{1};

// A broken invariant costs one request its answer.
HttpResponse runRoute(const Route& route, const WebCall& call) {
  try {
    return route.run(call);
  } catch (const std::exception& e) {
    base::log(base::LogLevel::Error, "webserver: " + call.request.path + ": " + e.what());
    return errorResponse(500, "Internal Server Error");
  }
}

bool wantsDescriptors(int error) { return error == EMFILE || error == ENFILE || error == ENOBUFS || error == ENOMEM; }

} // namespace

struct WebServer::Listener {
  WebServer& owner;
  base::Fd socket;
  event* readable = nullptr;
  ~Listener() {
    if (readable != nullptr) event_free(readable);
  }
};

struct WebServer::Connection {
  std::unique_ptr<net::Stream> stream;
  base::Address peer;
  std::string input;                     // octets that came and were not used yet
  std::array<std::byte, kChunk> chunk{}; // being read
  base::MonoTime deadline;               // of the request that is coming
  HttpRequest request;
  RouteFound found;
  HttpResponse response;
  std::string output; // being written
  std::size_t requests = 0;
  bool isIdle = false;    // nothing of the next request has come
  bool isRefused = false; // the response is there before the body
  bool goesOn = true;     // another request may follow
};

struct WebServer::Errand {
  explicit Errand(coro::Loop& loop) : gate(loop) {}
  coro::Gate gate;
  HttpRequest request;
  HttpResponse response;
};

class WebServer::Counted {
 public:
  explicit Counted(Counters& counters) : d_counters(counters) { d_counters.add(Metric::WebserverConnections); }
  Counted(const Counted&) = delete;
  Counted& operator=(const Counted&) = delete;
  ~Counted() { d_counters.subtract(Metric::WebserverConnections); }

 private:
  Counters& d_counters;
};

base::Result<std::unique_ptr<WebServer>> WebServer::open(std::shared_ptr<const Settings> settings,
                                                         ControlTarget& target, const base::Clock& clock) {
  auto keeper = Gatekeeper::make(*settings);
  if (!keeper) return keeper.error();
  std::unique_ptr<net::TlsServer> tls;
  if (!settings->webserverCertificate.empty()) {
    auto made = net::TlsServer::make(settings->webserverCertificate, settings->webserverKey);
    if (!made) return base::Error{"webserver-certificate: " + made.error().message};
    tls = std::move(*made);
  }
  std::unique_ptr<WebServer> server(new WebServer(settings, target, clock, std::move(*keeper), std::move(tls)));
  for (const base::Address& address : settings->webserverAddress) {
    auto socket = net::bindTcp(address, {});
    if (!socket) return base::Error{"webserver-address: " + socket.error().message};
    server->d_listeners.emplace_back(new Listener{*server, std::move(*socket)});
  }
  return server;
}

WebServer::WebServer(std::shared_ptr<const Settings> settings, ControlTarget& target, const base::Clock& clock,
                     Gatekeeper keeper, std::unique_ptr<net::TlsServer> tls)
    : d_settings(std::move(settings)), d_clock(clock), d_keeper(std::move(keeper)), d_tls(std::move(tls)),
      d_parts{target, d_settings, d_history}, d_loop(clock),
      d_roots([](const std::string& what) { base::log(base::LogLevel::Error, "webserver: " + what); }) {}

WebServer::~WebServer() { stop(); }

void WebServer::start() {
  d_clerk.start();
  d_searcher.start();
  d_commander.start();
  d_thread = base::startThread(d_arena, [this] { run(); });
}

void WebServer::stop() {
  d_clerk.stop();
  d_searcher.stop();
  d_commander.stop();
  if (!d_thread.joinable()) return;
  d_loop.post([this] { d_loop.stop(); });
  d_thread.join();
}

void WebServer::run() {
  ::pthread_setname_np(::pthread_self(), "web");
  for (const auto& listener : d_listeners) {
    listener->readable = event_new(d_loop.base(), listener->socket.get(), EV_READ | EV_PERSIST,
                                   &WebServer::onConnection, listener.get());
    event_add(listener->readable, nullptr);
  }
  d_roots.spawn(keepHistory());
  d_loop.run();
  d_roots.cancelAll();
}

coro::Task<void> WebServer::keepHistory() {
  for (;;) {
    const auto now = d_clock.wall().time_since_epoch();
    d_history.take(d_parts.target.statistics(), std::chrono::duration_cast<std::chrono::seconds>(now).count());
    co_await coro::Sleep(d_loop, kSampling);
  }
}

// ---- connections

void WebServer::onConnection(int /*fd*/, short /*what*/, void* self) {
  auto* listener = static_cast<Listener*>(self);
  while (listener->owner.acceptOne(*listener)) {
  }
}

// False when there is no further one for now.
bool WebServer::acceptOne(Listener& listener) {
  net::Accepted accepted = net::acceptTcp(listener.socket.get());
  if (!accepted.fd.valid()) {
    if (wantsDescriptors(accepted.error)) std::this_thread::sleep_for(kRest);
    return accepted.error == ECONNABORTED || accepted.error == EINTR;
  }
  if (!d_keeper.admits(accepted.peer)) {
    d_counters.add(Metric::WebserverUnauthorized);
  } else if (d_counters.get(Metric::WebserverConnections) >= d_settings->webserverMaxConnections) {
    d_counters.add(Metric::WebserverOverflow);
  } else {
    welcome(std::move(accepted));
  }
  return true;
}

void WebServer::welcome(net::Accepted accepted) {
  auto connection = std::make_shared<Connection>();
  auto tcp = std::make_unique<net::TcpStream>(d_loop, std::move(accepted.fd));
  if (d_tls) {
    connection->stream = std::make_unique<net::TlsServerStream>(d_loop, *d_tls, std::move(tcp));
  } else {
    connection->stream = std::move(tcp);
  }
  connection->peer = accepted.peer;
  d_roots.spawn(serve(std::move(connection)));
}

coro::Task<void> WebServer::serve(ConnectionPtr connection) {
  const Counted counted(d_counters);
  const base::MonoTime deadline = d_loop.now() + d_settings->webserverTimeout;
  const auto greeted = co_await connection->stream->connect(deadline);
  if (!greeted.done()) d_counters.add(Metric::WebserverTlsFailures);
  connection->goesOn = greeted.done();
  while (connection->goesOn) {
    Connection& current = *connection;
    bool there = co_await readHead(current);
    if (!there) co_return;
    d_counters.add(Metric::WebserverRequests);
    if (!current.isRefused) {
      there = co_await readBody(current);
      if (!there) co_return;
      co_await handle(current);
    }
    log(current);
    bool written = co_await write(current);
    if (!written) co_return;
    if (current.isRefused) {
      co_await sweepUp(current);
    }
  }
}

// ---- reading

coro::Task<bool> WebServer::readMore(Connection& connection) {
  const std::span<std::byte> space(connection.chunk);
  const base::MonoTime deadline = connection.deadline;
  const auto read = co_await connection.stream->readSome(space, deadline);
  const bool isLate = read.status == net::StreamResult::Status::TimedOut;
  if (isLate && !connection.isIdle) d_counters.add(Metric::WebserverTimeouts);
  if (!read.done()) co_return false;
  if (connection.isIdle) connection.deadline = d_loop.now() + d_settings->webserverTimeout;
  connection.isIdle = false;
  connection.input.append(reinterpret_cast<const char*>(connection.chunk.data()), read.count);
  co_return true;
}

// The time for a head begins with its first octet.
coro::Task<bool> WebServer::readHead(Connection& connection) {
  connection.request = {};
  connection.isRefused = false;
  connection.isIdle = connection.input.empty() && connection.requests > 0;
  connection.deadline = d_loop.now() + (connection.isIdle ? kIdle : d_settings->webserverTimeout);
  std::size_t size = headSize(connection.input);
  while (size == 0 && connection.input.size() <= kMaxHead) {
    bool there = co_await readMore(connection);
    if (!there) co_return false;
    size = headSize(connection.input);
  }
  ++connection.requests;
  parse(connection, size);
  co_return true;
}

void WebServer::parse(Connection& connection, std::size_t size) {
  HeadProblem problem{431, "the head of the request is too large"};
  const bool fits = size > 0 && size <= kMaxHead;
  if (fits) {
    auto parsed = parseHead(std::string_view(connection.input).substr(0, size));
    connection.input.erase(0, size);
    if (std::holds_alternative<HttpRequest>(parsed)) {
      connection.request = std::get<HttpRequest>(std::move(parsed));
      return judge(connection);
    }
    problem = std::get<HeadProblem>(std::move(parsed));
  }
  d_counters.add(Metric::WebserverBadRequests);
  connection.isRefused = true;
  connection.goesOn = false;
  connection.response = errorResponse(problem.status, problem.reason);
}

// Before the body is read, and before anything is done for the client. Nobody without a right to it learns what there
// is: of paths that do not exist as much is demanded as of pages.
void WebServer::judge(Connection& connection) {
  const HttpRequest& request = connection.request;
  connection.goesOn = request.keepsAlive && connection.requests < kRequestsPerConnection;
  connection.found = findRoute(request.method, request.path);
  const RouteFound& found = connection.found;
  const Access access = found.route != nullptr             ? found.route->access
                        : request.path.starts_with("/api") ? Access::Guarded
                                                           : Access::Page;
  auto refusal = d_keeper.refuses(request, access);
  if (refusal) {
    d_counters.add(Metric::WebserverAuthFailures);
  } else if (found.route == nullptr) {
    refusal = errorResponse(found.status, found.status == 405 ? "Method Not Allowed" : "Not Found");
    if (found.status == 405) refusal->headers.emplace_back("Allow", found.allowed);
  } else if (request.bodySize > std::size_t{d_settings->webserverMaxRequestSize} << 20) {
    d_counters.add(Metric::WebserverBadRequests);
    refusal = errorResponse(413, "the body is larger than webserver-max-request-size");
  }
  if (!refusal) return;
  connection.isRefused = true;
  connection.goesOn = connection.goesOn && request.bodySize == 0;
  connection.response = std::move(*refusal);
}

coro::Task<bool> WebServer::readBody(Connection& connection) {
  HttpRequest& request = connection.request;
  const bool waits = request.header("expect") == "100-continue" && connection.input.size() < request.bodySize;
  if (waits) {
    connection.output = "HTTP/1.1 100 Continue\r\n\r\n";
    const auto octets = std::as_bytes(std::span(connection.output));
    const base::MonoTime deadline = connection.deadline;
    const auto written = co_await connection.stream->writeAll(octets, deadline);
    if (!written.done()) co_return false;
  }
  while (connection.input.size() < request.bodySize) {
    bool there = co_await readMore(connection);
    if (!there) co_return false;
  }
  request.body = connection.input.substr(0, request.bodySize);
  connection.input.erase(0, request.bodySize);
  co_return true;
}

// An answer that is sent while the client still sends would be lost with the connection's end (RFC 9112 9.6).
coro::Task<void> WebServer::sweepUp(Connection& connection) {
  const base::MonoTime deadline = d_loop.now() + kSweeping;
  std::size_t swept = connection.input.size();
  while (!connection.goesOn && swept < std::min<std::uint64_t>(connection.request.bodySize, kMostSwept)) {
    const std::span<std::byte> space(connection.chunk);
    const auto read = co_await connection.stream->readSome(space, deadline);
    if (!read.done()) co_return;
    swept += read.count;
  }
}

// ---- answering

coro::Task<void> WebServer::handle(Connection& connection) {
  const Route& route = *connection.found.route;
  std::string id = connection.found.id;
  if (route.runsOn == RunsOn::Loop) {
    connection.response = runRoute(route, {d_parts, connection.request, std::move(id)});
    co_return;
  }
  co_await askClerk(connection, route, std::move(id));
}

Clerk& WebServer::clerkFor(const Route& route) {
  if (route.runsOn == RunsOn::Turns) return d_commander;
  return route.runsOn == RunsOn::Search ? d_searcher : d_clerk;
}

// The errand outlives the connection, if need be: it is the clerk's.
coro::Task<void> WebServer::askClerk(Connection& connection, const Route& route, std::string id) {
  auto errand = std::make_shared<Errand>(d_loop);
  errand->request = connection.request;
  Clerk& clerk = clerkFor(route);
  const bool taken = clerk.take([this, errand, &route, id]() mutable {
    errand->response = runRoute(route, {d_parts, errand->request, id});
    d_loop.post([done = std::move(errand)] { done->gate.open(); });
  });
  if (!taken) {
    connection.response = errorResponse(503, "too many requests wait already");
    co_return;
  }
  coro::Gate& gate = errand->gate;
  const base::MonoTime deadline = d_loop.now() + kClerksPatience;
  bool done = co_await coro::GateWait(gate, deadline);
  connection.response = done ? std::move(errand->response) : errorResponse(503, "no answer could be had in time");
}

coro::Task<bool> WebServer::write(Connection& connection) {
  ResponseStyle style;
  style.keepsAlive = connection.goesOn;
  style.withBody = connection.request.method != "HEAD";
  style.overTls = d_tls != nullptr;
  style.allowedOrigin = d_settings->crossOriginRequestHeader;
  connection.output = responseText(connection.response, style);
  connection.response = {};
  const auto octets = std::as_bytes(std::span(connection.output));
  const base::MonoTime deadline = d_loop.now() + d_settings->webserverTimeout;
  const auto written = co_await connection.stream->writeAll(octets, deadline);
  connection.output = {};
  if (written.status == net::StreamResult::Status::TimedOut) d_counters.add(Metric::WebserverTimeouts);
  co_return written.done();
}

void WebServer::log(const Connection& connection) const {
  const std::string& level = d_settings->webserverLoglevel;
  const Route* route = connection.found.route;
  const bool isRoutine = route != nullptr && route->isPolled && connection.response.status == 200;
  if (level == "none" || (isRoutine && level == "normal")) return;
  const HttpRequest& request = connection.request;
  base::log(base::LogLevel::Info,
            "webserver: " + connection.peer.text() + " " + (request.method.empty() ? "?" : request.method) + " " +
                (request.path.empty() ? "?" : request.path) + " " + std::to_string(connection.response.status) + " " +
                std::to_string(connection.response.body.size()));
}

} // namespace rec
