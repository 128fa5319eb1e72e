// Checks of the way to name servers: what arrives there and comes back. Judged over all root servers together: that one
// of them is away is no fault of this machine's.
#include <algorithm>
#include <functional>

#include "recursor/doctor/checks.hh"

namespace rec {
namespace {

constexpr std::size_t kShort = 512;         // octets that fit without EDNS (RFC 1035 4.2.1)
constexpr std::size_t kUnfragmented = 1232; // octets of an answer that fits into any packet (RFC 9715 3)

using Condition = std::function<bool(const ProbedServer&)>;

std::size_t countOf(const PathReport& paths, const Condition& condition) {
  return static_cast<std::size_t>(std::ranges::count_if(paths.servers, condition));
}

bool arrived(const ProbedServer& path, Probe probe) { return path.of(probe).arrived; }

std::string ofThem(std::size_t some, std::size_t all, const char* what) {
  return std::to_string(some) + " of " + std::to_string(all) + " " + what;
}

const std::vector<std::string> kOpenPort53{"nft add rule inet filter output meta l4proto { tcp, udp } th dport 53 "
                                           "accept    # or what your firewall is made with",
                                           "dig +norecurse @198.41.0.4 . SOA    # again, from this machine"};

// What cannot be judged, and why.
std::optional<DoctorFinding> unjudged(const Examined& examined) {
  if (examined.paths == nullptr) {
    return unknown("nobody was asked (--offline)");
  }
  if (examined.paths->forwardsAll) {
    return fine("everything is forwarded: see rec_control get-upstreams");
  }
  if (countOf(*examined.paths, &ProbedServer::answersAny) == 0) {
    return unknown("no root server answers at all");
  }
  return std::nullopt;
}

// Of the servers that `known` something of: whether most fail to do it.
struct Share {
  std::size_t known = 0, failed = 0;
  [[nodiscard]] bool most() const { return known > 0 && 2 * failed > known; }
};

Share shareOf(const PathReport& paths, Probe known, Probe tried) {
  Share share;
  for (const ProbedServer& path : paths.servers) {
    if (!arrived(path, known)) continue;
    ++share.known;
    share.failed += arrived(path, tried) ? 0 : 1;
  }
  return share;
}

std::string list(const PathReport& paths, const Condition& condition) {
  std::string text;
  for (const ProbedServer& path : paths.servers) {
    if (condition(path)) text += (text.empty() ? "" : ", ") + path.server.text();
  }
  return text;
}

} // namespace

DoctorFinding checkRoots(const Examined& examined) {
  if (const auto finding = unjudged(examined); finding && (examined.paths == nullptr || examined.paths->forwardsAll)) {
    return *finding;
  }
  const PathReport& paths = *examined.paths;
  const std::size_t answering = countOf(paths, &ProbedServer::answersAny);
  const std::string text = ofThem(answering, paths.servers.size(), "root server addresses answer");
  if (answering == 0) {
    return fault("no root server answers", kOpenPort53);
  }
  const auto silent = [](const ProbedServer& path) { return path.routed && !path.answersAny(); };
  const auto silentV4 = [&](const ProbedServer& path) { return path.server.isV4() && silent(path); };
  if (countOf(paths, silentV4) == 0) {
    return fine(text);
  }
  return advice(text + "; silent: " + list(paths, silentV4), {"dig +norecurse @" + list(paths, silentV4) + " . SOA"});
}

DoctorFinding checkIpv6(const Examined& examined) {
  const auto& own = examined.settings.queryLocalAddress;
  if (std::ranges::none_of(own, &base::Address::isV6)) {
    return fine("query-local-address has no IPv6: no server is asked over it");
  }
  if (const auto finding = unjudged(examined)) {
    return *finding;
  }
  const PathReport& paths = *examined.paths;
  const auto routed = [](const ProbedServer& path) { return path.server.isV6() && path.routed; };
  const auto answering = [](const ProbedServer& path) { return path.server.isV6() && path.answersAny(); };
  const std::size_t ways = countOf(paths, routed), answers = countOf(paths, answering);
  if (ways == 0) {
    return fine("this machine has no way to IPv6 servers, and asks none");
  }
  const std::string text = ofThem(answers, ways, "root servers answer over IPv6");
  if (2 * answers >= ways) {
    return fine(text);
  }
  return fault(text + ": there is a route, but packets get lost on it",
               {"query-local-address=0.0.0.0    # in recursor.conf, until it works",
                "traceroute -6 -U -p 53 2001:503:ba3e::2:30"});
}

DoctorFinding checkEdns(const Examined& examined) {
  if (const auto finding = unjudged(examined)) {
    return *finding;
  }
  const Share share = shareOf(*examined.paths, Probe::Plain, Probe::Edns);
  if (!share.most()) {
    return fine(ofThem(share.known - share.failed, share.known, "servers answer questions with EDNS"));
  }
  return fault(ofThem(share.failed, share.known, "servers answer without EDNS only: something on the way drops it"),
               {"# have the firewall's inspection of DNS switched off: without EDNS there is no DNSSEC (RFC 6891 7)",
                "dig +norecurse +edns=0 @198.41.0.4 . SOA"});
}

// An answer that came and is short after all, or cut off by its server, says nothing.
DoctorFinding checkLargeUdp(const Examined& examined) {
  if (const auto finding = unjudged(examined)) {
    return *finding;
  }
  Share share;
  for (const ProbedServer& path : examined.paths->servers) {
    const ProbeAnswer& answer = path.of(Probe::Signed);
    const bool telling = arrived(path, Probe::Edns) && (!answer.arrived || answer.size > kShort);
    share.known += telling ? 1 : 0;
    share.failed += telling && !answer.arrived ? 1 : 0;
  }
  if (share.known == 0) {
    return unknown("no server has sent an answer of more than 512 octets");
  }
  if (!share.most()) {
    return fine(ofThem(share.known - share.failed, share.known, "servers' answers of more than 512 octets arrive"));
  }
  return fault(
      ofThem(share.failed, share.known, "servers' answers of more than 512 octets get lost"),
      {"edns-outgoing-bufsize=512    # in recursor.conf, until the firewall lets longer UDP packets of port 53 in",
       "dig +norecurse +dnssec +bufsize=1232 @198.41.0.4 . NS"});
}

// Only an answer that is too long for a packet shows it; over TCP we see how long it is.
DoctorFinding checkFragments(const Examined& examined) {
  if (const auto finding = unjudged(examined)) {
    return *finding;
  }
  Share share;
  for (const ProbedServer& path : examined.paths->servers) {
    const bool lengthy = arrived(path, Probe::Tcp) && path.of(Probe::Tcp).size > kUnfragmented &&
                         !path.of(Probe::Large).truncated && arrived(path, Probe::Signed);
    share.known += lengthy ? 1 : 0;
    share.failed += lengthy && !arrived(path, Probe::Large) ? 1 : 0;
  }
  const bool asksForThem = examined.settings.ednsOutgoingBufsize > kUnfragmented;
  if (share.known == 0) {
    return asksForThem ? unknown("no answer was long enough to be in fragments")
                       : fine("no answer was long enough; edns-outgoing-bufsize keeps answers from being in fragments");
  }
  if (!share.most()) {
    return fine(ofThem(share.known - share.failed, share.known, "servers' answers of several fragments arrive"));
  }
  const std::string text = ofThem(share.failed, share.known, "servers' answers of several fragments get lost");
  if (asksForThem) {
    return fault(text + ", and edns-outgoing-bufsize asks for such",
                 {"edns-outgoing-bufsize=1232    # in recursor.conf"});
  }
  return advice(text + "; edns-outgoing-bufsize asks for none, and should stay so",
                {"nft list ruleset | grep -i frag    # who drops fragments: here, or a firewall on the way"});
}

DoctorFinding checkTcp(const Examined& examined) {
  if (const auto finding = unjudged(examined)) {
    return *finding;
  }
  const Share share = shareOf(*examined.paths, Probe::Edns, Probe::Tcp); // TCP is asked with EDNS, too
  if (share.known == 0) {
    return unknown("no server answers with EDNS");
  }
  if (!share.most()) {
    return fine(ofThem(share.known - share.failed, share.known, "servers answer over TCP"));
  }
  return fault(
      ofThem(share.failed, share.known, "servers answer over UDP only: long answers cannot be had (RFC 7766 5)"),
      kOpenPort53);
}

} // namespace rec
