// The table of what the web server answers: ONE ROW per method and path, in routes.cc. A row says what it demands of
// the client, and on which thread its function runs. Used by the web server; its tests go through it without sockets.
#pragma once

#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "recursor/control/target.hh"
#include "recursor/web/gatekeeper.hh"
#include "recursor/web/http.hh"

namespace rec {

class History;

// What the functions of routes may use. Outlives all calls.
struct WebParts {
  ControlTarget& target;
  std::shared_ptr<const Settings> settings; // of the start
  const History& history;                   // on the web server's own thread
};

struct WebCall {
  const WebParts& parts;
  const HttpRequest& request;
  std::string id; // what stands for the star of the path
};

enum class RunsOn : unsigned char {
  Loop,   // the web server's thread: answers at once
  Clerk,  // what reads, and may wait for a moment: for nobody who takes long, a scrape of /metrics must not
  Search, // what reads and may take seconds
  Turns,  // what changes something, which takes its turn among the control commands and may wait long
};

struct Route {
  std::string_view method; // GET answers HEAD, too
  std::string_view path;   // ends in a star: one more part
  Access access;
  RunsOn runsOn;
  bool isPolled; // by an open dashboard: not logged by default
  HttpResponse (*run)(const WebCall& call);
};

[[nodiscard]] std::span<const Route> allRoutes();

struct RouteFound {
  const Route* route = nullptr;
  std::string id;
  int status = 404;    // when there is none: 404 or 405
  std::string allowed; // of 405: the methods there are
};
[[nodiscard]] RouteFound findRoute(std::string_view method, std::string_view path);

} // namespace rec
