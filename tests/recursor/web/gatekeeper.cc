// Who may ask the web server for what.
#include "recursor/web/gatekeeper.hh"

#include <catch2/catch.hpp>

using namespace rec;

namespace {

struct Door {
  explicit Door(const std::string& key = "", const std::string& password = "", bool hashing = false) {
    settings.apiKey = key;
    settings.webserverPassword = password;
    settings.webserverHashPlaintextCredentials = hashing;
    keeper = Gatekeeper::make(settings).value();
    request.headers["host"] = "127.0.0.1:8082";
  }
  int status(Access access) {
    const auto refusal = keeper.refuses(request, access);
    return refusal ? refusal->status : 200;
  }
  void givePassword(const std::string& pair) { request.headers["authorization"] = "Basic " + net::toBase64(pair); }

  Settings settings = defaultSettings();
  Gatekeeper keeper;
  HttpRequest request;
};

constexpr Access kAll[] = {Access::Metrics, Access::Page, Access::Guarded, Access::KeyAlone};

} // namespace

TEST_CASE("without a key and a password pages and metrics are open, the rest is closed") {
  Door door;
  CHECK(door.status(Access::Metrics) == 200);
  CHECK(door.status(Access::Page) == 200);
  CHECK(door.status(Access::Guarded) == 401);
  CHECK(door.status(Access::KeyAlone) == 401);
  door.request.headers["x-api-key"] = "";
  CHECK(door.status(Access::KeyAlone) == 401);
  door.givePassword(":");
  CHECK(door.status(Access::Guarded) == 401);
}

TEST_CASE("the key opens everything, a wrong one nothing that is closed") {
  for (const bool hashing : {false, true}) {
    Door door("key", "word", hashing);
    for (const Access access : kAll) CHECK(door.status(access) == 401);
    door.request.headers["x-api-key"] = "kez";
    for (const Access access : kAll) CHECK(door.status(access) == 401);
    door.request.headers["x-api-key"] = "key";
    for (const Access access : kAll) CHECK(door.status(access) == 200);
    door.request.headers["x-api-key"] = "ke";
    for (const Access access : kAll) CHECK(door.status(access) == 401);
  }
}

TEST_CASE("the password, with any user name, opens all but what wants the key") {
  Door door("key", "word");
  door.givePassword("anybody:word");
  CHECK(door.status(Access::Metrics) == 200);
  CHECK(door.status(Access::Page) == 200);
  CHECK(door.status(Access::Guarded) == 200);
  CHECK(door.status(Access::KeyAlone) == 401);
  door.givePassword("anybody:words");
  CHECK(door.status(Access::Page) == 401);
  door.givePassword("word");
  CHECK(door.status(Access::Page) == 401);
  door.request.headers["authorization"] = "Basic !!!";
  CHECK(door.status(Access::Page) == 401);
  door.request.headers["authorization"] = "Bearer word";
  CHECK(door.status(Access::Page) == 401);
}

TEST_CASE("a browser is asked for the password only where that is of use") {
  Door door("key", "word");
  const auto challenge = [&door](Access access) {
    const auto refusal = door.keeper.refuses(door.request, access);
    for (const auto& [name, value] : refusal->headers) {
      if (name == "WWW-Authenticate") return value.substr(0, 5);
    }
    return std::string();
  };
  CHECK(challenge(Access::Page) == "Basic");
  CHECK(challenge(Access::KeyAlone) == "X-API");
}

TEST_CASE("without a password the dashboard is not shown under a name that anybody may point here") {
  Door door;
  for (const char* host : {"[::1]:8082", "127.0.0.1", "localhost:8082", "LOCALHOST", "resolver.localhost"}) {
    door.request.headers["host"] = host;
    CHECK(door.status(Access::Page) == 200);
  }
  door.request.headers["host"] = "evil.example:8082";
  CHECK(door.status(Access::Page) == 403);
  CHECK(door.status(Access::Metrics) == 200);
  Door locked("", "word");
  locked.request.headers["host"] = "evil.example:8082";
  locked.givePassword(":word");
  CHECK(locked.status(Access::Page) == 200);
}

TEST_CASE("another site's page may lead here, but not ask") {
  Door door("key", "word");
  door.givePassword(":word");
  door.request.headers["sec-fetch-site"] = "cross-site";
  door.request.headers["sec-fetch-mode"] = "cors";
  CHECK(door.status(Access::Page) == 403);
  door.request.headers["sec-fetch-mode"] = "navigate";
  CHECK(door.status(Access::Page) == 200);
}

TEST_CASE("networks that are not allowed are not admitted; an empty list admits everybody") {
  Settings settings = defaultSettings();
  auto keeper = Gatekeeper::make(settings).value();
  CHECK(keeper.admits(base::Address::parse("127.0.0.1").value()));
  CHECK(keeper.admits(base::Address::parse("::1").value()));
  CHECK_FALSE(keeper.admits(base::Address::parse("192.0.2.1").value()));
  settings.webserverAllowFrom = {};
  keeper = Gatekeeper::make(settings).value();
  CHECK(keeper.admits(base::Address::parse("192.0.2.1").value()));
}

TEST_CASE("a hash that cannot be read is told") {
  Settings settings = defaultSettings();
  settings.apiKey = "$scrypt$nonsense";
  CHECK(Gatekeeper::make(settings).error().message.find("api-key") == 0);
}
