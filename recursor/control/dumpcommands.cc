// The tables written into a file of the client: see dumpcommands.hh.
#include "recursor/control/dumpcommands.hh"

#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <memory>

#include "recursor/policy/rpzzones.hh"

namespace rec {
namespace {

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

// What begins the reply: PowerDNS's commands of one table have it.
constexpr std::string_view prefixOf(Dump table) {
  switch (table) {
  case Dump::NsSpeeds: return "dump-nsspeeds: ";
  case Dump::Throttles: return "dump-throttlemap: ";
  case Dump::Edns: return "dump-edns: ";
  case Dump::FailedServers: return "dump-failedservers: ";
  case Dump::Delegations: return "dump-delegations: ";
  case Dump::Cookies: return "dump-cookies: ";
  case Dump::NonResolving: return "dump-non-resolving: ";
  case Dump::SavedParents: return "dump-saved-parent-ns-sets: ";
  case Dump::DotProbes: return "dump-dot-probe-map: ";
  default: return "";
  }
}

} // namespace

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

Reply dumpOne(CommandCall& call, Dump table) { return dumpAll(call, prefixOf(table), {table}); }

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

} // namespace rec
