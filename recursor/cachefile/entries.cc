// One pair of functions a kind: the order in which its fields stand.
#include "recursor/cachefile/entries.hh"

#include <algorithm>

namespace rec {
namespace {

constexpr std::size_t kMostServers = 1000, kMostGlue = 1000; // of a cut; of a server
constexpr std::uint32_t kNever = UINT32_MAX;
constexpr unsigned kMostHeat = 7;
constexpr std::int64_t kMostMicroseconds = 60'000'000;

void writeTime(OctetWriter& out, base::WallTime time) {
  const std::int64_t since = time.time_since_epoch().count();
  out.fixed(static_cast<std::uint32_t>(std::clamp<std::int64_t>(since, 0, UINT32_MAX)));
}
base::WallTime readTime(OctetReader& in) { return base::WallTime(std::chrono::seconds(in.fixed<std::uint32_t>())); }

void writeSpan(OctetWriter& out, std::chrono::seconds span) {
  out.fixed(static_cast<std::uint32_t>(std::clamp<std::int64_t>(span.count(), 0, kNever - 1)));
}
std::chrono::seconds readSpan(OctetReader& in) { return std::chrono::seconds(in.fixed<std::uint32_t>()); }

void writeAgo(OctetWriter& out, const SavedServer::Ago& ago) {
  if (ago) {
    writeSpan(out, *ago);
  } else {
    out.fixed(kNever);
  }
}
SavedServer::Ago readAgo(OctetReader& in) {
  const auto seconds = in.fixed<std::uint32_t>();
  return seconds == kNever ? std::nullopt : SavedServer::Ago(seconds);
}

std::chrono::microseconds readMicroseconds(OctetReader& in) {
  return std::chrono::microseconds(std::clamp<std::int64_t>(in.fixed<std::int64_t>(), 0, kMostMicroseconds));
}

bool readBool(OctetReader& in) { return in.fixed<std::uint8_t>() != 0; }
dns::RRType readType(OctetReader& in) { return static_cast<dns::RRType>(in.fixed<std::uint16_t>()); }
void writeType(OctetWriter& out, dns::RRType type) { out.fixed(static_cast<std::uint16_t>(type)); }
template <typename Enum> void writeChoice(OctetWriter& out, Enum value) {
  out.fixed(static_cast<std::underlying_type_t<Enum>>(value));
}

unsigned readHeat(OctetReader& in) { return std::min<unsigned>(in.fixed<std::uint8_t>(), kMostHeat); }

} // namespace

void write(OctetWriter& out, const SavedRecords& records) {
  out.fixed(records.expires);
  out.fixed(records.ttl);
  writeChoice(out, records.rank);
  writeChoice(out, records.security);
  out.fixed(static_cast<std::uint8_t>(records.heat));
  out.rrset(records.rrset);
}

void read(OctetReader& in, SavedRecords& records) {
  records.expires = in.fixed<std::uint32_t>();
  records.ttl = in.fixed<std::uint32_t>();
  records.rank = in.choice(Rank::AnswerAuth);
  records.security = in.choice(Security::Bogus);
  records.heat = readHeat(in);
  records.rrset = in.rrset();
}

void write(OctetWriter& out, const SavedNegative& saved) {
  const Negative& negative = saved.negative;
  out.name(negative.name);
  out.fixed(static_cast<std::uint8_t>(negative.nxdomain));
  writeType(out, saved.type);
  out.fixed(saved.expires);
  out.fixed(negative.ttl);
  writeChoice(out, negative.security);
  out.fixed(static_cast<std::uint8_t>(saved.heat));
  out.fixed(static_cast<std::uint8_t>(negative.soa ? 1 : 0));
  if (negative.soa) {
    out.rrset(negative.soa);
  }
  out.rrsets(negative.proofs);
}

void read(OctetReader& in, SavedNegative& saved) {
  Negative& negative = saved.negative;
  negative.name = in.name();
  negative.nxdomain = readBool(in);
  saved.type = readType(in);
  saved.expires = in.fixed<std::uint32_t>();
  negative.ttl = in.fixed<std::uint32_t>();
  negative.security = in.choice(Security::Bogus);
  saved.heat = readHeat(in);
  if (readBool(in)) {
    negative.soa = in.rrset();
    if (!in.failed() && negative.soa.type() != dns::RRType::SOA) {
      in.fail();
    }
  }
  negative.proofs = in.rrsets();
}

void write(OctetWriter& out, const SavedSubnet& subnet) {
  write(out, subnet.records);
  out.address(subnet.scope.network.network);
  out.fixed(subnet.scope.network.bits);
  out.fixed(subnet.scope.told);
  out.fixed(static_cast<std::uint8_t>(subnet.scope.exact));
}

void read(OctetReader& in, SavedSubnet& subnet) {
  read(in, subnet.records);
  const base::Address network = in.address();
  const auto bits = in.fixed<std::uint8_t>();
  if (!network.valid() || bits > network.octets().size() * 8) {
    return in.fail();
  }
  subnet.scope.network = base::Netmask::of(network.withPort(0), bits);
  subnet.scope.told = in.fixed<std::uint8_t>();
  subnet.scope.exact = readBool(in);
}

void write(OctetWriter& out, const SavedProofs& proofs) {
  out.name(proofs.name);
  writeType(out, proofs.type);
  out.fixed(proofs.expires);
  out.rrsets(proofs.proofs);
}

void read(OctetReader& in, SavedProofs& proofs) {
  proofs.name = in.name();
  proofs.type = readType(in);
  proofs.expires = in.fixed<std::uint32_t>();
  proofs.proofs = in.rrsets();
}

void write(OctetWriter& out, const SavedInsecurity& zone) {
  out.name(zone.zone);
  writeTime(out, zone.expires);
}

void read(OctetReader& in, SavedInsecurity& zone) {
  zone.zone = in.name();
  zone.expires = readTime(in);
}

void write(OctetWriter& out, const DelegationPtr& delegation) {
  out.name(delegation->zone);
  writeTime(out, delegation->expires);
  writeTime(out, delegation->securityExpires);
  out.fixed(static_cast<std::uint8_t>(delegation->parent ? 1 : 0));
  if (delegation->parent) {
    out.name(*delegation->parent);
  }
  out.rrsets(delegation->security);
  out.count(delegation->servers.size());
  for (const NameServer& server : delegation->servers) {
    out.name(server.name);
    out.count(server.glue.size());
    for (const base::Address& address : server.glue) {
      out.address(address);
    }
  }
}

void read(OctetReader& in, Delegation& delegation) {
  delegation.zone = in.name();
  delegation.expires = readTime(in);
  delegation.securityExpires = readTime(in);
  if (readBool(in)) {
    delegation.parent = in.name();
  }
  delegation.security = in.rrsets();
  const std::uint64_t servers = in.count();
  if (servers == 0 || servers > kMostServers) {
    return in.fail();
  }
  for (std::uint64_t i = 0; i < servers && !in.failed(); ++i) {
    NameServer& server = delegation.servers.emplace_back();
    server.name = in.name();
    const std::uint64_t glue = in.count();
    if (glue > kMostGlue) {
      return in.fail();
    }
    for (std::uint64_t k = 0; k < glue && !in.failed(); ++k) {
      server.glue.push_back(in.address());
    }
  }
}

void write(OctetWriter& out, const SavedServer& server) {
  out.address(server.path.address);
  writeChoice(out, server.path.over);
  out.fixed(static_cast<std::uint8_t>(server.measured));
  out.fixed(static_cast<std::int64_t>(server.srtt.count()));
  out.fixed(static_cast<std::int64_t>(server.rttvar.count()));
  out.fixed(static_cast<std::uint32_t>(server.timeouts));
  writeChoice(out, server.edns);
  for (const auto* ago : {&server.heard, &server.ednsKnown, &server.caseLost, &server.spoofing, &server.noCookies}) {
    writeAgo(out, *ago);
  }
  writeSpan(out, server.down);
}

void read(OctetReader& in, SavedServer& server) {
  server.path.address = in.address();
  server.path.over = in.choice(Scheme::Https);
  server.measured = readBool(in);
  server.srtt = readMicroseconds(in);
  server.rttvar = readMicroseconds(in);
  server.timeouts = in.fixed<std::uint32_t>();
  server.edns = in.choice(EdnsStatus::Broken);
  for (auto* ago : {&server.heard, &server.ednsKnown, &server.caseLost, &server.spoofing, &server.noCookies}) {
    *ago = readAgo(in);
  }
  server.down = readSpan(in);
  if (!server.path.address.valid()) {
    in.fail();
  }
}

void write(OctetWriter& out, const SavedLame& server) {
  out.address(server.address);
  out.name(server.zone);
  writeSpan(out, server.left);
}

void read(OctetReader& in, SavedLame& server) {
  server.address = in.address();
  server.zone = in.name();
  server.left = readSpan(in);
  if (!server.address.valid()) {
    in.fail();
  }
}

void write(OctetWriter& out, const SavedDotServer& server) {
  out.address(server.address);
  out.name(server.probe.zone);
  out.fixed(static_cast<std::uint8_t>(server.probe.configured));
  out.fixed(static_cast<std::uint8_t>(server.good));
  writeSpan(out, server.left);
}

void read(OctetReader& in, SavedDotServer& server) {
  server.address = in.address();
  server.probe.zone = in.name();
  server.probe.configured = readBool(in);
  server.good = readBool(in);
  server.left = readSpan(in);
  if (!server.address.valid()) {
    in.fail();
  }
}

} // namespace rec
