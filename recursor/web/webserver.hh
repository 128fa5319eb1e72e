// WebServer: HTTP/1.1 for the dashboard, the metrics and the REST interface, on a thread of its own, with or without
// TLS. Owned by the daemon. It never waits for a command or a worker: its clerks do.
//
// Flow of a request: onConnection (networks, number of connections) -> serve: handshake -> readHead -> judge (route,
// password or key) -> readBody -> answer (here or by a clerk) -> write.
#pragma once

#include <memory>
#include <thread>
#include <vector>

#include "lib/base/memory.hh"
#include "lib/coro/root.hh"
#include "lib/net/tlsserver.hh"
#include "recursor/control/clerk.hh"
#include "recursor/web/gatekeeper.hh"
#include "recursor/web/history.hh"
#include "recursor/web/routes.hh"

namespace rec {

class WebServer {
 public:
  // Binds the sockets and reads the certificate; the error says what cannot be had. To be called before privileges are
  // dropped. `target` and `clock` outlive the server.
  static base::Result<std::unique_ptr<WebServer>> open(std::shared_ptr<const Settings> settings, ControlTarget& target,
                                                       const base::Clock& clock);
  void start(); // the threads
  void stop();  // ends them; the counters stay
  ~WebServer();
  WebServer(const WebServer&) = delete;
  WebServer& operator=(const WebServer&) = delete;

  [[nodiscard]] const Counters& counters() const { return d_counters; } // reading: any thread

 private:
  struct Listener;
  struct Connection;
  struct Errand; // a request that a clerk works on
  using ConnectionPtr = std::shared_ptr<Connection>;
  class Counted;

  WebServer(std::shared_ptr<const Settings> settings, ControlTarget& target, const base::Clock& clock,
            Gatekeeper keeper, std::unique_ptr<net::TlsServer> tls);
  void run();
  static void onConnection(int fd, short what, void* self);
  bool acceptOne(Listener& listener);
  void welcome(net::Accepted accepted);

  coro::Task<void> serve(ConnectionPtr connection);
  coro::Task<bool> readHead(Connection& connection); // false: the connection ends
  coro::Task<bool> readBody(Connection& connection); // likewise
  coro::Task<bool> readMore(Connection& connection); // likewise
  coro::Task<void> handle(Connection& connection);   // request to response
  [[nodiscard]] Clerk& clerkFor(const Route& route);
  coro::Task<void> askClerk(Connection& connection, const Route& route, std::string id);
  coro::Task<bool> write(Connection& connection);
  coro::Task<void> sweepUp(Connection& connection); // what a refused client sends yet
  coro::Task<void> keepHistory();
  void parse(Connection& connection, std::size_t size);
  void judge(Connection& connection);
  void log(const Connection& connection) const;

  std::shared_ptr<const Settings> d_settings;
  const base::Clock& d_clock;
  Gatekeeper d_keeper;
  std::unique_ptr<net::TlsServer> d_tls;
  History d_history;
  WebParts d_parts;
  Counters d_counters;
  coro::Loop d_loop;
  coro::Roots d_roots;
  std::vector<std::unique_ptr<Listener>> d_listeners;
  Clerk d_clerk{"web/clerk"}, d_searcher{"web/searches"}, d_commander{"web/changes"}; // by RunsOn
  base::ThreadArena d_arena;
  std::thread d_thread;
};

} // namespace rec
