// Additionals: records that come along with an answer, so that the client need not ask for them: addresses of mail
// servers and the like (addAllowedAdditionalQType). From the caches, or asked for, as the rule of the answer's type
// says. One per pipeline; what is added was validated as the client's answer is, and what cannot be had is left out.
#pragma once

#include <vector>

#include "lib/coro/loop.hh"
#include "lib/coro/root.hh"
#include "recursor/config/answerrules.hh"
#include "recursor/resolve/resolver.hh"

namespace rec {

class Additionals {
 public:
  Additionals(Resolver& resolver, coro::Loop& loop, coro::Roots& roots)
      : d_resolver(resolver), d_loop(loop), d_roots(roots) {}
  void setRules(AnswerRulesPtr rules) { d_rules = std::move(rules); }

  // Whether something may come along with answers of this type.
  [[nodiscard]] bool wants(dns::RRType type) const { return d_rules && d_rules->additionals.contains(type); }
  // `outcome` answers `request`: what the caches have is added. False: something is to be asked for first. What is to
  // be asked for later is, and the answer is not for the packet cache then.
  [[nodiscard]] bool addKnown(const Request& request, Outcome& outcome);
  // The same, after asking for what is missing.
  coro::Task<Outcome> complete(Request request, Outcome outcome);

 private:
  struct Wish {
    dns::Question question;
    AdditionalMode mode = AdditionalMode::Ignore;
  };
  [[nodiscard]] std::vector<Wish> wishesFor(const std::vector<AgedRRset>& sets) const;
  [[nodiscard]] std::vector<Wish> takeKnown(const Request& request, Outcome& outcome);
  void resolveLater(Request request);
  coro::Task<void> resolveOne(Request request);

  Resolver& d_resolver;
  coro::Loop& d_loop;
  coro::Roots& d_roots;
  AnswerRulesPtr d_rules;  // null: none
  std::size_t d_later = 0; // being resolved for later answers
};

} // namespace rec
