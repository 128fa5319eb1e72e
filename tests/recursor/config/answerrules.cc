// Sort lists and additional records: their meaning, and the functions of lua-config-file.
#include "recursor/config/answerrules.hh"

#include <catch2/catch.hpp>
#include <limits>

#include "recursor/config/luaconfig.hh"
#include "tests/recursor/config/tempdir.hh"

using namespace rec;

namespace {

base::Address address(std::string_view text) { return base::Address::parse(text).value(); }
base::Netmask net(std::string_view text) { return base::Netmask::parse(text).value(); }
constexpr int kLast = std::numeric_limits<int>::max();

base::Result<LuaConfig> run(const std::string& script) {
  const TempDir dir;
  return runLuaConfig(dir.write("lua", script));
}

} // namespace

TEST_CASE("clients have the order of the longest network that they are in") {
  SortLists lists;
  CHECK(lists.empty());
  lists.add(net("10.0.0.0/8"), {net("192.0.2.0/24")}, std::nullopt);
  lists.add(net("10.1.0.0/16"), {net("198.51.100.0/24"), net("203.0.113.0/24")}, std::nullopt);
  lists.add(net("10.1.0.0/16"), {net("192.0.2.0/24")}, std::nullopt);
  lists.add(net("10.1.0.0/16"), {net("192.0.2.128/25")}, 7);
  CHECK(lists.find(address("192.0.2.1")) == nullptr);
  CHECK(lists.find(address("2001:db8::1")) == nullptr);
  const auto* wide = lists.find(address("10.2.0.1"));
  const auto* narrow = lists.find(address("10.1.0.1"));
  REQUIRE(wide);
  REQUIRE(narrow);
  CHECK(wide->of(address("192.0.2.1")) == 1);
  CHECK(wide->of(address("198.51.100.1")) == kLast);
  CHECK(narrow->of(address("198.51.100.1")) == 1);
  CHECK(narrow->of(address("203.0.113.1")) == 1);
  CHECK(narrow->of(address("192.0.2.1")) == 2);
  CHECK(narrow->of(address("192.0.2.200")) == 7);
  lists.clear();
  CHECK(lists.find(address("10.1.0.1")) == nullptr);
}

TEST_CASE("addSortList takes a network or several, and a place; clearSortlist forgets all before it") {
  const auto config = run("addSortList('0.0.0.0/0', '192.0.2.0/24')\nclearSortlist()\n"
                          "addSortList('10.0.0.0/8', {'192.0.2.0/24', '2001:db8::/32'})\n"
                          "addSortList('10.0.0.0/8', '198.51.100.0/24', 4)\n");
  REQUIRE(config);
  CHECK(config->answers.sortLists.find(address("192.0.2.9")) == nullptr);
  const auto* order = config->answers.sortLists.find(address("10.0.0.1"));
  REQUIRE(order);
  CHECK(order->of(address("2001:db8::1")) == 1);
  CHECK(order->of(address("198.51.100.1")) == 4);
  CHECK_FALSE(run("addSortList('10.0.0.0/33', '192.0.2.0/24')"));
  CHECK_FALSE(run("addSortList('10.0.0.0/8', {})"));
  CHECK_FALSE(run("addSortList('10.0.0.0/8')"));
}

TEST_CASE("addAllowedAdditionalQType takes types and a mode") {
  const auto config =
      run("addAllowedAdditionalQType(pdns.MX, {pdns.A, pdns.AAAA})\n"
          "addAllowedAdditionalQType(pdns.SRV, {pdns.A}, {mode=pdns.AdditionalMode.Ignore})\n"
          "addAllowedAdditionalQType(pdns.SRV, {pdns.A}, {mode=pdns.AdditionalMode.ResolveDeferred})\n");
  INFO((config ? "" : config.error().message));
  REQUIRE(config);
  const auto& rules = config->answers.additionals;
  REQUIRE(rules.size() == 2);
  CHECK(rules.at(dns::RRType::MX).targets == std::vector{dns::RRType::A, dns::RRType::AAAA});
  CHECK(rules.at(dns::RRType::MX).mode == AdditionalMode::CacheOnlyRequireAuth);
  CHECK(rules.at(dns::RRType::SRV).mode == AdditionalMode::ResolveDeferred);
  CHECK_FALSE(run("addAllowedAdditionalQType(pdns.A, {pdns.AAAA})"));
  CHECK_FALSE(run("addAllowedAdditionalQType(pdns.MX, {})"));
  CHECK_FALSE(run("addAllowedAdditionalQType(pdns.MX, {pdns.A}, {mode=17})"));
  CHECK_FALSE(run("addAllowedAdditionalQType(pdns.MX, {pdns.A}, {speed=1})"));
}
