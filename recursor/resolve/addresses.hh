// Addresses: the addresses of name servers whose names came without glue. Look-ups for the same name are merged; one
// that would wait for itself, directly or around a circle of zones (TsuNAME), is refused instead. One per worker.
#pragma once

#include <memory>
#include <optional>
#include <unordered_map>
#include <vector>

#include "lib/coro/gate.hh"
#include "recursor/resolve/lookup.hh"
#include "recursor/resolve/parts.hh"

namespace rec {

struct AddressKey {
  dns::Name name;
  dns::RRType type;
  friend bool operator==(const AddressKey&, const AddressKey&) = default;
};
struct AddressKeyHash {
  std::size_t operator()(const AddressKey& key) const { return key.name.hash() ^ static_cast<std::size_t>(key.type); }
};

// A look-up under way.
struct AddressFlight {
  explicit AddressFlight(coro::Loop& loop) : gate(loop) {}
  coro::Gate gate;
  std::vector<base::Address> found;
  std::vector<ServerFailure> failures;    // why nothing was found
  bool limited = false, circular = false; // as in Walk
  AddressFlight* waitsFor = nullptr;      // the look-up that this one's walk waits for now
};

class Addresses {
 public:
  Addresses(ResolveParts& parts, Lookups& lookups) : d_parts(parts), d_lookups(lookups) {}

  // Addresses that caches have, without asking anybody. Sets `known` to false when A (or AAAA) is neither known nor
  // denied.
  struct Cached {
    std::vector<base::Address> addresses;
    bool v4Known = false, v6Known = false;
    bool fromGlue = false; // only the parent of the server's own zone says so: good enough to ask it, and asks nobody
  };
  // Of a name server that serves its own zone: the glue in the delegation of that zone.
  [[nodiscard]] std::vector<base::Address> parentGlue(const dns::Name& server) const;
  // Addresses to begin with, from the records that are cached, or glue: a part of what cached() finds, for less work.
  [[nodiscard]] std::vector<base::Address> known(const dns::Name& server) const;
  [[nodiscard]] Cached cached(const dns::Name& server) const;
  [[nodiscard]] const NonResolving& nonResolving() const { return d_nonResolving; }
  // Asks for one type of address; empty when there are none, when limits forbid, or when it would wait for itself.
  coro::Task<std::vector<base::Address>> find(dns::Name server, dns::RRType type, base::MonoTime until, Walk& walk);

 private:
  using FlightPtr = std::shared_ptr<AddressFlight>;
  void readRecords(const dns::Name& server, std::vector<base::Address>& answers,
                   std::vector<base::Address>& glue) const;
  FlightPtr join(const AddressKey& key, Walk& walk);
  [[nodiscard]] bool mayStart(Walk& walk);
  void land(const AddressKey& key, const Lookup& lookup, Walk& walk);
  coro::Task<void> fly(AddressKey key, FlightPtr flight, std::shared_ptr<Work> work, std::shared_ptr<Trace> trace,
                       unsigned depth);
  [[nodiscard]] static bool wouldWaitForItself(const AddressFlight& flight, const AddressFlight* waiter);

  ResolveParts& d_parts;
  Lookups& d_lookups;
  NonResolving d_nonResolving;
  std::unordered_map<AddressKey, FlightPtr, AddressKeyHash> d_flights;
};

} // namespace rec
