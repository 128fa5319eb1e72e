// BlockListOptions: what the operator says of a block list. Made of the settings and of the options of blockList() in
// lua-config-file.
#pragma once

#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "lib/base/netmask.hh"
#include "recursor/config/listdeclaration.hh"
#include "recursor/config/settings.hh"
#include "recursor/policy/listline.hh"
#include "recursor/policy/schedule.hh"
#include "recursor/policy/verdict.hh"

namespace rec {

// What becomes of names that a list blocks.
struct ListAction {
  PolicyAction action = PolicyAction::NXDomain; // NoAction: it is an allow list
  std::vector<dns::RRset> custom;
  std::string text; // as written
};
// "nxdomain", "nodata", "refused", "drop", "truncate", "zero", "passthru", or addresses.
base::Result<ListAction> parseListAction(const std::vector<std::string>& words, std::uint32_t ttl);

struct BlockListOptions {
  std::string name, path;
  ListFormat format = ListFormat::Auto;
  ListAction action;
  std::uint32_t priority = 100; // lists of a lower number go first; among those of one number what is allowed wins
  std::uint32_t ttl = 60;
  std::set<std::string> tags;                // for the questions that it decides
  std::set<std::string> forTags;             // it concerns questions with one of these tags only; empty: all
  std::optional<base::NetmaskGroup> clients; // it concerns these clients only
  Schedule schedule;
  bool shadow = false;
  std::optional<dns::ExtendedError> error;

  // Whether another client, or another time, may see the list otherwise.
  [[nodiscard]] bool isConditional() const { return clients || !forTags.empty() || !schedule.always(); }
};

// With what the settings say of all lists.
base::Result<BlockListOptions> defaultListOptions(const Settings& settings, const std::string& path);
// The error names the option.
base::Result<BlockListOptions> listOptions(const Settings& settings, const ListDeclaration& declaration);

} // namespace rec
