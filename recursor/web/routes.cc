// The rows: see routes.hh, and docs/web.md for what each says.
#include "recursor/web/routes.hh"

#include <array>

#include "recursor/web/aclroutes.hh"
#include "recursor/web/apiroutes.hh"
#include "recursor/web/assets.hh"
#include "recursor/web/dashboardroutes.hh"
#include "recursor/web/logroutes.hh"
#include "recursor/web/prometheus.hh"
#include "recursor/web/toproutes.hh"
#include "recursor/web/zoneroutes.hh"

namespace rec {

namespace {

#define HOST "/api/v1/servers/localhost"
constexpr std::array kRoutes{
    Route{"GET", "/", Access::Page, RunsOn::Loop, false, showAsset},
    Route{"GET", "/assets/*", Access::Page, RunsOn::Loop, false, showAsset},
    Route{"GET", "/favicon.ico", Access::Page, RunsOn::Loop, false, showAsset},
    Route{"GET", "/metrics", Access::Metrics, RunsOn::Clerk, false, showMetrics},
    Route{"GET", "/jsonstat", Access::Guarded, RunsOn::Clerk, false, showRing},
    Route{"GET", "/api", Access::KeyAlone, RunsOn::Loop, false, showApi},
    Route{"GET", "/api/v1", Access::KeyAlone, RunsOn::Loop, false, showVersion1},
    Route{"GET", "/api/v1/servers", Access::KeyAlone, RunsOn::Loop, false, showServers},
    Route{"GET", HOST, Access::Guarded, RunsOn::Loop, false, showServer},
    Route{"GET", HOST "/config", Access::KeyAlone, RunsOn::Clerk, false, showConfig},
    Route{"GET", HOST "/config/allow-from", Access::KeyAlone, RunsOn::Clerk, false, showAllowFrom},
    Route{"PUT", HOST "/config/allow-from", Access::KeyAlone, RunsOn::Turns, false, putAllowFrom},
    Route{"GET", HOST "/config/allow-notify-from", Access::KeyAlone, RunsOn::Clerk, false, showAllowNotifyFrom},
    Route{"PUT", HOST "/config/allow-notify-from", Access::KeyAlone, RunsOn::Turns, false, putAllowNotifyFrom},
    Route{"GET", HOST "/config/*", Access::KeyAlone, RunsOn::Clerk, false, showSetting},
    Route{"GET", HOST "/statistics", Access::Guarded, RunsOn::Clerk, false, showStatistics},
    Route{"GET", HOST "/rpzstatistics", Access::KeyAlone, RunsOn::Clerk, false, showRpzStatistics},
    Route{"GET", HOST "/search-data", Access::KeyAlone, RunsOn::Search, false, searchZones},
    Route{"PUT", HOST "/cache/flush", Access::KeyAlone, RunsOn::Turns, false, flushCache},
    Route{"GET", HOST "/zones", Access::KeyAlone, RunsOn::Search, false, listZones},
    Route{"POST", HOST "/zones", Access::KeyAlone, RunsOn::Turns, false, addZone},
    Route{"GET", HOST "/zones/*", Access::KeyAlone, RunsOn::Search, false, showZone},
    Route{"PUT", HOST "/zones/*", Access::KeyAlone, RunsOn::Turns, false, replaceZone},
    Route{"DELETE", HOST "/zones/*", Access::KeyAlone, RunsOn::Turns, false, removeZone},
    Route{"GET", HOST "/dashboard", Access::Page, RunsOn::Clerk, true, showSnapshot},
    Route{"GET", HOST "/dashboard/history", Access::Page, RunsOn::Loop, true, showHistory},
    Route{"GET", HOST "/dashboard/top", Access::Page, RunsOn::Clerk, true, showTop},
    Route{"GET", HOST "/dashboard/policies", Access::Page, RunsOn::Clerk, true, showPolicies},
    Route{"GET", HOST "/dashboard/explain", Access::Guarded, RunsOn::Search, false, explainName},
    Route{"GET", HOST "/dashboard/log", Access::Guarded, RunsOn::Search, false, searchLog},
    Route{"PUT", HOST "/dashboard/flush", Access::Guarded, RunsOn::Turns, false, flushCache},
};
#undef HOST

bool matches(const Route& route, std::string_view path, std::string& id) {
  if (!route.path.ends_with('*')) return route.path == path;
  const std::string_view prefix = route.path.substr(0, route.path.size() - 1);
  if (!path.starts_with(prefix) || path.size() == prefix.size()) return false;
  id = path.substr(prefix.size());
  return true;
}

bool answers(const Route& route, std::string_view method) {
  return route.method == method || (route.method == "GET" && method == "HEAD");
}

} // namespace

std::span<const Route> allRoutes() { return kRoutes; }

RouteFound findRoute(std::string_view method, std::string_view path) {
  RouteFound found;
  for (const Route& route : kRoutes) {
    std::string id;
    if (!matches(route, path, id)) continue;
    if (answers(route, method)) return {&route, std::move(id), 200, {}};
    const bool isKnown = found.allowed.find(route.method) != std::string::npos;
    if (!isKnown) found.allowed += (found.allowed.empty() ? "" : ", ") + std::string(route.method);
    found.status = 405;
  }
  return found;
}

} // namespace rec
