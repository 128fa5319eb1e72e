// Where an asking gets addresses from, in this order: glue and what the caches know; look-ups of the names that came
// without; at last what the servers' own zones and the zone itself say. See Sources.
#include "lib/base/random.hh"
#include "lib/dns/rdata.hh"
#include "recursor/resolve/askinground.hh"

namespace rec {
namespace {

using dns::RRType;
// How long one name server's address is waited for while there are others to look up; the look-up goes on meanwhile.
constexpr std::chrono::milliseconds kPatience{1000};

template <typename T> void shuffle(std::vector<T>& items) {
  for (std::size_t i = items.size(); i > 1; --i) {
    std::swap(items[i - 1], items[base::randomBelow(static_cast<std::uint32_t>(i))]);
  }
}

} // namespace

void Asker::queueMissing(Round& round, const dns::Name& server) const {
  round.glueless.push_back(server);
  const Addresses::Cached cached = d_addresses.cached(server);
  add(round, server, cached.addresses);
  if (!cached.v4Known) {
    round.missing.insert(round.missing.begin(), AddressKey{server, RRType::A});
  }
  if (!cached.v6Known) {
    round.missing.push_back(AddressKey{server, RRType::AAAA});
  }
}

// What the server's own zone says of its address, even where its parent has given one.
void Asker::queueAuthoritative(Round& round, const dns::Name& server) const {
  const Addresses::Cached cached = d_addresses.cached(server);
  add(round, server, cached.addresses);
  round.glueless.push_back(server);
  if (cached.fromGlue || !cached.v4Known) {
    round.missing.push_back(AddressKey{server, RRType::A});
  }
  if (cached.fromGlue || !cached.v6Known) {
    round.missing.push_back(AddressKey{server, RRType::AAAA});
  }
}

void Asker::gather(Round& round) const {
  const std::vector<NameServer>& servers = round.asking.zone->servers;
  round.candidates.reserve(2 * servers.size());
  for (const NameServer& server : servers) {
    add(round, server.name, server.glue);
    if (server.glue.empty()) {
      round.unexplored.push_back(&server);
    }
  }
  shuffle(round.unexplored);
  for (const NameServer* server : round.unexplored) {
    add(round, server->name, d_addresses.known(server->name));
  }
}

// All that caches have of the servers that came without glue, and what could be looked up of them: seldom needed.
void Asker::explore(Round& round) const {
  for (const NameServer* server : round.unexplored) {
    queueMissing(round, server->name);
  }
  round.unexplored.clear();
}

// The parent's word failed: what the zone itself says of its servers, and what their own zones say of their addresses.
void Asker::queueLastResort(Round& round) const {
  if (round.asking.recurse || round.zone().isRoot()) {
    return;
  }
  for (const NameServer& server : round.asking.zone->servers) {
    if (server.name.isWithin(round.zone())) {
      add(round, server.name, d_addresses.cached(server.name).addresses); // the zone itself would have to be asked
    } else {
      queueAuthoritative(round, server.name);
    }
  }
  const auto child = d_parts.caches.records.find(round.zone(), RRType::NS, d_parts.loop.wall(), Rank::AuthorityAuth);
  if (!child || !d_parts.options->saveParentNsSet) {
    return;
  }
  std::size_t left = d_parts.options->verdict.maxNameservers;
  for (const dns::Rdata rdata : child->rrset.rdatas()) {
    if (left-- == 0) {
      d_parts.counters.add(Metric::MaxNsPerResolveExceeded);
      return;
    }
    const auto name = dns::readNameRdata(rdata);
    const auto& known = round.asking.zone->servers;
    const bool isNew = name && std::none_of(known.begin(), known.end(),
                                            [&](const NameServer& server) { return server.name == *name; });
    if (isNew) {
      queueMissing(round, *name);
    }
  }
}

void Asker::openNextSource(Round& round) const {
  if (round.sources == Sources::Parent) {
    round.sources = Sources::ChildAndZone;
    queueLastResort(round);
    return;
  }
  round.sources = Sources::All;
  for (const dns::Name& server : round.glueless) {
    add(round, server, d_addresses.parentGlue(server));
  }
}

// Looks up one more missing address at a time. True when there is a new candidate.
coro::Task<bool> Asker::learnAddresses(Round& round, Walk& walk) {
  const std::size_t before = round.candidates.size();
  explore(round);
  while (round.candidates.size() == before) {
    if (round.missing.empty() && !round.slow.empty()) {
      round.missing.assign(round.slow.begin(), round.slow.end());
      round.slow.clear();
      round.patient = true;
    }
    if (round.missing.empty()) {
      if (round.sources == Sources::All) {
        co_return false;
      }
      openNextSource(round);
      continue;
    }
    const AddressKey wanted = round.missing.front();
    round.missing.erase(round.missing.begin());
    dns::Name server = wanted.name;
    const bool impatient = !round.patient && !round.missing.empty();
    const base::MonoTime until = impatient ? d_parts.loop.now() + kPatience : walk.work->deadline;
    auto found = co_await d_addresses.find(server, wanted.type, until, walk);
    if (found.empty() && impatient && d_parts.loop.now() >= until) {
      round.slow.push_back(wanted);
    } else if (found.empty()) {
      walk.fail(FailureKind::NoAddress, round.zone(), wanted.name.text(), "has no usable " + dns::text(wanted.type));
    }
    add(round, wanted.name, found);
    if (walk.work->exhausted() || d_parts.loop.now() >= walk.work->deadline) {
      co_return false;
    }
  }
  co_return true;
}

std::vector<base::Address> Asker::knownAddressesOf(const Delegation& zone) const {
  std::vector<base::Address> known;
  for (const NameServer& server : zone.servers) {
    const std::vector<base::Address> cached = d_addresses.known(server.name);
    known.insert(known.end(), server.glue.begin(), server.glue.end());
    known.insert(known.end(), cached.begin(), cached.end());
  }
  return known;
}

bool Asker::knowsAddressOf(const Delegation& zone) const {
  return std::any_of(zone.servers.begin(), zone.servers.end(), [&](const NameServer& server) {
    return !server.glue.empty() || !d_addresses.known(server.name).empty();
  });
}

} // namespace rec
