// From NS sets and additional records to delegations, within bailiwick and bounds.
#include "recursor/resolve/referral.hh"

#include <algorithm>

#include "lib/base/random.hh"
#include "lib/dns/rdata.hh"

namespace rec {
namespace {

constexpr std::uint16_t kDnsPort = 53;
constexpr std::size_t kMaxProofs = 8; // NSEC or NSEC3 sets of a referral; three are enough

bool isAddressType(dns::RRType type) { return type == dns::RRType::A || type == dns::RRType::AAAA; }

void addGlue(NameServer& server, std::span<const dns::RRset> additional, std::size_t limit) {
  for (const dns::RRset& rrset : additional) {
    if (!isAddressType(rrset.type()) || rrset.rrclass() != dns::RRClass::IN || !rrset.ownerIs(server.name)) {
      continue;
    }
    for (const dns::Rdata rdata : rrset.rdatas()) {
      const auto address = dns::readAddress(rrset.type(), rdata, kDnsPort);
      const bool isNew = address && std::find(server.glue.begin(), server.glue.end(), *address) == server.glue.end();
      if (isNew && server.glue.size() < limit) {
        server.glue.push_back(*address);
      }
    }
  }
}

std::uint32_t lowestTtl(const dns::RRset& ns, const std::vector<NameServer>& servers,
                        std::span<const dns::RRset> additional) {
  std::uint32_t ttl = ns.ttl();
  for (const dns::RRset& rrset : additional) {
    const bool used =
        isAddressType(rrset.type()) && std::any_of(servers.begin(), servers.end(), [&](const NameServer& server) {
          return !server.glue.empty() && rrset.ownerIs(server.name);
        });
    ttl = used ? std::min(ttl, rrset.ttl()) : ttl;
  }
  return ttl;
}

// The DS set of the cut, or what denies it.
std::vector<dns::RRset> securityOf(const dns::Message& message, const dns::Name& cut, const dns::Name& zone) {
  std::vector<dns::RRset> found;
  for (const dns::RRset& rrset : message.authority) {
    const bool isDs = rrset.type() == dns::RRType::DS && rrset.ownerIs(cut);
    const bool denies = (rrset.type() == dns::RRType::NSEC || rrset.type() == dns::RRType::NSEC3) &&
                        rrset.owner().isWithin(zone) && found.size() < kMaxProofs;
    if (rrset.rrclass() == dns::RRClass::IN && (isDs || denies)) {
      found.push_back(rrset);
    }
  }
  return found;
}

} // namespace

std::vector<NameServer> serversOf(const dns::RRset& ns, std::span<const dns::RRset> additional,
                                  const dns::Name& bailiwick, const VerdictOptions& options) {
  std::vector<NameServer> servers;
  servers.reserve(std::min(ns.count(), options.maxNameservers));
  // Of too many, a random run: an attacker does not choose which.
  std::size_t skip = ns.count() > options.maxNameservers
                         ? base::randomBelow(static_cast<std::uint32_t>(ns.count() - options.maxNameservers + 1))
                         : 0;
  for (const dns::Rdata rdata : ns.rdatas()) {
    if (skip > 0) {
      --skip;
      continue;
    }
    if (servers.size() == options.maxNameservers) {
      break;
    }
    if (const auto name = dns::readNameRdata(rdata)) {
      servers.push_back(NameServer{*name, {}});
      if (name->isWithin(bailiwick)) {
        addGlue(servers.back(), additional, options.maxGluePerServer);
      }
    }
  }
  return servers;
}

Verdict makeReferral(const dns::Message& message, const dns::RRset& ns, const dns::Name& zone,
                     const VerdictOptions& options) {
  Verdict verdict;
  verdict.kind = VerdictKind::Referral;
  verdict.referral.zone = ns.owner();
  verdict.tooManyServers = ns.count() > options.maxNameservers;
  verdict.referral.parent = zone;
  verdict.referral.security = securityOf(message, verdict.referral.zone, zone);
  verdict.referral.servers = serversOf(ns, message.additional, zone, options);
  verdict.ttl = lowestTtl(ns, verdict.referral.servers, message.additional);
  return verdict;
}

} // namespace rec
