// RFC 9156 2.3: one label at a time first, then several, at most maxCount minimised questions for one name.
#include "recursor/resolve/qmin.hh"

#include <algorithm>

namespace rec {

Minimiser::Minimiser(const dns::Question& question, const MinimiseOptions& options)
    : d_question(question), d_options(options), d_enabled(options.enabled) {}

dns::Question Minimiser::next(const dns::Name& zone) {
  const std::size_t full = d_question.name.labelCount();
  const std::size_t known = std::max(zone.labelCount(), d_lastLabels);
  // A DS question is for the parent side: the name itself is never a cut to look for first.
  if (!d_enabled || known + 1 >= full || d_steps >= d_options.maxCount) {
    return d_question;
  }
  std::size_t step = 1;
  if (d_steps >= d_options.oneLabel) {
    const std::size_t stepsLeft = std::max<std::size_t>(1, d_options.maxCount - d_steps);
    step = std::max<std::size_t>(1, (full - known) / stepsLeft);
  }
  ++d_steps;
  d_shownAfter = d_lastLabels;
  d_lastLabels = std::min(known + step, full);
  if (d_lastLabels == full) {
    return d_question;
  }
  return dns::Question{d_question.name.suffix(d_lastLabels), d_askNs ? dns::RRType::NS : dns::RRType::A,
                       d_question.rrclass};
}

bool Minimiser::askForNs() {
  if (d_askNs || d_lastLabels == 0) {
    return false;
  }
  d_askNs = true;
  --d_steps;
  d_lastLabels = d_shownAfter;
  return true;
}

bool Minimiser::isFull(const dns::Question& shown) const {
  return shown.name.labelCount() == d_question.name.labelCount() && shown.type == d_question.type;
}

} // namespace rec
