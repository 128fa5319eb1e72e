// Local data first, as for questions.
#include "recursor/resolve/operatorzones.hh"

namespace rec {

bool isOperators(const dns::Name& name, const ForwardRules& forwards, const LocalZones& local) {
  const dns::Question question{name, dns::RRType::A, dns::RRClass::IN};
  const auto here = local.answer(question, false);
  if (here && !here->cut) {
    return true;
  }
  const ForwardRule* rule = forwards.find(question);
  return rule != nullptr && !rule->zone.isRoot();
}

} // namespace rec
