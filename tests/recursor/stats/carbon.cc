// What is sent to Carbon, and that a server that does not answer holds up nothing.
#include <catch2/catch.hpp>
#include <netinet/in.h>
#include <sys/socket.h>

#include "recursor/carbon.hh"

using namespace rec;

namespace {

// A listening socket of this machine, and its address.
std::pair<base::Fd, base::Address> listener() {
  base::Fd socket(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  REQUIRE(::bind(socket.get(), reinterpret_cast<sockaddr*>(&address), sizeof address) == 0);
  REQUIRE(::listen(socket.get(), 5) == 0);
  socklen_t size = sizeof address;
  REQUIRE(::getsockname(socket.get(), reinterpret_cast<sockaddr*>(&address), &size) == 0);
  return {std::move(socket), *base::Address::parse("127.0.0.1", ntohs(address.sin_port))};
}

// All that comes over the next connection, to its end.
std::string received(const base::Fd& listening) {
  const base::Fd connection(::accept(listening.get(), nullptr, nullptr));
  std::string text;
  char buffer[4096];
  for (ssize_t size = ::recv(connection.get(), buffer, sizeof buffer, 0); size > 0;
       size = ::recv(connection.get(), buffer, sizeof buffer, 0)) {
    text.append(buffer, static_cast<std::size_t>(size));
  }
  return text;
}

} // namespace

TEST_CASE("names of metrics for Carbon begin with namespace, host and instance") {
  Settings settings = defaultSettings();
  settings.carbonServer = {*base::Address::parse("192.0.2.1"), *base::Address::parse("2001:db8::1", 2004)};
  settings.carbonOurname = "ns1";
  const auto options = Carbon::optionsOf(settings);
  CHECK(options.prefix == "pdns.ns1.recursor.");
  CHECK(options.servers[0].port() == 2003);
  CHECK(options.servers[1].port() == 2004);
  settings.carbonOurname.clear();
  const std::string prefix = Carbon::optionsOf(settings).prefix;
  CHECK(std::count(prefix.begin(), prefix.end(), '.') == 3);
}

TEST_CASE("all metrics are sent to all servers, but for those that are hidden; one that is not there is counted") {
  const auto [first, firstAddress] = listener();
  const auto [second, secondAddress] = listener();
  auto [gone, goneAddress] = listener();
  gone.reset();
  Statistics statistics;
  Counters counters;
  counters.add(Metric::Questions, 5);
  statistics.addWorker(counters);
  Carbon::Options options;
  options.servers = {goneAddress, firstAddress, secondAddress};
  options.prefix = "pdns.here.recursor.";
  options.interval = std::chrono::hours(1);
  options.hidden = {"tcp-questions", "cache-*"};
  Carbon carbon(options, statistics);
  carbon.start();
  for (const base::Fd* server : {&first, &second}) {
    const std::string text = received(*server);
    CHECK(text.find("pdns.here.recursor.questions 5 1") != std::string::npos);
    CHECK(text.find("recursor.tcp-questions ") == std::string::npos);
    CHECK(text.find("recursor.cache-hits ") == std::string::npos);
    CHECK(text.ends_with("\n"));
  }
  while (carbon.deliveries() + carbon.failures() < 3) {
  }
  CHECK(carbon.deliveries() == 2);
  CHECK(carbon.failures() == 1);
}

TEST_CASE("other servers get the metrics at once, and stopping waits for nobody") {
  const auto [first, firstAddress] = listener();
  Statistics statistics;
  Counters counters;
  statistics.addWorker(counters);
  Carbon carbon({}, statistics);
  carbon.start();
  Carbon::Options options;
  options.servers = {firstAddress};
  options.prefix = "a.b.c.";
  options.interval = std::chrono::hours(1);
  carbon.adopt(options);
  CHECK(received(first).find("a.b.c.questions 0 ") != std::string::npos);
  options.servers = {*base::Address::parse("192.0.2.1", 2003)}; // perhaps silent, perhaps unreachable
  carbon.adopt(options);
  carbon.stop();
}
