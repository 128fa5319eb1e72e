// The report's name, built from the agent's domain to the left: see errorreport.hh.
#include "recursor/resolve/errorreport.hh"

#include <string>

namespace rec {
namespace {

constexpr std::string_view kMark = "_er";

bool isMark(std::string_view label) {
  return label.size() == kMark.size() && label[0] == '_' && (label[1] | 0x20) == 'e' && (label[2] | 0x20) == 'r';
}

} // namespace

std::optional<dns::Name> errorReportName(const dns::Name& qname, dns::RRType qtype, dns::EdeCode code,
                                         const dns::Name& agent) {
  const bool isReport = !qname.isRoot() && isMark(qname.label(0));
  if (agent.isRoot() || isReport || qname.isWithin(agent)) return std::nullopt;
  auto name = agent.withLabel(kMark);
  const auto prepend = [&name](std::string_view label) { name = name ? name->withLabel(label) : std::nullopt; };
  prepend(std::to_string(static_cast<unsigned>(code)));
  for (std::size_t at = qname.labelCount(); at > 0; --at) prepend(qname.label(at - 1));
  prepend(std::to_string(static_cast<unsigned>(qtype)));
  prepend(kMark);
  return name;
}

} // namespace rec
