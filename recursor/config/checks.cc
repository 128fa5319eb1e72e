// What settings must satisfy together: see checks.hh.
#include "recursor/config/checks.hh"

#include <algorithm>
#include <array>

#include "lib/dnssec/algorithms.hh"
#include "lib/net/passwordhash.hh"
#include "recursor/config/keepwarm.hh"
#include "recursor/config/subnetlist.hh"
#include "recursor/config/values.hh"
#include "recursor/config/zones.hh"

namespace rec {

using base::Error;
using base::Result;

namespace {

// "file:line: key: reason", for the value in effect.
Error problem(const Configuration& configuration, std::string_view name, const std::string& reason) {
  const auto written = configuration.written.find(name);
  const auto where = written == configuration.written.end() ? "default" : written->second.where;
  return Error{where + ": " + std::string(name) + ": " + reason};
}

void warn(Configuration& configuration, std::string_view name, const std::string& reason) {
  configuration.warnings.push_back(problem(configuration, name, reason).message);
}

bool isDefault(const SettingInfo& info, const std::string& text) { return text == normalValue(info, info.defaultText); }

// Every line of `path` without its comment, through `add`. Nothing to do without a path.
template <typename Add> Result<void> eachLine(const std::string& path, Add add) {
  if (path.empty()) return {};
  const auto content = readFile(path);
  if (!content) return content.error();
  std::string_view rest(*content);
  for (std::size_t number = 1; !rest.empty(); ++number) {
    for (const auto part : split(withoutComment(takeLine(rest)), kListSeparators)) {
      const Result<void> added = add(part);
      if (!added) return Error{path + ":" + std::to_string(number) + ": " + added.error().message};
    }
  }
  return {};
}

// The netmasks in `path` replace `group`.
Result<void> replaceByFile(base::NetmaskGroup& group, const std::string& path) {
  if (path.empty()) return {};
  base::NetmaskGroup fresh;
  auto read = eachLine(path, [&fresh](std::string_view part) { return fresh.add(part); });
  if (read) group = std::move(fresh);
  return read;
}

Result<void> addNames(std::vector<dns::Name>& names, const std::string& path) {
  return eachLine(path, [&names](std::string_view part) -> Result<void> {
    auto name = dns::Name::parse(part);
    if (!name) return name.error();
    names.push_back(std::move(*name));
    return {};
  });
}

Result<void> readAclFiles(const Configuration& configuration, Settings& settings) {
  const auto clients = replaceByFile(settings.allowFrom, settings.allowFromFile);
  if (!clients) return problem(configuration, "allow-from-file", clients.error().message);
  const auto notifiers = replaceByFile(settings.allowNotifyFrom, settings.allowNotifyFromFile);
  if (!notifiers) return problem(configuration, "allow-notify-from-file", notifiers.error().message);
  const auto zones = addNames(settings.allowNotifyFor, settings.allowNotifyForFile);
  if (!zones) return problem(configuration, "allow-notify-for-file", zones.error().message);
  return {};
}

Result<void> checkStrategies(const Configuration& configuration, const Settings& settings) {
  constexpr std::array<std::string_view, 4> kStrategies{"hedged", "parallel", "balanced", "failover"};
  for (const std::string& pair : settings.forwardStrategyZones) {
    const auto equals = std::min(pair.find('='), pair.size());
    const bool known = equals < pair.size() &&
                       std::ranges::find(kStrategies, std::string_view(pair).substr(equals + 1)) != kStrategies.end();
    if (!known || !dns::Name::parse(pair.substr(0, equals))) {
      return problem(configuration, "forward-strategy-zones",
                     "'" + pair + "' is not zone=strategy, with hedged, parallel, balanced or failover");
    }
  }
  return {};
}

Result<void> checkSubnets(Configuration& configuration, const Settings& settings) {
  const auto list = SubnetList::parse(settings.ednsSubnetAllowList);
  if (!list) return problem(configuration, "edns-subnet-allow-list", list.error().message);
  if (settings.ecsScopeZeroAddress.size() > 1) {
    return problem(configuration, "ecs-scope-zero-address", "there can be one address only");
  }
  if (settings.useIncomingEdnsSubnet && list->empty()) {
    warn(configuration, "use-incoming-edns-subnet", "edns-subnet-allow-list is empty: no server is told");
  }
  return {};
}

// RFC 6052 2.2.
Result<void> checkDns64(Configuration& configuration, const Settings& settings) {
  if (!settings.dns64Prefix) return {};
  const auto& [network, bits] = *settings.dns64Prefix;
  constexpr std::array kLengths{32, 40, 48, 56, 64, 96};
  if (!network.isV6() || std::ranges::find(kLengths, bits) == kLengths.end()) {
    return problem(configuration, "dns64-prefix",
                   "'" + settings.dns64Prefix->text() + "' is not an IPv6 prefix of 32, 40, 48, 56, 64 or 96 bits");
  }
  if (network.octets()[8] != std::byte{0}) {
    warn(configuration, "dns64-prefix", "bits 64 to 71 of the prefix should be 0 (RFC 6052 2.2)");
  }
  return {};
}

Result<void> checkAlgorithms(const Configuration& configuration, const Settings& settings) {
  for (const auto& text : settings.dnssecDisabledAlgorithms) {
    if (!dnssec::parseAlgorithm(text)) {
      return problem(configuration, "dnssec-disabled-algorithms", "'" + text + "' is no DNSSEC algorithm");
    }
  }
  return {};
}

// The hash takes the place of what was written, so that the plain text is nowhere any more.
Result<void> hashCredential(Configuration& configuration, std::string_view name, std::string& text) {
  if (text.empty() || net::looksHashed(text)) return {};
  const auto hash = net::hashPassword(text);
  if (!hash) return problem(configuration, name, hash.error().message);
  text = *hash;
  const auto written = configuration.written.find(name);
  if (written != configuration.written.end()) written->second.text = *hash;
  return {};
}

Result<void> checkWebServer(Configuration& configuration, Settings& settings) {
  if (!settings.webserver) return {};
  if (settings.webserverCertificate.empty() != settings.webserverKey.empty()) {
    return problem(configuration, "webserver-certificate", "it needs webserver-key, and webserver-key needs it");
  }
  for (auto [name, text] :
       {std::pair{"api-key", &settings.apiKey}, {"webserver-password", &settings.webserverPassword}}) {
    const auto usable = net::Credential::make(*text, false);
    if (!usable) return problem(configuration, name, usable.error().message);
    if (!settings.webserverHashPlaintextCredentials) continue;
    const auto hashed = hashCredential(configuration, name, *text);
    if (!hashed) return hashed;
  }
  if (settings.crossOriginRequestHeader.find_first_of("\r\n") != std::string::npos) {
    return problem(configuration, "cross-origin-request-header", "is no origin");
  }
  if (settings.webserverPassword.empty()) {
    warn(configuration, "webserver-password", "the dashboard and the metrics are shown without a password");
  }
  if (!settings.apiConfigDir.empty() && settings.apiConfigDir != settings.includeDir) {
    warn(configuration, "api-config-dir",
         "include-dir is another folder: nothing can be changed through the web server");
  }
  return {};
}

// Whether there is somewhere to begin: hints, or forwarders for the root.
bool coversRoot(const Settings& settings) {
  const auto isRoot = [](const ForwardZone& zone) { return zone.zone.isRoot(); };
  return settings.hintFile != "no" || !settings.forwardZonesFile.empty() ||
         std::ranges::any_of(settings.forwardZones, isRoot) ||
         std::ranges::any_of(settings.forwardZonesRecurse, isRoot);
}

} // namespace

Result<void> checkStatus(Configuration& configuration) {
  for (const auto& [name, written] : std::map(configuration.written)) {
    const auto& info = *findSetting(name);
    if (info.status == SettingStatus::Works || written.text.empty() || isDefault(info, written.text)) continue;
    if (info.status == SettingStatus::Unsupported) return problem(configuration, name, "not supported (yet)");
    warn(configuration, name, "has no meaning here: " + std::string(info.help));
  }
  return {};
}

Result<void> checkTogether(Configuration& configuration, Settings& settings) {
  if (settings.udpSourcePortMin > settings.udpSourcePortMax) {
    return problem(configuration, "udp-source-port-min", "is above udp-source-port-max");
  }
  if (settings.localAddress.empty()) return problem(configuration, "local-address", "there is no address to listen on");
  if (settings.queryLocalAddress.empty()) {
    return problem(configuration, "query-local-address", "there is no address to ask from");
  }
  if (!coversRoot(settings)) {
    warn(configuration, "hint-file",
         "no root hints and no forwarder for the root: only local and forward zones resolve");
  }
  const auto dns64 = checkDns64(configuration, settings);
  if (!dns64) return dns64;
  const auto algorithms = checkAlgorithms(configuration, settings);
  if (!algorithms) return algorithms;
  const auto web = checkWebServer(configuration, settings);
  if (!web) return web;
  for (const auto& [name, text] :
       {std::pair("carbon-ourname", settings.carbonOurname), std::pair("carbon-namespace", settings.carbonNamespace),
        std::pair("carbon-instance", settings.carbonInstance)}) {
    if (text.find_first_of(" \t") != std::string::npos) return problem(configuration, name, "has a blank in it");
  }
  const auto warm = parseKeepwarm(settings.keepwarm);
  if (!warm) return problem(configuration, "keepwarm", warm.error().message);
  const auto strategies = checkStrategies(configuration, settings);
  if (!strategies) return strategies;
  const auto subnets = checkSubnets(configuration, settings);
  if (!subnets) return subnets;
  const auto lists = readAclFiles(configuration, settings);
  const auto open = warningOfOpenAccess(settings);
  if (open) warn(configuration, "allow-from", *open);
  return lists;
}

std::optional<std::string> warningOfOpenAccess(const Settings& settings) {
  base::NetmaskGroup thisMachine;
  static_cast<void>(thisMachine.add("127.0.0.0/8"));
  static_cast<void>(thisMachine.add("::1"));
  const auto isReached = [&](const base::Address& address) { return !thisMachine.contains(address); };
  if (!settings.allowFrom.empty() || std::ranges::none_of(settings.localAddress, isReached)) return std::nullopt;
  return "is empty: everybody may ask, which makes an open resolver that others can misuse";
}

} // namespace rec
