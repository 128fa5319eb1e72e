// Outcome: what one that went wrong is, and what becomes of one that depends on several answers.
#include "recursor/resolve/resolver.hh"

#include <algorithm>
#include <utility>

namespace rec {
namespace {

int badness(Security security) {
  switch (security) {
  case Security::Bogus: return 3;
  case Security::Indeterminate: return 2;
  case Security::Insecure: return 1;
  case Security::Secure: break;
  }
  return 0;
}

} // namespace

Outcome Outcome::failure(dns::EdeCode code, std::string text) {
  Outcome outcome;
  outcome.cacheable = false;
  outcome.errors.push_back({code, std::move(text)});
  return outcome;
}

void Outcome::narrow(const std::optional<SubnetScope>& other) {
  if (!other) {
    return;
  }
  cacheable = false;
  if (!scope || other->network.bits > scope->network.bits) {
    const std::uint8_t told = scope ? scope->told : std::uint8_t{0};
    scope = other;
    scope->told = std::max(scope->told, told);
  } else {
    scope->told = std::max(scope->told, other->told);
    scope->exact = scope->exact || other->exact;
  }
}

Security leastSecure(Security a, Security b) { return badness(a) >= badness(b) ? a : b; }

} // namespace rec
