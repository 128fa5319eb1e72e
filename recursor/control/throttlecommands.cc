// Servers that are never throttled: see throttlecommands.hh. All arguments are checked before anything changes.
#include "recursor/control/throttlecommands.hh"

#include <algorithm>

#include "lib/base/log.hh"
#include "recursor/config/values.hh"
#include "recursor/trust/configured.hh"

namespace rec {
namespace {

using Names = std::vector<dns::Name>;
using Networks = std::vector<base::Netmask>;

Reply told(const std::string& text) {
  base::log(base::LogLevel::Notice, text + ", requested via control channel");
  return success(text + "\n");
}

bool isAll(const CommandCall& call) { return call.arguments.size() == 1 && call.arguments.front() == "*"; }

// Words are separated by blanks or commas.
std::vector<std::string_view> wordsOf(const CommandCall& call) {
  std::vector<std::string_view> words;
  for (const std::string& argument : call.arguments) {
    const auto parts = split(argument, ", ");
    words.insert(words.end(), parts.begin(), parts.end());
  }
  return words;
}

template <typename T> base::Result<std::vector<T>> parseAll(const CommandCall& call) {
  std::vector<T> all;
  for (const std::string_view word : wordsOf(call)) {
    auto one = T::parse(word);
    if (!one) return base::Error{"'" + std::string(word) + "': " + one.error().message};
    all.push_back(std::move(one).value());
  }
  if (all.empty()) return base::Error{"nothing given, nothing changed"};
  return all;
}

template <typename T, typename Text> std::string listed(const std::vector<T>& all, const Text& text) {
  std::string line;
  for (const T& one : all) line += (line.empty() ? "" : ", ") + text(one);
  return line;
}

std::string listed(const Names& names) { return listed(names, shownName); }
std::string listed(const Networks& networks) {
  return listed(networks, [](const base::Netmask& network) { return network.text(); });
}

// Those of the group that are in none of `without`, as they were given.
base::NetmaskGroup remaining(const base::NetmaskGroup& group, const Networks& without) {
  base::NetmaskGroup rest;
  const std::string text = group.text();
  for (const std::string_view word : split(text, ", ")) {
    const auto network = base::Netmask::parse(word);
    const bool goes = network && std::ranges::find(without, *network) != without.end();
    if (!goes) static_cast<void>(rest.add(word));
  }
  return rest;
}

} // namespace

Reply addDontThrottleNames(CommandCall& call) {
  const auto names = parseAll<dns::Name>(call);
  if (!names) return failure(names.error().message);
  Names all = call.target.neverThrottledNames();
  for (const dns::Name& name : *names) {
    if (std::ranges::find(all, name) == all.end()) all.push_back(name);
  }
  call.target.setNeverThrottledNames(std::move(all));
  return told("Added " + listed(*names) + " to the list of nameservers that may not be throttled");
}

Reply clearDontThrottleNames(CommandCall& call) {
  if (isAll(call)) {
    call.target.setNeverThrottledNames({});
    return told("Cleared list of nameserver names that may not be throttled");
  }
  const auto names = parseAll<dns::Name>(call);
  if (!names) return failure(names.error().message);
  Names all = call.target.neverThrottledNames();
  std::erase_if(all, [&names](const dns::Name& name) { return std::ranges::find(*names, name) != names->end(); });
  call.target.setNeverThrottledNames(std::move(all));
  return told("Removed " + listed(*names) + " from the list of nameservers that may not be throttled");
}

Reply getDontThrottleNames(CommandCall& call) {
  std::string text;
  for (const dns::Name& name : call.target.neverThrottledNames()) text += shownName(name) + "\n";
  return success(std::move(text));
}

Reply addDontThrottleNetmasks(CommandCall& call) {
  const auto networks = parseAll<base::Netmask>(call);
  if (!networks) return failure(networks.error().message);
  auto all = remaining(call.target.serverLists().neverThrottled(), *networks);
  for (const base::Netmask& network : *networks) static_cast<void>(all.add(network.text()));
  call.target.serverLists().setNeverThrottled(std::move(all));
  return told("Added " + listed(*networks) + " to the list of nameserver netmasks that may not be throttled");
}

Reply clearDontThrottleNetmasks(CommandCall& call) {
  if (isAll(call)) {
    call.target.serverLists().setNeverThrottled({});
    return told("Cleared list of nameserver addresses that may not be throttled");
  }
  const auto networks = parseAll<base::Netmask>(call);
  if (!networks) return failure(networks.error().message);
  call.target.serverLists().setNeverThrottled(remaining(call.target.serverLists().neverThrottled(), *networks));
  return told("Removed " + listed(*networks) + " from the list of nameserver netmasks that may not be throttled");
}

Reply getDontThrottleNetmasks(CommandCall& call) {
  return success(call.target.serverLists().neverThrottled().text() + "\n");
}

} // namespace rec
