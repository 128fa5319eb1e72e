// The options of block lists: one row each in kOptions.
#include "recursor/policy/blocklistoptions.hh"

#include <algorithm>
#include <array>
#include <filesystem>

#include "lib/dns/rdata.hh"
#include "recursor/config/values.hh"

namespace rec {
namespace {

using base::Error;
using base::Result;
using Words = std::vector<std::string>;

constexpr std::uint32_t kLongestTtl = 86400;

struct NamedAction {
  std::string_view name;
  PolicyAction action;
};
constexpr std::array kActions{
    NamedAction{"nxdomain", PolicyAction::NXDomain}, NamedAction{"nodata", PolicyAction::NoData},
    NamedAction{"refused", PolicyAction::Refused},   NamedAction{"drop", PolicyAction::Drop},
    NamedAction{"truncate", PolicyAction::Truncate}, NamedAction{"passthru", PolicyAction::NoAction},
    NamedAction{"allow", PolicyAction::NoAction}};

struct NamedError {
  std::string_view name;
  dns::EdeCode code;
};
constexpr std::array kErrors{
    NamedError{"blocked", dns::EdeCode::Blocked}, NamedError{"censored", dns::EdeCode::Censored},
    NamedError{"filtered", dns::EdeCode::Filtered}, NamedError{"prohibited", dns::EdeCode::Prohibited}};

// "none" is no error.
Result<std::optional<dns::ExtendedError>> parseError(std::string_view word) {
  if (word == "none") {
    return std::optional<dns::ExtendedError>();
  }
  const auto* const row = std::ranges::find(kErrors, word, &NamedError::name);
  if (row == kErrors.end()) {
    return Error{"'" + std::string(word) + "': none, blocked, censored, filtered or prohibited is needed"};
  }
  return std::optional(dns::ExtendedError{row->code, {}});
}

Result<void> setName(BlockListOptions& list, const Words& words) {
  list.name = join(words, " ");
  return list.name.empty() ? Result<void>(Error{"it is empty"}) : Result<void>();
}

Result<void> setFormat(BlockListOptions& list, const Words& words) {
  const auto format = parseListFormat(words.front());
  if (!format) return Error{"'" + words.front() + "': auto, hosts, domains, wildcards, adblock or regex is needed"};
  list.format = *format;
  return {};
}

Result<void> setAction(BlockListOptions& list, const Words& words) {
  auto action = parseListAction(words, list.ttl);
  if (!action) return action.error();
  list.action = std::move(*action);
  return {};
}

Result<void> setPriority(BlockListOptions& list, const Words& words) {
  const auto number = parseNumber(words.front(), 0, 1000000);
  if (!number) return number.error();
  list.priority = static_cast<std::uint32_t>(*number);
  return {};
}

// Before the action, which has records of that TTL: see kOptions.
Result<void> setTtl(BlockListOptions& list, const Words& words) {
  const auto number = parseNumber(words.front(), 0, kLongestTtl);
  if (!number) return number.error();
  list.ttl = static_cast<std::uint32_t>(*number);
  for (dns::RRset& set : list.action.custom) set = set.withTtl(list.ttl);
  return {};
}

Result<void> setTags(BlockListOptions& list, const Words& words) {
  list.tags = {words.begin(), words.end()};
  return {};
}

Result<void> setForTags(BlockListOptions& list, const Words& words) {
  list.forTags = {words.begin(), words.end()};
  return {};
}

Result<void> setClients(BlockListOptions& list, const Words& words) {
  list.clients.emplace();
  for (const std::string& network : words) {
    if (auto added = list.clients->add(network); !added) return added;
  }
  return {};
}

Result<void> setSchedule(BlockListOptions& list, const Words& words) {
  auto schedule = Schedule::parse(join(words, "; "));
  if (!schedule) return schedule.error();
  list.schedule = std::move(*schedule);
  return {};
}

Result<void> setShadow(BlockListOptions& list, const Words& words) {
  const auto on = parseBool(words.front());
  if (!on) return on.error();
  list.shadow = *on;
  return {};
}

Result<void> setError(BlockListOptions& list, const Words& words) {
  auto error = parseError(words.front());
  if (!error) return error.error();
  list.error = std::move(*error);
  return {};
}

Result<void> setErrorText(BlockListOptions& list, const Words& words) {
  if (!list.error) return Error{"there is no extended error that could have a text"};
  list.error->text = join(words, " ");
  return {};
}

struct Option {
  std::string_view name;
  Result<void> (*set)(BlockListOptions& list, const Words& words);
};
// In the order in which they are set.
constexpr std::array kOptions{
    Option{"name", setName},       Option{"format", setFormat},     Option{"ttl", setTtl},
    Option{"action", setAction},   Option{"priority", setPriority}, Option{"tags", setTags},
    Option{"forTags", setForTags}, Option{"clients", setClients},   Option{"schedule", setSchedule},
    Option{"shadow", setShadow},   Option{"error", setError},       Option{"errorText", setErrorText}};

} // namespace

Result<ListAction> parseListAction(const Words& words, std::uint32_t ttl) {
  ListAction action;
  action.text = join(words, " ");
  const auto* const row = std::ranges::find(kActions, words.empty() ? "" : words.front(), &NamedAction::name);
  if (row != kActions.end() && words.size() == 1) {
    action.action = row->action;
    return action;
  }
  action.action = PolicyAction::Custom;
  const Words addresses = action.text == "zero" ? Words{"0.0.0.0", "::"} : words;
  dns::RRsetBuilder four(dns::Name(), dns::RRType::A, dns::RRClass::IN, ttl);
  dns::RRsetBuilder six(dns::Name(), dns::RRType::AAAA, dns::RRClass::IN, ttl);
  for (const std::string& text : addresses) {
    const auto address = base::Address::parse(text);
    if (!address || address->port() != 0) {
      return Error{"'" + text + "' is neither an action nor an address"};
    }
    (address->isV4() ? four : six).add(address->octets());
  }
  for (const dns::RRsetBuilder* builder : {&four, &six}) {
    if (builder->count() > 0) action.custom.push_back(builder->build());
  }
  if (action.custom.empty()) {
    return Error{"an action is needed"};
  }
  return action;
}

Result<BlockListOptions> defaultListOptions(const Settings& settings, const std::string& path) {
  BlockListOptions list;
  list.path = path;
  list.name = std::filesystem::path(path).filename().string();
  list.ttl = settings.blocklistTtl;
  auto action = parseListAction(settings.blocklistAction, list.ttl);
  if (!action) return Error{"blocklist-action: " + action.error().message};
  list.action = std::move(*action);
  auto error = parseError(settings.blocklistExtendedError);
  if (!error) return Error{"blocklist-extended-error: " + error.error().message};
  list.error = std::move(*error);
  return list;
}

Result<BlockListOptions> listOptions(const Settings& settings, const ListDeclaration& declaration) {
  auto list = defaultListOptions(settings, declaration.path);
  if (!list) return list;
  const auto problem = [&](const std::string& what) { return Error{declaration.where + ": blockList: " + what}; };
  for (const auto& [name, words] : declaration.options) {
    if (std::ranges::find(kOptions, name, &Option::name) == kOptions.end()) {
      return problem("'" + name + "' is no option");
    }
    if (words.empty()) return problem(name + ": a value is needed");
  }
  for (const Option& option : kOptions) {
    const auto given = declaration.options.find(std::string(option.name));
    if (given == declaration.options.end()) continue;
    if (const auto set = option.set(*list, given->second); !set) {
      return problem(std::string(option.name) + ": " + set.error().message);
    }
  }
  return list;
}

} // namespace rec
