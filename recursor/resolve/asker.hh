// Asker: asks the servers of one zone one question until one of them gives an answer that is of use: chooses among
// known addresses, hedges a late server with a second one, looks up missing addresses, and gives up within the work
// limits.
#pragma once

#include <vector>

#include "lib/coro/race.hh"
#include "lib/coro/task.hh"
#include "recursor/resolve/addresses.hh"
#include "recursor/resolve/parts.hh"
#include "recursor/resolve/verdict.hh"
#include "recursor/resolve/walk.hh"

namespace rec {

struct Asking {
  DelegationPtr zone;
  dns::Question question;
  bool onlyKnown = false;              // ask addresses that are known, look up none
  std::vector<base::Address> without;  // failed already
  bool recurse = false;                // the zone's servers are recursive ones (forward-zones-recurse)
  std::optional<base::Netmask> subnet; // the client's, for servers that may know
};

class Asker {
 public:
  Asker(ResolveParts& parts, Addresses& addresses) : d_parts(parts), d_addresses(addresses) {}

  // Never Lame; ServerError when no server was of use (the walk's failures say why).
  coro::Task<VerdictPtr> ask(Asking asking, Walk& walk);
  // Whether some address of the zone's servers is known without a look-up.
  [[nodiscard]] std::vector<base::Address> knownAddressesOf(const Delegation& zone) const;
  [[nodiscard]] bool knowsAddressOf(const Delegation& zone) const;

 private:
  struct Round; // which addresses there are and which were tried
  using Replies = coro::Race<ReplyPtr>;

  [[nodiscard]] ZoneFetches::Entry enter(const Delegation& zone, Walk& walk) const;
  void gather(Round& round) const;
  void explore(Round& round) const;
  void queueMissing(Round& round, const dns::Name& server) const;
  void queueLastResort(Round& round) const;
  void openNextSource(Round& round) const;
  void queueAuthoritative(Round& round, const dns::Name& server) const;
  void keepRecursiveAnswer(const ServerReply& reply, Round& round) const;
  [[nodiscard]] static bool isRefused(const Round& round, const base::Address& server, Walk& walk);
  coro::Task<bool> learnAddresses(Round& round, Walk& walk);
  [[nodiscard]] bool retrySilent(Round& round) const;
  coro::Task<ReplyPtr> hedged(Round& round, ServerChoice choice, Walk& walk);
  [[nodiscard]] bool startSecond(Round& round, const ServerChoice& first, Walk& walk, Replies& replies,
                                 base::MonoTime& late);
  coro::Task<ReplyPtr> exchangeWith(const ServerChoice& choice, StepKind kind, const Round& round, Walk& walk,
                                    base::MonoTime& late) const;
  [[nodiscard]] bool isOfUse(const ServerReply& reply, const Round& round) const;
  [[nodiscard]] ServerQuestion questionTo(const Round& round, const ServerChoice& choice, const Walk& walk) const;
  [[nodiscard]] bool mayThrottle(const Round& round, const base::Address& server) const;
  void add(Round& round, const dns::Name& server, const std::vector<base::Address>& addresses) const;
  [[nodiscard]] Encryption encryptionFor(const Round& round, const base::Address& server) const;
  void encrypt(ServerQuestion& question, const Round& round, const ServerChoice& choice, const Walk& walk) const;
  [[nodiscard]] Exchange& exchangeFor(const ServerQuestion& question) const;
  [[nodiscard]] std::optional<ServerChoice> choose(const Round& round) const;
  void countLimits(const Verdict& verdict) const;
  void noteAsking(StepKind kind, const ServerQuestion& question, const Round& round, const Walk& walk) const;
  void noteTlsTrouble(const ServerReply& reply, const Round& round, const Walk& walk) const;
  [[nodiscard]] bool isListed(const Round& round, const base::Address& server) const;
  VerdictPtr examine(const ServerReply& reply, Round& round, Walk& walk);
  VerdictPtr noAnswer(const ServerReply& reply, Round& round, Walk& walk);
  [[nodiscard]] VerdictOptions verdictOptions(const Round& round) const;

  ResolveParts& d_parts;
  Addresses& d_addresses;
};

} // namespace rec
