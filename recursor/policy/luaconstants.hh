// The numbers that scripts know kinds of policies, their types and states of validation by: PowerDNS's.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "lib/dns/edns.hh"
#include "recursor/policy/verdict.hh"
#include "recursor/resolve/resolver.hh"

namespace rec {

[[nodiscard]] int luaKindOf(PolicyAction action);
[[nodiscard]] std::optional<PolicyAction> luaActionOf(std::int64_t kind);
[[nodiscard]] int luaTypeOf(PolicyTrigger trigger);
[[nodiscard]] std::optional<PolicyTrigger> luaTriggerOf(std::int64_t type);
// dq.validationState, where all that is bogus is one, and dq.detailedValidationState, where the extended errors tell
// why.
[[nodiscard]] int luaValidation(Security security);
[[nodiscard]] int luaDetailedValidation(Security security, const std::vector<dns::ExtendedError>& errors);
[[nodiscard]] bool luaIsBogus(std::int64_t state);

} // namespace rec
