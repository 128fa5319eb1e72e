// Flow: load() reads the head and has loadBlocks() run on several threads; each takes a block, checks it, and puts its
// entries into the caches by the row of its section: read, what time has passed, what other settings forbid, restore.
#include "recursor/cachefile/cacheloader.hh"

#include <algorithm>
#include <array>
#include <new>
#include <thread>

#include "recursor/cachefile/entries.hh"

namespace rec {
namespace {

std::uint32_t secondsOf(base::WallTime time) {
  return static_cast<std::uint32_t>(std::clamp<std::int64_t>(time.time_since_epoch().count(), 0, UINT32_MAX));
}

struct Context {
  KeptCaches& caches;
  base::WallTime wall;
  base::MonoTime mono;
  std::uint32_t now, saved, maxTtl;
  bool sameVerdicts;

  // When something ends that was to end at `expires`; 0: it has. A clock that was set back prolongs nothing: then no
  // time has passed since it was saved.
  [[nodiscard]] std::uint32_t moved(std::uint32_t expires) const {
    const std::uint32_t since = std::max(now, saved);
    const std::uint32_t left = expires > since ? std::min(expires - since, maxTtl) : 0;
    return left == 0 ? 0 : static_cast<std::uint32_t>(std::min<std::uint64_t>(std::uint64_t{now} + left, UINT32_MAX));
  }
  [[nodiscard]] base::WallTime moved(base::WallTime expires) const {
    return base::WallTime(std::chrono::seconds(moved(secondsOf(expires))));
  }
  [[nodiscard]] std::chrono::seconds passed() const { return std::chrono::seconds(now > saved ? now - saved : 0); }
};

enum class Fate : std::uint8_t { Loaded, Expired, OtherSettings, NoRoom };

Fate fateOf(Restored restored) {
  return restored == Restored::Yes || restored == Restored::Known ? Fate::Loaded : Fate::NoRoom;
}

// Without the verdict that other anchors led to; false for what was found bogus.
bool dropVerdict(Security& security) {
  const bool usable = security != Security::Bogus;
  security = Security::Indeterminate;
  return usable;
}

Fate keep(const Context& context, SavedRecords& records) {
  records.expires = context.moved(records.expires);
  if (records.expires == 0) return Fate::Expired;
  if (!context.sameVerdicts && !dropVerdict(records.security)) return Fate::OtherSettings;
  if (records.rrset.type() == dns::RRType::DNAME) {
    context.caches.dnameSeen.store(true, std::memory_order_relaxed);
  }
  return fateOf(context.caches.records.restore(records, context.wall));
}

Fate keep(const Context& context, SavedNegative& negative) {
  negative.expires = context.moved(negative.expires);
  if (negative.expires == 0) return Fate::Expired;
  if (!context.sameVerdicts && !dropVerdict(negative.negative.security)) return Fate::OtherSettings;
  return fateOf(context.caches.negatives.restore(std::move(negative), context.wall));
}

Fate keep(const Context& context, SavedSubnet& subnet) {
  subnet.records.expires = context.moved(subnet.records.expires);
  if (subnet.records.expires == 0) return Fate::Expired;
  if (!context.sameVerdicts && !dropVerdict(subnet.records.security)) return Fate::OtherSettings;
  return fateOf(context.caches.subnets.restore(subnet, context.wall));
}

Fate keep(const Context& context, SavedProofs& proofs) {
  proofs.expires = context.moved(proofs.expires);
  if (proofs.expires == 0) return Fate::Expired;
  return fateOf(context.caches.wildcards.restore(std::move(proofs), context.wall));
}

Fate keep(const Context& context, SavedInsecurity& zone) {
  zone.expires = context.moved(zone.expires);
  if (zone.expires <= context.wall) return Fate::Expired;
  if (!context.sameVerdicts) return Fate::OtherSettings;
  return fateOf(context.caches.trusts.restore(zone, context.wall));
}

Fate keep(const Context& context, Delegation& delegation) {
  delegation.expires = context.moved(delegation.expires);
  if (delegation.expires <= context.wall) return Fate::Expired;
  delegation.securityExpires = context.moved(delegation.securityExpires);
  return fateOf(
      context.caches.delegations.restore(std::make_shared<const Delegation>(std::move(delegation)), context.wall));
}

Fate keep(const Context& context, SavedServer& server) {
  for (auto* ago : {&server.heard, &server.ednsKnown, &server.caseLost, &server.spoofing, &server.noCookies}) {
    if (*ago) {
      **ago += context.passed();
    }
  }
  server.down -= context.passed();
  return fateOf(context.caches.speeds.restore(server, context.mono));
}

Fate keep(const Context& context, SavedLame& server) {
  server.left -= context.passed();
  return server.left.count() <= 0 ? Fate::Expired : fateOf(context.caches.speeds.restore(server, context.mono));
}

Fate keep(const Context& context, SavedDotServer& server) {
  server.left -= context.passed();
  return server.left.count() <= 0 ? Fate::Expired : fateOf(context.caches.dotServers.restore(server, context.mono));
}

void count(LoadCounts& counts, Fate fate) {
  switch (fate) {
  case Fate::Loaded: ++counts.loaded; break;
  case Fate::Expired: ++counts.expired; break;
  case Fate::OtherSettings: ++counts.otherSettings; break;
  case Fate::NoRoom: ++counts.noRoom; break;
  }
}

// All entries of a block; what is left behind one that cannot be read is damaged.
template <typename T> LoadCounts take(const Context& context, const BlockReader::Block& block, OctetReader& in) {
  LoadCounts counts;
  for (std::uint32_t i = 0; i < block.count; ++i) {
    T entry{};
    read(in, entry);
    if (in.failed()) {
      counts.damaged += block.count - i;
      break;
    }
    count(counts, keep(context, entry));
  }
  return counts;
}

// Which of FilePrints must be as it was. Verdicts are dropped entry by entry.
enum class Needs : std::uint8_t { Nothing, Data, Subnets };

struct Row {
  Section section;
  Needs needs;
  LoadCounts (*take)(const Context& context, const BlockReader::Block& block, OctetReader& in);
};

constexpr std::array kRows{Row{Section::Servers, Needs::Nothing, take<SavedServer>},
                           Row{Section::LameServers, Needs::Nothing, take<SavedLame>},
                           Row{Section::DotServers, Needs::Nothing, take<SavedDotServer>},
                           Row{Section::Delegations, Needs::Data, take<Delegation>},
                           Row{Section::Insecurities, Needs::Data, take<SavedInsecurity>},
                           Row{Section::WildcardProofs, Needs::Data, take<SavedProofs>},
                           Row{Section::HotRecords, Needs::Data, take<SavedRecords>},
                           Row{Section::HotNegatives, Needs::Data, take<SavedNegative>},
                           Row{Section::Subnets, Needs::Subnets, take<SavedSubnet>},
                           Row{Section::ColdRecords, Needs::Data, take<SavedRecords>},
                           Row{Section::ColdNegatives, Needs::Data, take<SavedNegative>}};

bool isAllowed(Needs needs, const FilePrints& theirs, const FilePrints& ours) {
  const bool sameData = needs == Needs::Nothing || theirs.data == ours.data;
  return sameData && (needs != Needs::Subnets || theirs.subnets == ours.subnets);
}

} // namespace

LoadCounts& LoadCounts::operator+=(const LoadCounts& other) {
  loaded += other.loaded;
  expired += other.expired;
  otherSettings += other.otherSettings;
  noRoom += other.noRoom;
  damaged += other.damaged;
  return *this;
}

// On each of the threads.
LoadCounts CacheLoader::loadBlocks(const FileHead& head, const std::atomic<bool>& stop) {
  const Context context{.caches = d_caches,
                        .wall = d_options.wall,
                        .mono = d_options.mono,
                        .now = secondsOf(d_options.wall),
                        .saved = secondsOf(head.saved),
                        .maxTtl = d_options.maxTtl,
                        .sameVerdicts = head.prints.verdicts == d_options.prints.verdicts};
  LoadCounts counts;
  std::vector<std::byte> payload;
  while (!stop.load(std::memory_order_relaxed)) {
    const auto block = d_reader.next();
    if (!block) break;
    const auto row = std::ranges::find(kRows, block->section, &Row::section);
    if (row == kRows.end() || !isAllowed(row->needs, head.prints, d_options.prints)) {
      counts.otherSettings += block->count;
    } else if (!d_reader.fetch(*block, payload)) {
      counts.damaged += block->count;
    } else {
      OctetReader in(payload);
      counts += row->take(context, *block, in);
    }
  }
  return counts;
}

base::Result<CacheLoader::Report> CacheLoader::load(const std::atomic<bool>& stop) {
  const auto head = d_reader.head();
  if (!head) return head.error();
  std::vector<LoadCounts> counts(std::max(d_options.threads, 1U));
  std::vector<std::jthread> helpers;
  for (std::size_t i = 1; i < counts.size(); ++i) {
    helpers.emplace_back([&, i] { counts[i] = loadBlocks(*head, stop); });
  }
  counts[0] = loadBlocks(*head, stop);
  helpers.clear(); // waits for them
  Report report;
  for (const LoadCounts& part : counts) {
    report.counts += part;
  }
  report.damage = d_reader.damage();
  report.otherData = head->prints.data != d_options.prints.data;
  report.otherVerdicts = head->prints.verdicts != d_options.prints.verdicts;
  report.stopped = stop.load(std::memory_order_relaxed);
  return report;
}

} // namespace rec
