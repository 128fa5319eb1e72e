// From settings to what the resolver goes by.
#include "recursor/resolve/options.hh"

#include <catch2/catch.hpp>
#include <limits>

using namespace rec;

TEST_CASE("a limit of 0 is none where PowerDNS says so") {
  Settings settings = defaultSettings();
  Upstreams upstreams;
  CHECK(makeResolveOptions(settings, {}, {}, upstreams)->verdict.maxNameservers == 13);
  settings.maxNsPerResolve = 0;
  settings.maxBytesperq = 0;
  settings.maxRecursionDepth = 0;
  const auto options = makeResolveOptions(settings, {}, {}, upstreams);
  CHECK(options->verdict.maxNameservers == std::numeric_limits<std::size_t>::max());
  Work work;
  work.limits = options->limits;
  work.chargeBytes(1'000'000);
  CHECK_FALSE(work.exhausted());
  CHECK(work.limits.maxDepth == 0);
}

TEST_CASE("DNS64 is off without a prefix") {
  Settings settings = defaultSettings();
  Upstreams upstreams;
  CHECK_FALSE(makeResolveOptions(settings, {}, {}, upstreams)->dns64);
  settings.dns64Prefix = *base::Netmask::parse("64:ff9b::/96");
  CHECK(makeResolveOptions(settings, {}, {}, upstreams)->dns64);
}
