// find(): join or start the look-up's flight; the flight is a root of its own, so that a client that goes away leaves
// it running for the others, on the work account of whoever began it.
#include "recursor/resolve/addresses.hh"

#include "lib/dns/rdata.hh"
#include "recursor/resolve/cached.hh"

namespace rec {
namespace {

using dns::RRType;
constexpr std::uint16_t kDnsPort = 53;

// At most `limit` of them: so many addresses of one name are as good as all.
void appendAddresses(const Lookup& lookup, RRType type, std::size_t limit, std::vector<base::Address>& into) {
  if (lookup.kind != LookupKind::Records) {
    return; // a name server's name must not be an alias (RFC 2181 10.3)
  }
  std::size_t left = limit;
  for (const AgedRRset& set : lookup.records) {
    for (const dns::Rdata rdata : set.rrset.rdatas()) {
      const auto address = dns::readAddress(type, rdata, kDnsPort);
      if (address && left > 0) {
        into.push_back(*address);
        --left;
      }
    }
  }
}

} // namespace

std::vector<base::Address> Addresses::parentGlue(const dns::Name& server) const {
  const DelegationPtr own = d_parts.caches.delegations.find(server, d_parts.loop.wall());
  if (own) {
    for (const NameServer& known : own->servers) {
      if (known.name == server) return known.glue;
    }
  }
  return {};
}

// The addresses among the cached records: `answers`, what the server's zone said of them, and `glue`, what a referral
// of another zone, served by the same name server, had along.
void Addresses::readRecords(const dns::Name& server, std::vector<base::Address>& answers,
                            std::vector<base::Address>& glue) const {
  const base::WallTime now = d_parts.loop.wall();
  for (const RRType type : {RRType::A, RRType::AAAA}) {
    const bool wanted = type == RRType::A ? d_parts.options->ipv4 : d_parts.options->ipv6;
    const auto hit = wanted ? d_parts.caches.records.find(server, type, now, Rank::Additional) : std::nullopt;
    if (!hit) {
      continue;
    }
    std::size_t left = d_parts.options->verdict.maxGluePerServer;
    for (const dns::Rdata rdata : hit->rrset.rdatas()) {
      if (const auto address = dns::readAddress(type, rdata, kDnsPort); address && left > 0) {
        (hit->rank == Rank::Additional ? glue : answers).push_back(*address);
        --left;
      }
    }
  }
}

std::vector<base::Address> Addresses::known(const dns::Name& server) const {
  std::vector<base::Address> answers;
  std::vector<base::Address> glue;
  readRecords(server, answers, glue);
  if (!answers.empty()) {
    return answers;
  }
  return glue.empty() ? parentGlue(server) : glue;
}

Addresses::Cached Addresses::cached(const dns::Name& server) const {
  Cached result;
  bool anyKnown = false;
  const base::WallTime now = d_parts.loop.wall();
  for (const RRType type : {RRType::A, RRType::AAAA}) {
    bool& known = type == RRType::A ? result.v4Known : result.v6Known;
    const bool wanted = type == RRType::A ? d_parts.options->ipv4 : d_parts.options->ipv6;
    if (!wanted) {
      known = true;
      continue;
    }
    const dns::Question question{server, type, dns::RRClass::IN};
    if (const auto lookup = findCached(d_parts.caches, *d_parts.options, question, now)) {
      known = true;
      anyKnown = true;
      appendAddresses(*lookup, type, d_parts.options->verdict.maxGluePerServer, result.addresses);
    }
  }
  if (!anyKnown) {
    result.addresses = known(server);
    result.fromGlue = !result.addresses.empty();
    result.v4Known = result.v4Known || result.fromGlue;
    result.v6Known = result.v6Known || result.fromGlue;
  }
  return result;
}

bool Addresses::wouldWaitForItself(const AddressFlight& flight, const AddressFlight* waiter) {
  for (const AddressFlight* next = &flight; next != nullptr && waiter != nullptr; next = next->waitsFor) {
    if (next == waiter) {
      return true;
    }
  }
  return false;
}

Addresses::FlightPtr Addresses::join(const AddressKey& key, Walk& walk) {
  if (const auto it = d_flights.find(key); it != d_flights.end()) {
    const bool circle = wouldWaitForItself(*it->second, walk.flight);
    walk.circular = walk.circular || circle;
    d_parts.counters.add(Metric::ChainResends, circle ? 0 : 1);
    return circle ? nullptr : it->second;
  }
  if (d_nonResolving.isThrottled(key.name, d_parts.options->nonResolving, d_parts.loop.now())) {
    d_parts.counters.add(Metric::ThrottledOut);
    d_parts.counters.add(Metric::ThrottledOutqueries);
    return nullptr;
  }
  if (!mayStart(walk)) {
    walk.limited = true;
    return nullptr;
  }
  auto flight = std::make_shared<AddressFlight>(d_parts.loop);
  d_flights.emplace(key, flight);
  if (walk.flight != nullptr) {
    walk.flight->waitsFor = flight.get(); // known before the flight's first step can look for a circle
  }
  d_parts.roots.spawn(fly(key, flight, walk.work, walk.trace, walk.depth + 1));
  return flight;
}

// Charges the walk for one more look-up, within its limits.
bool Addresses::mayStart(Walk& walk) {
  Work& work = *walk.work;
  if (work.limits.maxDepth > 0 && walk.depth + 1 > work.limits.maxDepth) {
    d_parts.counters.add(Metric::MaxRecursionDepthExceeded);
    work.exceeded = "max-recursion-depth (" + std::to_string(work.limits.maxDepth) + ")";
    return false;
  }
  if (work.addressQueries >= work.limits.maxAddressQueries) {
    d_parts.counters.add(Metric::MaxNsAddressQperqExceeded);
    walk.failWith(dns::EdeCode::Other,
                  "limit reached: max-ns-address-qperq (" + std::to_string(work.limits.maxAddressQueries) + ")");
    return false;
  }
  ++work.addressQueries;
  return true;
}

coro::Task<void> Addresses::fly(AddressKey key, FlightPtr flight, std::shared_ptr<Work> work,
                                std::shared_ptr<Trace> trace, unsigned depth) {
  struct Landing {
    Addresses& table;
    const AddressKey& key;
    AddressFlight& flight;
    ~Landing() {
      table.d_flights.erase(key);
      flight.gate.open();
    }
  };
  const Landing landing{*this, key, *flight};
  Walk walk;
  walk.work = std::move(work);
  walk.trace = std::move(trace);
  walk.depth = depth;
  walk.flight = flight.get();
  walk.dnssecOk = d_parts.options->askDnssec;
  walk.note({StepKind::Address, 0, key.name, key.type, {}, {}, {}, d_parts.loop.now()});
  dns::Question question{key.name, key.type, dns::RRClass::IN};
  auto lookup = co_await d_lookups.lookup(question, walk);
  land(key, *lookup, walk);
}

// What the look-up brought, for those who wait.
void Addresses::land(const AddressKey& key, const Lookup& lookup, Walk& walk) {
  AddressFlight& flight = *walk.flight;
  appendAddresses(lookup, key.type, d_parts.options->verdict.maxGluePerServer, flight.found);
  flight.limited = walk.limited || walk.work->exhausted() || d_parts.loop.now() >= walk.work->deadline;
  flight.circular = walk.circular;
  if (lookup.kind == LookupKind::Failed && !flight.limited) {
    d_nonResolving.reportFailure(key.name, d_parts.options->nonResolving, d_parts.loop.now());
  } else if (!flight.found.empty()) {
    d_nonResolving.reportSuccess(key.name);
  }
  flight.failures = std::move(walk.failures);
}

coro::Task<std::vector<base::Address>> Addresses::find(dns::Name server, dns::RRType type, base::MonoTime until,
                                                       Walk& walk) {
  AddressKey key{server, type};
  // Twice: a look-up that failed because of the limits or the waiting of the client that began it is begun anew.
  for (int attempt = 0; attempt < 2; ++attempt) {
    const bool joined = d_flights.contains(key);
    const FlightPtr flight = join(key, walk);
    if (!flight) {
      break;
    }
    if (walk.flight != nullptr) {
      walk.flight->waitsFor = flight.get();
    }
    const bool landed = co_await coro::GateWait(flight->gate, until);
    if (walk.flight != nullptr) {
      walk.flight->waitsFor = nullptr;
    }
    if (!flight->found.empty()) {
      co_return flight->found;
    }
    if (!landed) {
      break;
    }
    if (!joined || (!flight->limited && !flight->circular)) {
      walk.limited = walk.limited || flight->limited;
      walk.circular = walk.circular || flight->circular;
      walk.takeFailures(flight->failures);
      break;
    }
  }
  co_return std::vector<base::Address>();
}

} // namespace rec
