// The table of routes, and the functions behind it, against a fake resolver.
#include "recursor/web/routes.hh"

#include <catch2/catch.hpp>
#include <filesystem>

#include "recursor/config/configfile.hh"
#include "recursor/web/history.hh"
#include "recursor/web/jsonvalue.hh"
#include "recursor/web/zoneroutes.hh"
#include "tests/recursor/config/tempdir.hh"
#include "tests/recursor/control/faketarget.hh"

using namespace rec;

namespace {

constexpr const char* kHost = "/api/v1/servers/localhost";

// As the web server does it, without the server.
struct Site {
  Site() {
    auto changed = std::make_shared<Settings>(defaultSettings());
    changed->apiConfigDir = dir.path();
    changed->includeDir = dir.path();
    settings = changed;
  }
  HttpResponse ask(const std::string& method, const std::string& path, const QueryValues& query = {},
                   const std::string& body = "") {
    const RouteFound found = findRoute(method, path);
    if (found.route == nullptr) return errorResponse(found.status, found.allowed);
    HttpRequest request;
    request.method = method;
    request.path = path;
    request.query = query;
    request.body = body;
    return found.route->run({{target, settings, history}, request, found.id});
  }
  JsonValue json(const std::string& path, const QueryValues& query = {}) {
    const HttpResponse response = ask("GET", path, query);
    CHECK(response.status == 200);
    auto value = parseJson(response.body);
    REQUIRE(value);
    return *value;
  }

  TempDir dir;
  FakeTarget target;
  std::shared_ptr<const Settings> settings;
  History history;
};

} // namespace

TEST_CASE("paths that are not there are 404, methods that are not there 405") {
  CHECK(findRoute("GET", "/nothing").status == 404);
  CHECK(findRoute("GET", "/api/v1/servers/other").status == 404);
  CHECK(findRoute("DELETE", "/metrics").status == 405);
  CHECK(findRoute("DELETE", "/metrics").allowed == "GET");
  CHECK(findRoute("PATCH", std::string(kHost) + "/zones").allowed == "GET, POST");
  CHECK(findRoute("HEAD", "/metrics").route != nullptr);
  CHECK(findRoute("GET", std::string(kHost) + "/zones/example.com.").id == "example.com.");
  CHECK(findRoute("GET", std::string(kHost) + "/ottraceconditions").status == 404);
}

TEST_CASE("everything that changes something or asks servers wants the key or the password") {
  for (const Route& route : allRoutes()) {
    if (route.method == "GET") continue;
    CHECK((route.access == Access::KeyAlone || route.access == Access::Guarded));
  }
}

TEST_CASE("what only reads does not wait for its turn") {
  Site site;
  const std::lock_guard turn(site.target.turn);
  for (const Route& route : allRoutes()) {
    if (route.method != "GET" || route.path.starts_with("/assets")) continue;
    std::string path(route.path);
    if (path.ends_with('*')) path.replace(path.size() - 1, 1, "example.com");
    CHECK(site.ask("GET", path, {{"name", "example.com"}, {"q", "x"}}).status != 500);
    CHECK(route.runsOn != RunsOn::Turns);
  }
}

TEST_CASE("the server describes itself") {
  Site site;
  CHECK(site.json("/api").items[0].member("url")->text == "/api/v1");
  CHECK(site.json("/api/v1").member("server_url")->text == "/api/v1/servers{/server}");
  CHECK(site.json("/api/v1/servers").items[0].member("id")->text == "localhost");
  CHECK(site.json(kHost).member("daemon_type")->text == "recursor");
}

TEST_CASE("settings are shown, credentials are not") {
  Site site;
  const auto settings = site.json(std::string(kHost) + "/config");
  CHECK(settings.items.size() == allSettings().size());
  for (const JsonValue& item : settings.items) {
    if (item.member("name")->text == "max-qperq") CHECK(item.member("value")->text == "60");
    if (item.member("name")->text == "api-key") CHECK(item.member("value")->text == "***");
  }
  CHECK(site.json(std::string(kHost) + "/config/max-qperq").member("value")->text == "60");
  CHECK(site.ask("GET", std::string(kHost) + "/config/nonsense").status == 404);
}

TEST_CASE("metrics are shown, one or all") {
  Site site;
  site.target.counters.add(Metric::Questions, 5);
  const auto one = site.json(std::string(kHost) + "/statistics", {{"statistic", "questions"}});
  CHECK(one.items[0].member("type")->text == "StatisticItem");
  CHECK(one.items[0].member("value")->text == "5");
  CHECK(site.json(std::string(kHost) + "/statistics").items.size() > 100);
  CHECK(site.ask("GET", std::string(kHost) + "/statistics", {{"statistic", "x"}}).status == 422);
}

