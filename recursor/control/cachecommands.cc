// Wiping and saving the caches and changing their limits: see cachecommands.hh.
#include "recursor/control/cachecommands.hh"

#include <optional>

#include "recursor/config/values.hh"

namespace rec {
namespace {

// Each name of `names` is wiped, "name$" with all below it. All are checked before the first is wiped.
Reply wipe(ControlTarget& target, std::span<const std::string> names, std::optional<dns::RRType> type) {
  std::vector<std::pair<dns::Name, bool>> checked;
  for (std::string_view text : names) {
    const bool subtree = text.ends_with('$');
    if (subtree) text.remove_suffix(1);
    auto name = dns::Name::parse(text);
    if (!name) return failure("'" + std::string(text) + "': " + name.error().message);
    checked.emplace_back(std::move(*name), subtree);
  }
  WipeCounts sum;
  for (const auto& [name, subtree] : checked) {
    const auto wiped = target.wipeCache(name, subtree, type);
    sum.records += wiped.records;
    sum.negatives += wiped.negatives;
    sum.packets += wiped.packets;
  }
  return success("wiped " + std::to_string(sum.records) + " records, " + std::to_string(sum.negatives) +
                 " negative records, " + std::to_string(sum.packets) + " packets\n");
}

} // namespace

Reply wipeCache(CommandCall& call) { return wipe(call.target, call.arguments, std::nullopt); }

Reply wipeCacheTyped(CommandCall& call) {
  if (call.arguments.empty()) return failure("a type is needed");
  const auto type = dns::parseRRType(call.arguments.front());
  if (!type) return failure("'" + call.arguments.front() + "' is not a record type");
  return wipe(call.target, call.arguments.subspan(1), type);
}

Reply saveCache(CommandCall& call) {
  const auto saved = call.target.saveCaches();
  return saved ? success(*saved + "\n") : failure(saved.error().message);
}

namespace {

base::Result<std::uint64_t> numberArgument(const CommandCall& call, std::uint64_t min, std::uint64_t max) {
  if (call.arguments.size() != 1) return base::Error{"one number is needed"};
  return parseNumber(call.arguments.front(), min, max);
}

} // namespace

Reply setMaxCacheEntries(CommandCall& call) {
  const auto entries = numberArgument(call, 1, UINT32_MAX);
  if (!entries) return failure(entries.error().message);
  call.target.setMaxCacheEntries(*entries);
  return success("New max cache entries: " + std::to_string(*entries) + "\n");
}

Reply setMaxPacketcacheEntries(CommandCall& call) {
  const auto entries = numberArgument(call, 0, UINT32_MAX);
  if (!entries) return failure(entries.error().message);
  call.target.setMaxPacketcacheEntries(*entries);
  return success("New max packetcache entries: " + std::to_string(*entries) + "\n");
}

Reply setMinimumTtl(CommandCall& call) {
  const auto seconds = numberArgument(call, 0, INT32_MAX);
  if (!seconds) return failure(seconds.error().message);
  call.target.setMinimumTtl(static_cast<std::uint32_t>(*seconds));
  return success("New minimum TTL: " + std::to_string(*seconds) + "\n");
}

Reply setEcsMinimumTtl(CommandCall& call) {
  const auto seconds = numberArgument(call, 0, INT32_MAX);
  if (!seconds) return failure(seconds.error().message);
  call.target.setSubnetMinimumTtl(static_cast<std::uint32_t>(*seconds));
  return success("New minimum ECS TTL: " + std::to_string(*seconds) + "\n");
}

} // namespace rec
