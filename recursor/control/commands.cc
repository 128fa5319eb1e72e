// The control commands: see commands.hh. A command is one row of kCommands and its function.
#include "recursor/control/commands.hh"

#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <memory>

#include "recursor/config/values.hh"
#include "recursor/control/blocklistcommands.hh"
#include "recursor/control/explaincommand.hh"
#include "recursor/control/luacommands.hh"
#include "recursor/control/rpzcommands.hh"
#include "recursor/control/trustcommands.hh"
#include "recursor/control/upstreamcommands.hh"
#include "recursor/policy/rpzzones.hh"

namespace rec {

Reply success(std::string text) { return {0, std::move(text), {}}; }

Reply failure(const std::string& reason) { return {1, reason + "\n", {}}; }

namespace {

Reply ping(CommandCall& call) {
  const auto workers = call.target.ping();
  return workers ? success("pong\n") : failure(workers.error().message);
}

Reply version(CommandCall&) { return success(ROOTWALK_VERSION "\n"); }

Reply help(CommandCall&) {
  constexpr std::size_t kColumn = 34;
  std::string text;
  for (const auto& command : allCommands()) {
    auto line = std::string(command.name) + (command.arguments.empty() ? "" : " ") + std::string(command.arguments);
    line += line.size() < kColumn ? std::string(kColumn - line.size(), ' ') : "\n" + std::string(kColumn, ' ');
    text += line + std::string(command.help) + "\n";
  }
  return success(std::move(text));
}

// ---- metrics and parameters

Reply get(CommandCall& call) {
  std::string text;
  for (const auto& name : call.arguments) {
    const auto value = call.target.statistics().value(name);
    text += (value ? std::to_string(*value) : "UNKNOWN") + "\n";
  }
  return success(std::move(text));
}

Reply getAll(CommandCall& call) {
  const auto configuration = call.target.configuration();
  return success(call.target.statistics().text(configuration->settings->statsRecControlDisabledList));
}

using TextOf = std::function<std::string(const SettingInfo&)>;

// name="value" for each argument, or for every setting.
Reply parameters(CommandCall& call, const TextOf& textOf) {
  std::string text;
  const auto line = [&textOf](const SettingInfo& info) {
    return std::string(info.name) + "=\"" + textOf(info) + "\"\n";
  };
  for (const auto& name : call.arguments) {
    const auto* info = findSetting(name);
    text += info == nullptr ? name + " not known\n" : line(*info);
  }
  if (!call.arguments.empty()) return success(std::move(text));
  for (const auto& info : allSettings()) text += line(info);
  return success(std::move(text));
}

Reply getParameter(CommandCall& call) {
  const auto configuration = call.target.configuration();
  return parameters(call, [&configuration](const SettingInfo& info) { return configuration->text(info.name); });
}

Reply getDefaultParameter(CommandCall& call) {
  return parameters(call, [](const SettingInfo& info) { return std::string(info.defaultText); });
}

// ---- wiping

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

Reply wipeCache(CommandCall& call) { return wipe(call.target, call.arguments, std::nullopt); }

Reply wipeCacheTyped(CommandCall& call) {
  if (call.arguments.empty()) return failure("a type is needed");
  const auto type = dns::parseRRType(call.arguments.front());
  if (!type) return failure("'" + call.arguments.front() + "' is not a record type");
  return wipe(call.target, call.arguments.subspan(1), type);
}

// ---- dumping

using File = std::unique_ptr<std::FILE, int (*)(std::FILE*)>;

// The client's descriptor as a stream. Only regular files: writing to anything else could wait for ever.
base::Result<File> openFile(base::Fd descriptor) {
  struct stat about{};
  if (!descriptor.valid()) return base::Error{"a file is needed"};
  if (::fstat(descriptor.get(), &about) != 0 || !S_ISREG(about.st_mode)) return base::Error{"a regular file is needed"};
  File file(::fdopen(descriptor.get(), "w"), std::fclose);
  if (!file) return base::Error{std::string("the file cannot be written: ") + std::strerror(errno)};
  static_cast<void>(descriptor.release());
  return file;
}

Reply dumpAll(CommandCall& call, std::string_view prefix, const std::vector<Dump>& tables) {
  const auto file = openFile(std::move(call.file));
  if (!file) return failure(file.error().message);
  std::size_t records = 0;
  for (const auto table : tables) {
    const auto written = call.target.dump(table, file->get());
    if (!written) return failure(written.error().message);
    records += *written;
  }
  if (std::fflush(file->get()) != 0 || std::ferror(file->get()) != 0) {
    return failure(std::string("writing failed: ") + std::strerror(errno));
  }
  return success(std::string(prefix) + "dumped " + std::to_string(records) + " records\n");
}

Reply dumpCache(CommandCall& call) {
  const std::vector<Dump> all{Dump::RecordCache, Dump::NegativeCache, Dump::PacketCache, Dump::AggressiveCache};
  std::vector<Dump> chosen;
  for (const auto& word : call.arguments.subspan(std::min<std::size_t>(1, call.arguments.size()))) {
    for (const char letter : word) {
      constexpr std::string_view kLetters = "rnpa";
      const auto at = kLetters.find(letter);
      if (at == std::string_view::npos) return failure("'" + word + "': r, n, p and a are known");
      chosen.push_back(all[at]);
    }
  }
  return dumpAll(call, "", call.arguments.size() < 2 ? all : chosen);
}

// What begins the reply: PowerDNS's commands of one table have it.
constexpr std::string_view prefixOf(Dump table) {
  switch (table) {
  case Dump::NsSpeeds: return "dump-nsspeeds: ";
  case Dump::Throttles: return "dump-throttlemap: ";
  case Dump::Edns: return "dump-edns: ";
  case Dump::FailedServers: return "dump-failedservers: ";
  case Dump::Delegations: return "dump-delegations: ";
  case Dump::DotProbes: return "dump-dot-probe-map: ";
  default: return "";
  }
}

template <Dump Table> Reply dumpTable(CommandCall& call) { return dumpAll(call, prefixOf(Table), {Table}); }

Reply dumpRpz(CommandCall& call) {
  if (call.arguments.empty() || call.target.rpzZones() == nullptr) return failure("the name of a zone is needed");
  const auto file = openFile(std::move(call.file));
  if (!file) return failure(file.error().message);
  const auto written = call.target.rpzZones()->dump(call.arguments.front(), file->get());
  if (!written) return failure(written.error().message);
  if (std::fflush(file->get()) != 0 || std::ferror(file->get()) != 0) {
    return failure(std::string("writing failed: ") + std::strerror(errno));
  }
  return success("done\n");
}

// ---- questions under way

std::string padded(std::string text, std::size_t width) {
  if (text.size() < width) text.resize(width, ' ');
  return text + " ";
}

Reply currentQueries(CommandCall& call) {
  const auto queries = call.target.currentQueries();
  auto text = std::to_string(queries.size()) + " currently outstanding questions\n" + padded("qname", 39) +
              padded("qtype", 6) + padded("remote", 45) + padded("tcp", 3) + padded("chained", 9) + "spent(ms)\n";
  for (const auto& query : queries) {
    text += padded(query.name.text(), 39) + padded(dns::text(query.type), 6) + padded(query.client.textWithPort(), 45) +
            padded(query.tcp ? "y" : "", 3) + padded(std::to_string(query.waiting), 9) +
            std::to_string(query.age.count()) + "\n";
  }
  return success(text + " - done\n");
}

Reply traceRegex(CommandCall& call) {
  if (call.arguments.empty()) {
    call.target.trace(nullptr);
    return success("unset\n");
  }
  auto filter = TraceFilter::make(call.arguments.front(), std::move(call.file));
  if (!filter) return failure(filter.error().message);
  call.target.trace(*filter);
  return success("ok\n");
}

// ---- changing

Reply reloadAcls(CommandCall& call) {
  const auto reloaded = call.target.reloadAccessLists();
  return reloaded ? success("ok\n") : failure(reloaded.error().message);
}

Reply reloadZones(CommandCall& call) {
  const auto reloaded = call.target.reloadZones();
  return reloaded ? success("ok\n") : failure(reloaded.error().message);
}

base::Result<std::uint64_t> numberArgument(const CommandCall& call, std::uint64_t min, std::uint64_t max) {
  if (call.arguments.size() != 1) return base::Error{"one number is needed"};
  return parseNumber(call.arguments.front(), min, max);
}

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

Reply quit(CommandCall& call) {
  return {0, "bye\n", [&target = call.target] { target.quit(false); }};
}

Reply quitNicely(CommandCall& call) {
  return {0, "bye nicely\n", [&target = call.target] { target.quit(true); }};
}

constexpr std::array kCommands{
    Command{"add-nta", "DOMAIN [REASON...] [--lifetime TIME]",
            "do not validate DOMAIN and what is below it, for TIME (600, 30m, 12h, 2d) or as nta-lifetime says",
            kNoFile, addNta},
    Command{"add-ta", "DOMAIN DS", "trust the key that DS stands for, besides the others of DOMAIN", kNoFile, addTa},
    Command{
        "blocklist", "list|stats|reload|add NAME...|remove NAME...|test NAME [CLIENT]|shadow LIST on|off",
        "show the block lists; read those that have changed; block or exempt names until the process ends; show what "
        "would be decided; have a list only count",
        kNoFile, blockListCommand},
    Command{"clear-nta", "DOMAIN...|*", "remove negative trust anchors", kNoFile, clearNta},
    Command{"clear-ta", "DOMAIN...", "remove all trust anchors of each DOMAIN, which may not be the root", kNoFile,
            clearTa},
    Command{"current-queries", "", "show the questions that are being resolved", kNoFile, currentQueries},
    Command{"dump-cache", "FILE [r|n|p|a]", "write the record, negative, packet and aggressive caches to FILE", 0,
            dumpCache},
    Command{"dump-delegations", "FILE", "write the zone cuts known to FILE", 0, dumpTable<Dump::Delegations>},
    Command{"dump-dot-probe-map", "FILE", "write which name servers are known to speak DNS over TLS to FILE", 0,
            dumpTable<Dump::DotProbes>},
    Command{"dump-edns", "FILE", "write what servers are known to do with EDNS to FILE", 0, dumpTable<Dump::Edns>},
    Command{"dump-ednsstatus", "FILE", "the same as dump-edns", 0, dumpTable<Dump::Edns>},
    Command{"dump-failedservers", "FILE", "write the servers that were silent when asked last to FILE", 0,
            dumpTable<Dump::FailedServers>},
    Command{"dump-nsspeeds", "FILE", "write the times that servers take to FILE", 0, dumpTable<Dump::NsSpeeds>},
    Command{"dump-rpz", "NAME FILE", "write the response policy zone of that policyName to FILE", 1, dumpRpz},
    Command{"dump-throttlemap", "FILE", "write the throttled and lame servers to FILE", 0, dumpTable<Dump::Throttles>},
    Command{
        "explain", "NAME [TYPE] [CLIENT] [--fresh] [--trace] [--json] [--subnet=NETWORK]",
        "resolve NAME and show which policy decides (for CLIENT), why it validates, does not, or cannot be resolved; "
        "past the caches; with the walk; as for a client in NETWORK",
        kNoFile, explain},
    Command{"flushname", "NAME[$]...", "the same as wipe-cache", kNoFile, wipeCache},
    Command{"get", "METRIC...", "show the values of metrics", kNoFile, get},
    Command{"get-all", "", "show all metrics", kNoFile, getAll},
    Command{"get-default-parameter", "[SETTING...]", "show the defaults of settings, or of all", kNoFile,
            getDefaultParameter},
    Command{"get-ntas", "", "show the negative trust anchors", kNoFile, getNtas},
    Command{"get-parameter", "[SETTING...]", "show the values of settings, or of all", kNoFile, getParameter},
    Command{"get-rpz-statistics", "[NAME...]",
            "show the figures of the response policy zones, or of those, and the rules that decided most", kNoFile,
            getRpzStatistics},
    Command{"get-tas", "", "show the trust anchors", kNoFile, getTas},
    Command{"get-upstreams", "", "show the resolvers that are forwarded to: their state, times and answers", kNoFile,
            getUpstreams},
    Command{"help", "", "show this list", kNoFile, help},
    Command{"list-dnssec-algos", "", "show the DNSSEC algorithms that are implemented, and which are disabled", kNoFile,
            listDnssecAlgos},
    Command{"ping", "", "check that all workers answer", kNoFile, ping},
    Command{"quit", "", "end at once", kNoFile, quit},
    Command{"quit-nicely", "", "finish the questions under way, then end", kNoFile, quitNicely},
    Command{"reload-acls", "", "read allow-from, allow-notify-from, allow-notify-for and their files again", kNoFile,
            reloadAcls},
    Command{"reload-lua-config", "[FILE]", "read lua-config-file, or FILE, again", kNoFile, reloadLuaConfig},
    Command{"reload-lua-script", "[FILE]", "load the scripts of lua-dns-script again, or FILE; on an error they stay",
            kNoFile, reloadLuaScript},
    Command{"reload-zones", "", "read forward zones, auth zones and the hosts file again", kNoFile, reloadZones},
    Command{"set-dnssec-log-bogus", "yes|no", "change dnssec-log-bogus", kNoFile, setDnssecLogBogus},
    Command{"set-ecs-minimum-ttl", "SECONDS", "change ecs-minimum-ttl-override", kNoFile, setEcsMinimumTtl},
    Command{"set-max-aggr-nsec-cache-size", "NUMBER", "change aggressive-nsec-cache-size", kNoFile,
            setMaxAggressiveCache},
    Command{"set-max-cache-entries", "NUMBER", "change max-cache-entries", kNoFile, setMaxCacheEntries},
    Command{"set-max-packetcache-entries", "NUMBER", "change max-packetcache-entries", kNoFile,
            setMaxPacketcacheEntries},
    Command{"set-minimum-ttl", "SECONDS", "change minimum-ttl-override", kNoFile, setMinimumTtl},
    Command{"stop", "", "the same as quit-nicely", kNoFile, quitNicely},
    Command{"trace-regex", "[REGEX [FILE]]",
            "write how names that match REGEX are resolved to FILE, or to the log; stop it", 1, traceRegex},
    Command{"unload-lua-script", "", "stop calling the hooks of Lua scripts", kNoFile, unloadLuaScript},
    Command{"version", "", "show the version", kNoFile, version},
    Command{"wipe-cache", "NAME[$]...", "forget what is cached for NAME, with $ also for all names below it", kNoFile,
            wipeCache},
    Command{"wipe-cache-typed", "TYPE NAME[$]...", "the same for one type of records", kNoFile, wipeCacheTyped}};

} // namespace

std::span<const Command> allCommands() { return kCommands; }

const Command* findCommand(std::string_view name) {
  const auto* row = std::ranges::find(kCommands, name, &Command::name);
  return row == kCommands.end() ? nullptr : row;
}

Reply runCommand(ControlTarget& target, std::span<const std::string> words, base::Fd file) {
  if (words.empty()) return failure("no command, try 'help'");
  const auto* command = findCommand(words.front());
  if (command == nullptr) return failure("Unknown command '" + words.front() + "', try 'help'");
  CommandCall call{target, words.subspan(1), std::move(file)};
  const std::lock_guard turn(target.turn);
  return command->run(call);
}

} // namespace rec
