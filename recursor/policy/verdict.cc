// The words for what a policy decides.
#include "recursor/policy/verdict.hh"

namespace rec {

std::string_view text(PolicyAction action) {
  switch (action) {
  case PolicyAction::None: return "none";
  case PolicyAction::NoAction: return "passthru";
  case PolicyAction::Drop: return "drop";
  case PolicyAction::NXDomain: return "NXDOMAIN";
  case PolicyAction::NoData: return "NODATA";
  case PolicyAction::Truncate: return "truncate";
  case PolicyAction::Custom: return "custom";
  case PolicyAction::Refused: return "REFUSED";
  }
  return "";
}

std::string_view text(PolicyTrigger trigger) {
  switch (trigger) {
  case PolicyTrigger::None: return "none";
  case PolicyTrigger::ClientIp: return "ClientIP";
  case PolicyTrigger::QName: return "QName";
  case PolicyTrigger::NsDName: return "NSDName";
  case PolicyTrigger::NsIp: return "NSIP";
  case PolicyTrigger::ResponseIp: return "ResponseIP";
  }
  return "";
}

} // namespace rec
