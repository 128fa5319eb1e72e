// The commands of trustcommands.hh, one function each.
#include "recursor/control/trustcommands.hh"

#include <algorithm>
#include <array>
#include <limits>

#include "lib/base/log.hh"
#include "lib/dnssec/algorithms.hh"
#include "recursor/config/values.hh"
#include "recursor/trust/configured.hh"

namespace rec {
namespace {

using Names = std::vector<dns::Name>;

std::string joined(std::span<const std::string> words) {
  std::string text;
  for (const auto& word : words) text += (text.empty() ? "" : " ") + word;
  return text;
}

base::Result<Names> namesOf(std::span<const std::string> words) {
  Names names;
  for (const auto& word : words) {
    auto name = dns::Name::parse(word);
    if (!name) return name.error();
    names.push_back(std::move(*name));
  }
  return names;
}

std::string shownNames(const Names& names) {
  std::string text;
  for (const dns::Name& name : names) text += " " + shownName(name);
  return text;
}

void tell(const std::string& what) { base::log(base::LogLevel::Notice, what + ", requested via control channel"); }

// "600", "90s", "30m", "12h", "2d".
base::Result<std::chrono::seconds> parseLifetime(std::string_view text) {
  constexpr std::string_view kUnits = "smhd";
  constexpr std::array<std::uint64_t, 4> kSeconds{1, 60, 3600, 86400};
  const auto unit = text.empty() ? std::string_view::npos : kUnits.find(text.back());
  if (unit != std::string_view::npos) text.remove_suffix(1);
  const auto number = parseNumber(text, 0, std::numeric_limits<std::int32_t>::max());
  if (!number) return number.error();
  return std::chrono::seconds(*number * kSeconds[unit == std::string_view::npos ? 0 : unit]);
}

// The words of add-nta behind the name.
struct NtaWords {
  std::string reason;
  std::chrono::seconds lifetime{0}; // 0: for ever
};

base::Result<NtaWords> ntaWords(std::span<const std::string> words, std::chrono::seconds standard) {
  constexpr std::string_view kOption = "--lifetime";
  NtaWords result{{}, standard};
  for (std::size_t at = 0; at < words.size(); ++at) {
    std::string_view word = words[at];
    const bool alone = word == kOption;
    const bool isOption = alone || (word.starts_with(kOption) && word.substr(kOption.size()).starts_with('='));
    if (!isOption) {
      result.reason += (result.reason.empty() ? "" : " ") + std::string(word);
      continue;
    }
    if (alone && ++at == words.size()) return base::Error{"--lifetime: a time is needed"};
    const auto lifetime = parseLifetime(alone ? words[at] : word.substr(kOption.size() + 1));
    if (!lifetime) return base::Error{"--lifetime: " + lifetime.error().message};
    result.lifetime = *lifetime;
  }
  return result;
}

} // namespace

Reply addTa(CommandCall& call) {
  if (call.arguments.empty()) return failure("No TA specified, doing nothing");
  const auto zone = dns::Name::parse(call.arguments.front());
  if (!zone) return failure("Can't add Trust Anchor: " + zone.error().message);
  const auto data = joined(call.arguments.subspan(1));
  const auto added = call.target.trustAnchors().add(*zone, data);
  if (!added) return failure("Unable to add Trust Anchor for " + shownName(*zone) + ": " + added.error().message);
  tell("Added Trust Anchor for " + shownName(*zone) + " with data '" + data + "'");
  return success("Added Trust Anchor for " + shownName(*zone) + " with data " + data + "\n");
}

Reply clearTa(CommandCall& call) {
  if (call.arguments.empty()) return failure("No Trust Anchor to clear");
  const auto names = namesOf(call.arguments);
  if (!names) return failure("Error: " + names.error().message + ". No Anchors removed");
  for (const dns::Name& name : *names) {
    if (name.isRoot()) return failure("Refusing to remove root Trust Anchor, no Anchors removed");
  }
  for (const dns::Name& name : *names) static_cast<void>(call.target.trustAnchors().clear(name));
  tell("Removed Trust Anchor(s) for" + shownNames(*names));
  return success("Removed Trust Anchor(s) for" + shownNames(*names) + "\n");
}

Reply getTas(CommandCall& call) { return success(trustAnchorText(*call.target.trustAnchors().snapshot())); }

Reply addNta(CommandCall& call) {
  if (call.arguments.empty()) return failure("No NTA specified, doing nothing");
  const auto zone = dns::Name::parse(call.arguments.front());
  if (!zone) return failure("Can't add Negative Trust Anchor: " + zone.error().message);
  const auto words = ntaWords(call.arguments.subspan(1), call.target.configuration()->settings->ntaLifetime);
  if (!words) return failure("Can't add Negative Trust Anchor: " + words.error().message);
  NegativeAnchor anchor{words->reason, std::nullopt};
  auto text = "Added Negative Trust Anchor for " + shownName(*zone) + " with reason '" + words->reason + "'";
  if (words->lifetime.count() > 0) {
    anchor.until = call.target.now() + words->lifetime;
    text += " for " + std::to_string(words->lifetime.count()) + " s";
  }
  call.target.trustAnchors().addNegative(*zone, std::move(anchor));
  tell(text);
  return success(text + "\n");
}

Reply clearNta(CommandCall& call) {
  const auto& words = call.arguments;
  if (words.empty()) return failure("No Negative Trust Anchor specified, doing nothing.");
  if (words.size() == 1 && words.front() == "*") {
    call.target.trustAnchors().clearAllNegative();
    tell("Cleared all Negative Trust Anchors");
    return success("Cleared all Negative Trust Anchors.\n");
  }
  for (const auto& word : words) {
    if (word != "*") continue;
    return failure("Don't mix all Negative Trust Anchor removal with multiple Negative Trust Anchor removal. "
                   "Nothing removed");
  }
  const auto names = namesOf(words);
  if (!names) return failure("Error: " + names.error().message + ". No Negative Anchors removed");
  for (const dns::Name& name : *names) call.target.trustAnchors().clearNegative(name);
  tell("Removed Negative Trust Anchors for" + shownNames(*names));
  return success("Removed Negative Trust Anchors for " + shownNames(*names) + "\n");
}

Reply getNtas(CommandCall& call) {
  return success(negativeAnchorText(*call.target.trustAnchors().snapshot(), call.target.now()));
}

Reply listDnssecAlgos(CommandCall& call) {
  std::string text;
  const dnssec::Algorithms implemented;
  const auto& disabled = call.target.configuration()->settings->dnssecDisabledAlgorithms;
  for (unsigned number = 0; number < 256; ++number) {
    const auto algorithm = static_cast<dnssec::Algorithm>(number);
    if (!implemented.uses(algorithm)) continue;
    const bool isOff = std::ranges::any_of(
        disabled, [algorithm](const std::string& name) { return dnssec::parseAlgorithm(name) == algorithm; });
    text += (text.empty() ? "" : " ") + dnssec::text(algorithm) + (isOff ? "(disabled)" : "");
  }
  return success(text + "\n");
}

Reply setDnssecLogBogus(CommandCall& call) {
  if (call.arguments.size() != 1) return failure("No DNSSEC Bogus logging setting specified");
  const auto wanted = parseBool(call.arguments.front());
  if (!wanted) return failure("Unknown DNSSEC Bogus setting: '" + call.arguments.front() + "'");
  const bool before = call.target.setLogBogus(*wanted);
  const std::string state = *wanted ? "enabled" : "disabled";
  if (before == *wanted) return success("DNSSEC Bogus logging was already " + state + "\n");
  tell("DNSSEC Bogus logging " + state);
  return success("DNSSEC Bogus logging " + state + "\n");
}

Reply setMaxAggressiveCache(CommandCall& call) {
  if (call.arguments.size() != 1) return failure("Need to supply new aggressive NSEC cache size");
  const auto entries = parseNumber(call.arguments.front(), 1, UINT32_MAX);
  if (!entries) return failure(entries.error().message);
  const auto configuration = call.target.configuration();
  if (configuration->settings->aggressiveNsecCacheSize == 0) {
    return failure("Aggressive NSEC cache is disabled by startup config");
  }
  call.target.setMaxAggressiveEntries(*entries);
  return success("New aggressive NSEC cache size: " + std::to_string(*entries) + "\n");
}

Reply reloadLuaConfig(CommandCall& call) {
  if (call.arguments.size() > 1) return failure("one file is needed, or none");
  const auto loaded = call.target.reloadLuaConfig(call.arguments.empty() ? std::string() : call.arguments.front());
  if (!loaded) return failure("Unable to load Lua script: " + loaded.error().message);
  tell("Reloaded Lua configuration file '" + *loaded + "'");
  return success("Reloaded Lua configuration file '" + *loaded + "'\n");
}

} // namespace rec
