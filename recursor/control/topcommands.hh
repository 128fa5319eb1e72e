// rec_control top-*: the busiest names, clients and servers, in PowerDNS's words.
#pragma once

#include "recursor/control/commands.hh"
#include "recursor/stats/toplist.hh"

namespace rec {

// "Over last N entries:", then a line for each of the 20 most: its share and what it is; and the rest.
[[nodiscard]] std::string topText(const TopList& list);

template <TopKind Kind> Reply top(CommandCall& call) {
  constexpr std::size_t kMost = 20;
  return success(topText(call.target.top(Kind, kMost)));
}

} // namespace rec
