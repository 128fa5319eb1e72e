// Name servers without addresses: throttled, counted, forgotten.
#include "recursor/resolve/nonresolving.hh"

#include "tests/recursor/resolve/messages.hh"

using namespace rec;
using namespace rectest;
using namespace std::chrono_literals;

TEST_CASE("a name server that failed too often is not looked up until it is forgotten") {
  NonResolving servers;
  const NonResolving::Options options{.maxFails = 2, .throttleTime = 60s, .exempt = {}};
  base::ManualClock clock;
  servers.reportFailure(name("ns.example.com"), options, clock.mono());
  CHECK_FALSE(servers.isThrottled(name("ns.example.com"), options, clock.mono()));
  servers.reportFailure(name("ns.example.com"), options, clock.mono());
  CHECK(servers.isThrottled(name("ns.example.com"), options, clock.mono()));
  clock.advance(60s);
  CHECK_FALSE(servers.isThrottled(name("ns.example.com"), options, clock.mono()));
}

TEST_CASE("the entries are counted without those that succeeded or are old") {
  NonResolving servers;
  const NonResolving::Options options;
  base::ManualClock clock;
  servers.reportFailure(name("ns1.example.com"), options, clock.mono());
  servers.reportFailure(name("ns2.example.com"), options, clock.mono());
  CHECK(servers.entries() == 2);
  servers.reportSuccess(name("ns2.example.com"));
  CHECK(servers.entries() == 1);
  clock.advance(61s);
  servers.reportFailure(name("ns3.example.com"), options, clock.mono());
  CHECK(servers.entries() == 1);
}
