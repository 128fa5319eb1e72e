// Chain: an outcome being put together link by link along aliases (RFC 1034 3.6.2). Pure: says what to look up next.
#pragma once

#include <optional>
#include <vector>

#include "recursor/cache/recordcache.hh"
#include "recursor/resolve/lookup.hh"

namespace rec {

class Chain {
 public:
  Chain(const dns::Question& question, unsigned maxAliases);

  // The question whose lookup add() wants next.
  [[nodiscard]] const dns::Question& wanted() const { return d_wanted; }
  // Takes in the lookup of wanted(). True: the chain goes on with a new wanted().
  bool add(Lookup&& lookup);
  // The same for what is cached of it as it stands, without anything to be said besides: the records, an alias.
  void addRecords(CacheHit hit);
  bool addAlias(CacheHit hit, const dns::Name& target);
  // The loop or limit that ended the chain, empty if none did.
  [[nodiscard]] const std::string& broken() const { return d_broken; }
  [[nodiscard]] bool tooLong() const { return d_tooLong; } // max-cnames-followed
  [[nodiscard]] Outcome&& take() { return std::move(d_outcome); }

 private:
  void weigh(AnswerKind source, Security security, bool authoritative);
  void addLink(AgedRRset set);
  bool follow(const dns::Name& target);
  void finish(Lookup&& lookup);

  dns::Question d_wanted;
  unsigned d_left;
  unsigned d_max;
  bool d_tooLong = false;
  std::vector<dns::Name> d_passed; // the names before d_wanted's
  std::string d_broken;
  Outcome d_outcome;
};

} // namespace rec
