// Query: one question of a client on its way through the pipeline, and Client: where it came from and where the answer
// goes. Made by the pipeline at a packet cache miss; may travel to another worker once, never lives on two at a time.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <set>
#include <string>

#include "lib/base/address.hh"
#include "lib/base/clock.hh"
#include "lib/dns/edns.hh"
#include "lib/dns/wirewriter.hh"
#include "lib/net/proxyheader.hh"
#include "recursor/limits/waitingslot.hh"
#include "recursor/policy/verdict.hh"
#include "recursor/resolve/resolver.hh"

namespace rec {

struct LuaQuestion;

struct Client {
  base::Address source;
  base::Address local;          // the address that was asked, where a socket listens on a wildcard; else none
  std::uint64_t connection = 0; // TCP: which one of `worker`'s
  std::uint32_t worker = 0;     // where the question came in
  std::uint16_t listener = 0;   // UDP: which socket; every worker has the same ones in the same order
  bool tcp = false;
  net::ProxyHopPtr proxy; // who named `source` and `local`, and gets the answer; null: they are the packet's own
};

// What becomes of a question's answer.
enum class Errand : std::uint8_t {
  Answer,  // it goes to the client
  Renew,   // nobody waits: it replaces the one in the packet cache of `client.worker`, which is about to expire
  Renewed, // the same, on its way back
  Landed,  // resolved at its home: the stages after resolving are run where it came in, with its script
  Warm     // nobody asked: it is to be in the shared caches always
};

// A CNAME that a policy or a script answers with: what its target resolves to is put behind it.
struct FollowedAlias {
  Outcome begun; // the CNAME, and what else is to be said
  dns::Question question;
};

struct Query {
  Client client;
  Errand errand = Errand::Answer;
  bool validated = false; // Renew: what is replaced was validated, and so is what replaces it
  bool failed = false;    // Renewed: there is nothing new
  bool missed = false;    // the caches had nothing of it a moment ago, on this worker: see Request
  dns::Header header;
  dns::Question question;
  std::optional<dns::Edns> edns;
  base::MonoTime received;
  base::MonoTime deadline; // the client has an answer by then
  Outcome outcome;
  std::chrono::nanoseconds waited{0}; // for servers
  std::chrono::nanoseconds took{0};   // from `received` until the answer was sent
  WaitingSlot waitingSlot;            // its place within the limits on its client
  bool truncate = false;              // the answer is TC and nothing else: ask again over TCP
  bool isSorted = false;              // its addresses stand in the order that this client is to have

  // Seconds that the answer stands, when it has no record that says so.
  std::optional<std::uint32_t> keepFor;

  std::shared_ptr<const PolicyVerdict> policy; // what decided, NoAction included; null: nothing so far
  std::optional<FollowedAlias> followed;
  std::set<std::string> policyTags, discardedPolicies;
  bool isUnlisted = false;       // policies have been asked about the name when it came in, and say nothing
  std::uint64_t policyEpoch = 0; // of the policies that the question was judged by; 0: there were none
  bool variable = false;         // other clients, or the same one later, may get another answer: not to be kept

  std::shared_ptr<LuaQuestion> lua; // what scripts know and say of it; null without a script
  bool wantsPolicy = true;          // dq.wantsRPZ
  bool anyServer = false;           // what policies say of name servers does not count any more

  // What has to be resolved for it.
  [[nodiscard]] const dns::Question& wanted() const { return followed ? followed->question : question; }
  [[nodiscard]] bool dnssecOk() const { return edns && edns->dnssecOk; }
};

using QueryPtr = std::shared_ptr<Query>;

// Nothing that a zone can have: 0, OPT, and the range of QTYPEs and meta types (RFC 6895 3.1).
[[nodiscard]] inline bool isNoData(dns::RRType type) {
  const auto number = static_cast<unsigned>(type);
  return number == 0 || type == dns::RRType::OPT || (number >= 128 && number <= 254);
}

} // namespace rec
