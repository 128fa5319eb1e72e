// QNAME minimisation (RFC 9156): which name to show to the servers of a zone on the way to the full question. Pure.
#pragma once

#include <cstddef>

#include "lib/dns/message.hh"

namespace rec {

struct MinimiseOptions {
  bool enabled = true;       // qname-minimization
  std::size_t maxCount = 10; // qname-max-minimize-count (RFC 9156 2.3 MAX_MINIMISE_COUNT)
  std::size_t oneLabel = 4;  // qname-minimize-one-label (MINIMISE_ONE_LAB)
};

class Minimiser {
 public:
  Minimiser(const dns::Question& question, const MinimiseOptions& options);

  // The next question for servers of `zone`: a name longer than both the zone's and the last one shown. Type A hides
  // the type until the full name is asked (RFC 9156 2.1).
  [[nodiscard]] dns::Question next(const dns::Name& zone);
  // The servers cannot cope with minimised names: from now on the full question (RFC 9156 3).
  void giveUp() { d_enabled = false; }
  // They fail for the name shown last with type A: the same name once more with type NS, which all must know of a cut.
  // False when that was tried already.
  [[nodiscard]] bool askForNs();
  [[nodiscard]] bool isFull(const dns::Question& shown) const;

 private:
  dns::Question d_question;
  MinimiseOptions d_options;
  bool d_enabled;
  bool d_askNs = false;
  std::size_t d_steps = 0;      // minimised questions so far
  std::size_t d_shownAfter = 0; // labels of the one before it
  std::size_t d_lastLabels = 0; // labels of the last name shown
};

} // namespace rec
