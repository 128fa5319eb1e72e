// What settings a cache file depends on, and on which it does not.
#include "recursor/cachefile/prints.hh"

#include <catch2/catch.hpp>

#include "recursor/config/luaconfig.hh"
#include "recursor/config/startup.hh"
#include "recursor/trust/configured.hh"
#include "tests/recursor/cache/helpers.hh"

using namespace rec;
using test::address;
using test::name;

namespace {

ForwardZone forward(std::string_view zone, std::string_view server, bool recurse = true) {
  ForwardZone forward;
  forward.zone = name(zone);
  forward.servers.push_back(*Endpoint::parse(server));
  forward.recurse = recurse;
  return forward;
}

struct Made {
  Settings settings = defaultSettings();
  ZoneSources sources;
  std::vector<NameServer> hints{{name("a.root."), {address("192.0.2.1")}}};
  AnchorSnapshot anchors = givenAnchors(builtInLuaConfig());
  [[nodiscard]] FilePrints prints() const {
    return printsOf({settings, sources, settings.forwardFirst, hints, anchors});
  }
};

} // namespace

TEST_CASE("the same settings have the same prints, in whatever order zones are given") {
  Made a, b;
  a.sources.forwardZones = {forward("One.test.", "192.0.2.1"), forward("two.test.", "192.0.2.2")};
  b.sources.forwardZones = {forward("two.test.", "192.0.2.2"), forward("one.test.", "192.0.2.1")};
  b.settings.maxCacheTtl = 77;
  b.settings.threads = 9;
  CHECK(a.prints() == b.prints());
}

TEST_CASE("whom is asked for what changes the print of data, and that alone") {
  const FilePrints plain = Made().prints();
  Made forwarded, elsewhere, iterated, hinted, unsignedData, located, first;
  first.settings.forwardFirst = {name("one.test.")};
  forwarded.sources.forwardZones = {forward("one.test.", "192.0.2.1")};
  elsewhere.sources.forwardZones = {forward("one.test.", "192.0.2.2")};
  iterated.sources.forwardZones = {forward("one.test.", "192.0.2.1", false)};
  hinted.hints.front().glue.front() = address("192.0.2.2");
  located.settings.outgoingNetns = "/run/netns/other";
  for (const Made* made : {&forwarded, &elsewhere, &iterated, &hinted, &located, &first}) {
    CHECK(made->prints().data != plain.data);
    CHECK(made->prints().verdicts == plain.verdicts);
    CHECK(made->prints().subnets == plain.subnets);
  }
  CHECK(forwarded.prints().data != elsewhere.prints().data);
  CHECK(forwarded.prints().data != iterated.prints().data);
  unsignedData.settings.dnssec = "off";
  CHECK(unsignedData.prints().data != plain.data);
}

TEST_CASE("trust anchors and how is validated change the print of verdicts, and that alone") {
  const FilePrints plain = Made().prints();
  Made waived, untrusted, disabled, relaxed, off;
  waived.anchors.negative[name("broken.test.")] = {};
  untrusted.anchors.positive.clear();
  disabled.settings.dnssecDisabledAlgorithms = {"RSASHA256"};
  relaxed.settings.nsec3MaxIterations = 1;
  off.settings.dnssec = "process-no-validate";
  for (const Made* made : {&waived, &untrusted, &disabled, &relaxed, &off}) {
    CHECK(made->prints().verdicts != plain.verdicts);
    CHECK(made->prints().data == plain.data);
  }
}

TEST_CASE("who is told of clients' networks changes the print of answers for networks, and that alone") {
  const FilePrints plain = Made().prints();
  Made told;
  told.settings.ednsSubnetAllowList = {"example.com"};
  CHECK(told.prints().subnets != plain.subnets);
  CHECK(told.prints().data == plain.data);
  CHECK(told.prints().verdicts == plain.verdicts);
}
