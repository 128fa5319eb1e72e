// Walk: what one resolution carries along while it goes from server to server: its work account (shared with the
// address look-ups it causes), its trace, how deep it is nested, and which servers failed it and how.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "lib/base/netmask.hh"
#include "lib/dns/edns.hh"
#include "lib/dns/message.hh"
#include "recursor/resolve/serverjudge.hh"
#include "recursor/resolve/trace.hh"
#include "recursor/upstream/work.hh"

namespace rec {

struct AddressFlight;
struct Explanation;
struct ServerReply;
struct Verdict;
enum class ExchangeStatus : std::uint8_t;

enum class FailureKind : std::uint8_t { Silent, Refusing, Lame, Malformed, Network, NoAddress };
[[nodiscard]] FailureKind failureKind(ExchangeStatus status); // of an exchange without an answer

struct ServerFailure {
  FailureKind kind;
  dns::Name zone;
  std::string who;  // address, or the name of a name server that has none
  std::string what; // "timed out after 800 ms", "REFUSED", "refers upwards to ."
  friend bool operator==(const ServerFailure&, const ServerFailure&) = default;
};

struct Walk {
  std::shared_ptr<Work> work;
  std::shared_ptr<Trace> trace;       // null unless traced
  Explanation* explanation = nullptr; // null unless the walk is explained
  unsigned depth = 0;
  std::uint64_t epoch = 0;             // of ZoneTrusts, when a conclusion about keys began
  AddressFlight* flight = nullptr;     // the address look-up this walk serves; null for a client's question
  bool dnssecOk = true;                // ask servers for signatures
  bool acceptBogus = true;             // cached data that failed validation will do: who asks checks for himself
  std::optional<base::Netmask> subnet; // see Request; nothing in whatever is asked on the way to the answer
  unsigned renew = 0;                  // see Request: what is about to expire is asked for, and replaced
  bool fresh = false;                  // the caches have been found wanting: ask
  bool missed = false;                 // see Request; of the first look-up only
  bool askedAgain = false;             // the same server, once, because it had been asked without EDNS
  std::vector<base::Address> without;  // servers whose answer to this walk's question was bad
  // A look-up was refused because of limits that others may have used up, or because it would have waited for itself:
  // a failure that follows says nothing of the name.
  bool limited = false, circular = false;
  bool crowded = false; // a zone had as many questions under way as it may have: likewise, even the first one's
  // Servers that were told `subnet` and have said nothing of use, to nobody in particular either.
  std::vector<base::Address> toldInVain;
  bool unheard = false; // no upstream has said anything: the failure may be over any moment
  Judging judging;      // of the servers, for the client's question
  std::vector<ServerFailure> failures;
  std::vector<dns::ExtendedError> errors; // further reasons: limits, loops

  void note(Step step) const;
  // What a server said; referrals are noted by whoever follows them.
  void noteAnswer(const Verdict& verdict, const dns::Question& question, base::MonoTime now) const;
  void fail(FailureKind kind, const dns::Name& zone, std::string who, std::string what);
  // The server is asked for the client's network; or has failed, when it was last asked for nobody's.
  void tell(const base::Address& server);
  void untell(const ServerReply& reply);
  void takeFailures(const std::vector<ServerFailure>& others);
  void failWith(dns::EdeCode code, std::string text);
  // The extended errors of a SERVFAIL: why, and which servers failed how (RFC 8914; texts bounded).
  [[nodiscard]] std::vector<dns::ExtendedError> explain() const;
};

} // namespace rec