TEST_CASE("rings are shown, what is not in the rows comes last") {
  Site site;
  site.target.topList = {10, {{"www.example.com|A", 6}, {"a|b|MX", 1}}};
  CHECK(site.ask("GET", "/jsonstat", {{"command", "get-query-ring"}, {"name", "queries"}}).body ==
        R"({"entries":[[6,"www.example.com","A"],[1,"a|b","MX"],[3,"",""]]})");
  site.target.topList = {5, {{"192.0.2.1", 5}}};
  CHECK(site.ask("GET", "/jsonstat", {{"command", "get-remote-ring"}, {"name", "large-answer-remotes"}}).body ==
        R"({"entries":[[5,"192.0.2.1"]]})");
  CHECK(site.ask("GET", "/jsonstat", {{"command", "get-query-ring"}, {"name", "remotes"}}).body == R"({"entries":[]})");
  CHECK(site.ask("GET", "/jsonstat").status == 404);
  CHECK(site.ask("GET", std::string(kHost) + "/dashboard/top")
            .body.find(R"("remotes":{"total":5,"rows":[["192.0.2.1",5]]})") != std::string::npos);
}

TEST_CASE("caches are cleared of a name, a subtree, a type") {
  Site site;
  const std::string flush = std::string(kHost) + "/cache/flush";
  CHECK(site.ask("PUT", flush, {{"domain", "example.com."}}).body == R"({"count":6,"result":"Flushed cache."})");
  site.ask("PUT", flush, {{"domain", "example.com"}, {"subtree", "true"}, {"type", "AAAA"}});
  CHECK(site.target.calls == std::vector<std::string>{"wipe example.com.", "wipe example.com.$ AAAA"});
  CHECK(site.ask("PUT", flush).status == 422);
  CHECK(site.ask("PUT", flush, {{"domain", std::string(300, 'a')}}).status == 422);
  CHECK(site.ask("PUT", flush, {{"domain", "x"}, {"type", "NONSENSE"}}).status == 422);
}

TEST_CASE("an access list is replaced by a file that the configuration includes") {
  Site site;
  const std::string path = std::string(kHost) + "/config/allow-from";
  CHECK(site.json(path).member("name")->text == "allow-from");
  CHECK(site.ask("PUT", path, {}, R"({"value": ["192.0.2.0/24", "!192.0.2.7", "2001:db8::/32"]})").status == 200);
  const std::string file = readFile(site.dir.path() + "/allow-from.conf").value();
  CHECK(file.find("allow-from-file=\nallow-from=192.0.2.0/24, !192.0.2.7/32, 2001:db8::/32\n") != std::string::npos);
  CHECK(site.target.calls == std::vector<std::string>{"access lists"});
  for (const char* bad : {"", "{}", R"({"value": "192.0.2.0/24"})", R"({"value": ["x"]})", R"({"value": [1]})",
                          R"({"value": ["192.0.2.0/24\nlocal-port=1"]})"}) {
    CHECK(site.ask("PUT", path, {}, bad).status == 422);
  }
}

TEST_CASE("without api-config-dir, or with another include-dir, nothing is changed") {
  Site site;
  auto changed = std::make_shared<Settings>(*site.settings);
  changed->includeDir = "/elsewhere";
  site.settings = changed;
  const std::string path = std::string(kHost) + "/config/allow-from";
  CHECK(site.ask("PUT", path, {}, R"({"value": []})").status == 422);
  changed->apiConfigDir = "";
  CHECK(site.ask("PUT", path, {}, R"({"value": []})").status == 422);
  CHECK(site.target.calls.empty());
}

TEST_CASE("a zone that cannot be loaded is taken back") {
  Site site; // whose fake resolver refuses zones
  const auto response =
      site.ask("POST", std::string(kHost) + "/zones", {},
               R"({"name": "x.example.", "kind": "Forwarded", "servers": ["192.0.2.1"], "recursion_desired": true})");
  CHECK(response.status == 422);
  CHECK(response.body.find("no = after the zone") != std::string::npos);
  CHECK(std::filesystem::is_empty(site.dir.path()));
}

TEST_CASE("zones that are not there are 404") {
  Site site;
  const std::string zone = std::string(kHost) + "/zones/nothing.example.";
  CHECK(site.ask("GET", zone).status == 404);
  CHECK(site.ask("DELETE", zone).status == 404);
  CHECK(site.ask("PUT", zone, {}, R"({"name": "nothing.example.", "kind": "Native"})").status == 404);
}

TEST_CASE("names of zones go into addresses and back") {
  for (const char* text : {".", "example.com.", "a_b.example.", "0/25.2.0.192.in-addr.arpa.", "a\\.b.example."}) {
    const auto name = dns::Name::parse(text).value();
    CHECK(zoneOfId(zoneId(name)).value() == name);
    CHECK(zoneId(name).find('/') == std::string::npos);
  }
  CHECK(zoneId(dns::Name()) == "=2E");
  CHECK_FALSE(zoneOfId("a=2"));
  CHECK_FALSE(zoneOfId("a=zz"));
}
