// A server that gave bad data is left out of the next round; what was asked without EDNS is asked again with it.
#include "recursor/resolve/anotherserver.hh"

namespace rec {

bool mayBeServersFault(const dnssec::Finding& finding) {
  return finding && finding.fault != dnssec::Fault::WorkLimit && dnssec::isBogus(finding.fault);
}

bool tryAnother(Walk& walk, const AnswerSource& from, const ResolveParts& parts) {
  if (walk.work->exhausted() || walk.work->effort.exceeded()) {
    return false;
  }
  if (from.withoutEdns && !walk.askedAgain) {
    walk.askedAgain = walk.fresh = true; // a lost packet had it asked without EDNS; it is alive
    return true;
  }
  if (walk.without.size() >= parts.options->validation.serverRetries) {
    return false;
  }
  if (!from.server && walk.fresh) {
    return false; // asked, and nobody new to ask
  }
  if (from.server) {
    walk.without.push_back(*from.server);
    parts.counters.add(Metric::DnssecServerRetries);
  }
  walk.fresh = true;
  return true;
}

} // namespace rec
