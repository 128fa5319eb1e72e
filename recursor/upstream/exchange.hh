// Exchange: one question to one server and its answer, whatever it takes on the wire: EDNS and its fallback, 0x20,
// cookies, a fresh port and id for every packet, TC to TCP, spoof defence. Called by the iterator and the forwarder;
// never decides which server to ask and never looks at what the answer means.
#pragma once

#include <chrono>
#include <memory>
#include <string>
#include <vector>

#include "lib/base/address.hh"
#include "lib/coro/task.hh"
#include "lib/dns/message.hh"
#include "recursor/config/endpoint.hh"
#include "recursor/upstream/work.hh"

namespace rec {

// How an authoritative server is asked: see DotExchange.
enum class Encryption : std::uint8_t {
  None,      // as `endpoint` says
  Probe,     // so, too; and then it is found out whether it speaks DNS over TLS
  Preferred, // over TLS, and without when that fails
  Required   // over TLS or not at all
};

struct ServerQuestion {
  base::Address server;
  // The upstream that `server` is an address of: its transport is used and no other, and its certificate checked. Null:
  // UDP, and TCP for what does not fit.
  std::shared_ptr<const Endpoint> endpoint;
  Encryption encryption = Encryption::None;
  std::chrono::milliseconds inClear{0};  // Preferred: of the time until `deadline` so much is for asking without TLS
  std::shared_ptr<const dns::Name> zone; // Probe: whose SOA is asked for
  dns::Question question;
  bool recursionDesired = false;
  bool checkingDisabled = false;
  bool dnssecOk = true;
  std::vector<std::byte> keyTags;      // content of an edns-key-tag option; empty: none
  std::optional<base::Netmask> subnet; // of the client, for an EDNS Client Subnet option (RFC 7871)
  bool forceTcp = false;
  bool configured = false; // a forwarder named by the operator: dont-query is not for it
  bool mayThrottle = true; // its silence counts towards server-down-max-fails (dont-throttle-names)
  // Of the first attempt. A server that answered with something that makes asking it again necessary (TC, BADCOOKIE,
  // FORMERR to EDNS ...) is alive: each further attempt has network-timeout, and Work's deadline ends them all.
  base::MonoTime deadline;
};

enum class ExchangeStatus : std::uint8_t {
  Answered,    // `message` is a well-formed answer to this very question (any rcode)
  TimedOut,    // no acceptable answer before the deadline
  Unreachable, // the network said no: ICMP, no route, TCP refused or reset
  Malformed,   // only answers that cannot be parsed came
  OverLimit,   // the work limits forbade to ask
  NotAllowed   // dont-query, or no local address of that family
};

// What became of the client's network in the question that was answered.
enum class SubnetEcho : std::uint8_t {
  NotSent, // there was none, or the server does no EDNS
  Echoed,  // `message` has the option with what was sent, and a scope: the only case in which it means anything
  Missing, // the answer does without: it is for everybody
  Dropped, // it was not believed, or refused, with the network and is one to the question without: for everybody
  Withheld // this once, after silence or SERVFAIL; what the server says to other networks is not known
};

struct ServerReply {
  ExchangeStatus status = ExchangeStatus::TimedOut;
  base::Address server;
  dns::Message message;
  bool overTcp = false;     // or over something on top of it
  bool withoutEdns = false; // the question that was answered had no OPT
  bool told = false;        // the last question sent had the client's network
  bool ownFault = false;    // Unreachable: this machine could not send
  SubnetEcho subnet = SubnetEcho::NotSent;
  std::chrono::microseconds rtt{0};
  std::string detail;     // how it failed, in a few words: "timed out after 1500 ms", "connection refused"
  std::string tlsTrouble; // why it was asked without TLS (Encryption::Preferred)
};

// On its way up: it is large.
using ReplyPtr = std::unique_ptr<ServerReply>;

class Exchange {
 public:
  virtual ~Exchange() = default;
  // Never null. Reports round-trip times, timeouts and abilities to NsSpeeds by itself. `work` must outlive the task.
  virtual coro::Task<ReplyPtr> ask(ServerQuestion question, Work& work) = 0;
};

} // namespace rec
