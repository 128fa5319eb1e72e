// DotServers: one entry per address in a ShardMap. What is believed for a while has an end; an entry past its end is as
// good as none.
#include "recursor/cache/dotservers.hh"

#include <algorithm>
#include <atomic>
#include <string_view>
#include <vector>

#include "lib/base/live.hh"
#include "lib/base/shardmap.hh"
#include "recursor/cache/key.hh"

namespace rec {
namespace {

struct Server {
  base::Address address;
  DotProbe probe; // by which it was found out
  DotState state = DotState::Unknown;
  bool underProbe = false;
  base::MonoTime until{};     // Good, Bad: believed
  base::MonoTime doubtFrom{}; // not doubted before
  std::uint64_t answers = 0;  // over TLS

  [[nodiscard]] std::size_t heapBytes() const { return 0; }
  [[nodiscard]] DotState shown(base::MonoTime now) const {
    if (state != DotState::Unknown && now < until) {
      return state;
    }
    return underProbe ? DotState::Busy : DotState::Unknown;
  }
  void set(DotState to, base::MonoTime end) {
    state = to;
    until = end;
  }
};

struct Complaint {
  base::Address address;
  base::MonoTime until{};
  [[nodiscard]] std::size_t heapBytes() const { return 0; }
};

constexpr std::size_t kMaxComplaints = 1000; // servers; more are complained about more often

std::size_t hashOf(const base::Address& server) { return base::mix(server.hash(), 0x9E3779B97F4A7C15ULL); }

std::string_view text(DotState state) {
  switch (state) {
  case DotState::Unknown: return "Unknown";
  case DotState::Busy: return "Busy";
  case DotState::Bad: return "Bad";
  case DotState::Good: return "Good";
  }
  return "?";
}

} // namespace

struct DotServers::State {
  explicit State(const Options& given)
      : maxBusy(given.maxBusy), persistence(given.persistence), damping(given.damping),
        servers({.shards = given.shards, .maxEntries = given.maxEntries}),
        complaints({.shards = 1, .maxEntries = kMaxComplaints}) {}

  // What `use` makes of the entry, or T() without one.
  template <typename T, typename Use> T with(const base::Address& server, const Use& use) {
    const std::size_t hash = hashOf(server);
    auto shard = servers.lock(hash);
    Server* known = shard.find(hash, [&](const Server& s) { return s.address == server; });
    return known != nullptr ? use(*known) : T();
  }

  // One of the probes that may be under way at once.
  [[nodiscard]] bool takePlace() {
    std::size_t now = busy.load(std::memory_order_relaxed);
    while (now < maxBusy) {
      if (busy.compare_exchange_weak(now, now + 1, std::memory_order_relaxed)) {
        return true;
      }
    }
    return false;
  }
  void givePlace() { busy.fetch_sub(1, std::memory_order_relaxed); }

  // Whether nobody else probes it, and nothing is known by now.
  [[nodiscard]] bool claim(const base::Address& server, const DotProbe& probe, base::MonoTime now) {
    const std::size_t hash = hashOf(server);
    auto shard = servers.lock(hash);
    Server* known = shard.find(hash, [&](const Server& s) { return s.address == server; });
    if (known != nullptr) {
      const bool isFree = known->shown(now) == DotState::Unknown;
      known->underProbe = known->underProbe || isFree;
      if (isFree) known->probe = probe;
      return isFree;
    }
    Server fresh;
    fresh.address = server;
    fresh.probe = probe;
    fresh.underProbe = true;
    return shard.insert(hash, std::move(fresh), [now](const Server& s) { return s.shown(now) == DotState::Unknown; });
  }

