// All zones together: what a reload takes over and gives back, NOTIFYs. No keeper is started here.
#include "recursor/policy/rpzzones.hh"

#include "lib/dns/message.hh"
#include "tests/recursor/policy/rpzsupport.hh"

using namespace rec;
using namespace rpztest;

namespace {

struct World {
  RpzConfig primaryZone() const {
    RpzConfig config;
    config.name = "transferred";
    config.zone = name("rpz.test");
    config.primaries = {address("192.0.2.53").withPort(53)};
    config.seedFile = file.path();
    return config;
  }
  void configure(const std::vector<RpzConfig>& configs) { REQUIRE(zones.configure(configs, false)); }

  File file{std::string(kHead) + "a CNAME .\nb CNAME .\n"};
  base::ManualClock clock;
  PolicyBoard board;
  RpzZones zones{board, clock, false};
};

std::vector<std::byte> notification() {
  std::vector<std::byte> buffer(512);
  dns::WireWriter writer(buffer);
  dns::Header header;
  header.id = 9;
  header.opcode = dns::Opcode::Notify;
  writer.header(header);
  writer.question({name("rpz.test"), dns::RRType::SOA, dns::RRClass::IN});
  buffer.resize(writer.size());
  return buffer;
}

} // namespace

TEST_CASE("rules that several reloads took over are given back when the zone goes") {
  World world;
  RpzConfig config = world.primaryZone();
  for (int refresh = 1; refresh < 5; ++refresh) {
    config.refresh = std::chrono::seconds(refresh);
    world.configure({config});
    CHECK(world.zones.states().at(0).rules == 2);
    CHECK(world.zones.retired() == 0);
  }
  const auto inUse = world.board.current();
  world.configure({});
  world.zones.tick();
  CHECK(world.zones.retired() == 1);
}

TEST_CASE("what nobody uses is given back at once") {
  World world;
  world.configure({world.primaryZone()});
  world.configure({});
  world.zones.tick();
  CHECK(world.zones.retired() == 0);
}

TEST_CASE("memory is that of the rules") {
  World world;
  world.configure({world.primaryZone()});
  CHECK(world.zones.states().at(0).bytes == load("a CNAME .\nb CNAME .\n")->bytes());
}

TEST_CASE("a NOTIFY is answered to a primary of the zone, and not after the zone has gone") {
  World world;
  CHECK_FALSE(world.zones.notify(notification(), address("192.0.2.53")));
  world.configure({world.primaryZone()});
  const auto answer = world.zones.notify(notification(), address("192.0.2.53"));
  REQUIRE(answer);
  CHECK(dns::parseHeader(*answer)->rcode == dns::RCode::NoError);
  CHECK_FALSE(world.zones.notify(notification(), address("192.0.2.54")));
  RpzConfig secured = world.primaryZone();
  secured.tsig = *dnssec::TsigKey::make("k.", "hmac-sha256", "c2VjcmV0");
  world.configure({secured});
  const auto refused = world.zones.notify(notification(), address("192.0.2.53"));
  REQUIRE(refused);
  CHECK(dns::parseHeader(*refused)->rcode == dns::RCode::NotAuth);
  world.zones.stop();
  CHECK_FALSE(world.zones.notify(notification(), address("192.0.2.53")));
}
