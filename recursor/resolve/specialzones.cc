// The lists of locally served zones and the few records in them.
#include "recursor/resolve/specialzones.hh"

#include <algorithm>
#include <array>
#include <string>

#include "lib/dns/rdata.hh"

namespace rec {
namespace {

using dns::RRType;

constexpr std::uint32_t kTtl = 10800;

dns::Name parsed(std::string_view text) { return std::move(dns::Name::parse(text)).value(); }

// RFC 6303 3.
std::vector<dns::RRset> frame(const dns::Name& apex) {
  const dns::SoaData soa{.mname = apex,
                         .rname = parsed("nobody.invalid."),
                         .serial = 1,
                         .refresh = 3600,
                         .retry = 1200,
                         .expire = 604800,
                         .minimum = kTtl};
  return {dns::makeSoaRRset(apex, kTtl, soa), dns::makeNameRRset(apex, RRType::NS, kTtl, apex)};
}

ZoneData made(const dns::Name& apex, std::vector<dns::RRset> sets) {
  return std::move(ZoneData::make(apex, std::move(sets))).value();
}

void addLoopback(std::vector<dns::RRset>& sets, const dns::Name& owner) {
  for (const std::string_view text : {"127.0.0.1", "::1"}) {
    sets.push_back(dns::makeAddressRRset(owner, kTtl, std::move(base::Address::parse(text)).value()));
  }
}

std::string repeated(std::string_view text, unsigned times) {
  std::string out;
  for (unsigned i = 0; i < times; ++i) {
    out += text;
  }
  return out;
}

} // namespace

std::vector<dns::Name> rfc1918Zones() {
  std::vector<dns::Name> zones{parsed("10.in-addr.arpa."), parsed("168.192.in-addr.arpa.")};
  for (int second = 16; second < 32; ++second) {
    zones.push_back(parsed(std::to_string(second) + ".172.in-addr.arpa."));
  }
  return zones;
}

std::vector<dns::Name> rfc6303Zones() {
  constexpr std::array fixed{"0.in-addr.arpa.",         "254.169.in-addr.arpa.",
                             "2.0.192.in-addr.arpa.",   "100.51.198.in-addr.arpa.",
                             "113.0.203.in-addr.arpa.", "255.255.255.255.in-addr.arpa.",
                             "d.f.ip6.arpa.",           "8.e.f.ip6.arpa.",
                             "9.e.f.ip6.arpa.",         "a.e.f.ip6.arpa.",
                             "b.e.f.ip6.arpa.",         "8.b.d.0.1.0.0.2.ip6.arpa."};
  std::vector<dns::Name> zones;
  std::transform(fixed.begin(), fixed.end(), std::back_inserter(zones), [](const char* text) { return parsed(text); });
  zones.push_back(parsed(repeated("0.", 32) + "ip6.arpa."));
  for (int second = 64; second < 128; ++second) { // RFC 7793
    zones.push_back(parsed(std::to_string(second) + ".100.in-addr.arpa."));
  }
  return zones;
}

ZoneData emptyZone(const dns::Name& apex) { return made(apex, frame(apex)); }

ZoneData localhostZone(const dns::Name& apex) {
  std::vector<dns::RRset> sets = frame(apex);
  addLoopback(sets, apex);
  addLoopback(sets, *apex.withLabel("*"));
  return made(apex, std::move(sets));
}

std::vector<ZoneData> loopbackReverseZones() {
  const dns::Name localhost = parsed("localhost.");
  const dns::Name v4 = parsed("127.in-addr.arpa.");
  const dns::Name v6 = parsed("1." + repeated("0.", 31) + "ip6.arpa.");
  std::vector<dns::RRset> v4Sets = frame(v4);
  v4Sets.push_back(dns::makeNameRRset(parsed("1.0.0.127.in-addr.arpa."), RRType::PTR, kTtl, localhost));
  std::vector<dns::RRset> v6Sets = frame(v6);
  v6Sets.push_back(dns::makeNameRRset(v6, RRType::PTR, kTtl, localhost));
  std::vector<ZoneData> zones;
  zones.push_back(made(v4, std::move(v4Sets)));
  zones.push_back(made(v6, std::move(v6Sets)));
  return zones;
}

bool neverExists(const dns::Name& specialName) {
  return specialName.labelCount() == 1 && specialName != parsed("localhost.");
}

} // namespace rec