  base::Live<std::size_t> maxBusy;
  base::Live<std::chrono::seconds> persistence, damping;
  base::ShardMap<Server> servers;
  base::ShardMap<Complaint> complaints;
  std::atomic<std::size_t> busy{0};
};

DotServers::DotServers(const Options& options) : d_state(std::make_unique<State>(options)) {}
DotServers::~DotServers() = default;

void DotServers::adopt(const Options& options) {
  d_state->maxBusy = options.maxBusy;
  d_state->persistence = options.persistence;
  d_state->damping = options.damping;
}

bool DotServers::probes() const { return d_state->maxBusy > 0; }

bool DotServers::mayProbe() const { return busy() < d_state->maxBusy; }

DotState DotServers::get(const base::Address& server, base::MonoTime now) {
  return d_state->with<DotState>(server, [now](const Server& known) { return known.shown(now); });
}

bool DotServers::beginProbe(const base::Address& server, const DotProbe& probe, base::MonoTime now) {
  if (!d_state->takePlace()) {
    return false;
  }
  const bool ours = d_state->claim(server, probe, now);
  if (!ours) {
    d_state->givePlace();
  }
  return ours;
}

std::optional<DotProbe> DotServers::beginDoubt(const base::Address& server, base::MonoTime now) {
  if (!d_state->takePlace()) {
    return std::nullopt;
  }
  auto probe = d_state->with<std::optional<DotProbe>>(server, [now](Server& known) -> std::optional<DotProbe> {
    if (known.underProbe || now < known.doubtFrom || known.shown(now) != DotState::Good) {
      return std::nullopt;
    }
    known.underProbe = true;
    known.doubtFrom = now + kDoubtEvery;
    return known.probe;
  });
  if (!probe) {
    d_state->givePlace();
  }
  return probe;
}

void DotServers::endProbe(const base::Address& server, std::optional<bool> good, base::MonoTime now) {
  d_state->givePlace();
  const std::chrono::seconds lasts = good.value_or(false) ? d_state->persistence : d_state->damping;
  d_state->with<bool>(server, [&](Server& known) {
    known.underProbe = false;
    if (good) {
      known.set(*good ? DotState::Good : DotState::Bad, now + lasts);
    }
    return true;
  });
}

void DotServers::answered(const base::Address& server, base::MonoTime now) {
  d_state->with<bool>(server, [&](Server& known) {
    known.set(DotState::Good, now + std::chrono::seconds(d_state->persistence));
    ++known.answers;
    return true;
  });
}

void DotServers::failed(const base::Address& server, base::MonoTime now) {
  d_state->with<bool>(server, [&](Server& known) {
    known.set(DotState::Bad, now + std::chrono::seconds(d_state->damping));
    return true;
  });
}

bool DotServers::mayComplain(const base::Address& server, base::MonoTime now) {
  const std::size_t hash = hashOf(server);
  const base::MonoTime until = now + kComplainEvery;
  auto shard = d_state->complaints.lock(hash);
  Complaint* known = shard.find(hash, [&](const Complaint& c) { return c.address == server; });
  if (known != nullptr && now < known->until) {
    return false;
  }
  if (known != nullptr) {
    known->until = until;
    return true;
  }
  shard.insert(hash, Complaint{server, until}, [now](const Complaint& c) { return c.until <= now; });
  return true;
}

std::size_t DotServers::dump(std::FILE* out, base::MonoTime now) const {
  std::fprintf(out, "; dot probe map dump follows\n; ip\tdomain\tcount\tstatus\tttd-s\n; %zu Busy entries\n", busy());
  std::size_t lines = 0;
  for (std::size_t i = 0; i < d_state->servers.shardCount(); ++i) {
    for (const Server& server : d_state->servers.copyShard(i)) {
      const DotState state = server.shown(now);
      const bool believed = state == DotState::Good || state == DotState::Bad;
      const auto left = std::chrono::ceil<std::chrono::seconds>(believed ? server.until - now : now - now);
      std::fprintf(out, "%s\t%s\t%llu\t%s\t%lld\n", server.address.text().c_str(), server.probe.zone.text().c_str(),
                   static_cast<unsigned long long>(server.answers), std::string(text(state)).c_str(),
                   static_cast<long long>(left.count()));
      ++lines;
    }
  }
  return lines;
}

CachePiece<SavedDotServer> DotServers::piece(const base::ShardPlace& from, base::MonoTime now) const {
  return pieceOf<SavedDotServer>(d_state->servers, from,
                                 [&](const Server& s, unsigned) -> std::optional<SavedDotServer> {
                                   const DotState state = s.shown(now);
                                   if (state != DotState::Good && state != DotState::Bad) return std::nullopt;
                                   const auto left = std::chrono::ceil<std::chrono::seconds>(s.until - now);
                                   return SavedDotServer{s.address, s.probe, state == DotState::Good, left};
                                 });
}

Restored DotServers::restore(const SavedDotServer& saved, base::MonoTime now) {
  if (!probes() || saved.left.count() <= 0) return Restored::Unfit;
  Server server;
  server.address = saved.address;
  server.probe = saved.probe;
  server.set(saved.good ? DotState::Good : DotState::Bad,
             now + std::min(saved.left, std::chrono::seconds(saved.good ? d_state->persistence : d_state->damping)));
  const std::size_t hash = hashOf(saved.address);
  auto shard = d_state->servers.lock(hash);
  if (shard.find(hash, [&](const Server& s) { return s.address == saved.address; }) != nullptr) {
    return Restored::Known;
  }
  return shard.restore(hash, std::move(server), base::Eviction::kHot) ? Restored::Yes : Restored::NoRoom;
}

std::size_t DotServers::entries() const { return d_state->servers.entries(); }
std::size_t DotServers::busy() const { return d_state->busy.load(std::memory_order_relaxed); }

} // namespace rec
