// Verdict: what a server's answer means for the question it was asked as a server of `zone`. Pure: reads a message,
// keeps only what that server may speak about (bailiwick), and names one of the outcomes of RFC 1034 5.3.3 step 4.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "lib/dns/message.hh"
#include "recursor/cache/delegations.hh"
#include "recursor/cache/negcache.hh"
#include "recursor/cache/subnetscope.hh"
#include "recursor/upstream/exchange.hh"

namespace rec {

enum class VerdictKind : std::uint8_t {
  Records,    // the records asked for
  Alias,      // a CNAME at the name, or a DNAME above it
  Referral,   // a delegation closer to the name
  NoData,     // the name exists, the type does not (RFC 2308 2.2)
  NxDomain,   // the name does not exist (RFC 2308 2.1)
  Lame,       // this server does not serve the zone
  ServerError // an rcode that says nothing about the name
};

// Who said it, when a server did so just now.
struct AnswerSource {
  std::optional<base::Address> server;
  bool withoutEdns = false; // asked without EDNS, after silence: no signatures could come
};

struct Verdict {
  VerdictKind kind = VerdictKind::ServerError;
  std::vector<dns::RRset> records; // Records: the sets (several for ANY); Alias: the DNAME, if any, and the CNAME
  dns::Name target;                // Alias: where to go on
  bool targetTooLong = false;      // Alias: DNAME substitution overflows (YXDOMAIN, RFC 6672 2.2)
  Delegation referral;             // Referral (and the answer to priming): without expiry; `ttl` has it
  std::uint32_t ttl = 0;           // Referral: of the NS set and glue, the lowest
  DelegationPtr entered;           // Referral: as it was cached, when somebody has done so already
  Negative negative;               // NoData, NxDomain
  std::vector<dns::RRset> proofs;  // Records, Alias made from a wildcard: NSEC and NSEC3 sets that came along
  std::vector<dns::RRset> chain;   // from a forwarder: what else it answered, the rest of an alias chain
  dns::RRset childNs;              // the zone's own NS set, seen in an authoritative answer
  bool onlyRecursive = false;      // Lame: but a recursive server (RA without AA) that has an answer, better than none
  std::string why;                 // Lame, ServerError: a few words
  bool authoritative = false;      // AA
  bool tooManyServers = false;     // Referral: some were left out (max-ns-per-resolve)
  bool tooManyRecords = false;     // ServerError: a set was larger than max-rrset-size
  AnswerSource from;               // set by the asker, as the following:
  SubnetEcho echo = SubnetEcho::NotSent;
  std::optional<SubnetScope> scope; // for these clients only
  bool untold =
      false; // the server would be told a client's network, but was asked for nobody's: not an answer to clients
  std::shared_ptr<const dns::Name> reportTo; // the agent that wants to hear of errors (RFC 9567); mostly null
};

// A verdict on its way up: it is large, and several walks may share one.
using VerdictPtr = std::shared_ptr<Verdict>;

struct VerdictOptions {
  bool fromForwarder = false;      // a recursive server was asked: no AA needed, RA expected
  std::size_t maxNameservers = 13; // max-ns-per-resolve: more are left out of a referral
  std::size_t maxGluePerServer = 6;
  std::size_t maxRecords = 256;    // max-rrset-size: larger sets count as malformed
  std::uint32_t soaMinimumTtl = 0; // soa-minimum-ttl: less in a SOA counts as this
};

[[nodiscard]] Verdict judge(const dns::Message& message, const dns::Question& asked, const dns::Name& zone,
                            const VerdictOptions& options);

} // namespace rec
