// RpzShard: some hundred rules of a response policy zone in two pieces of memory: their names and what they do, one
// after the other, and slots that find them by hash. Immutable while others may read it: the editor (rpzrules.hh)
// copies one before it changes it. A name and its wildcard are one entry, and for both, where they do no more than one
// of the plain actions with the zone's usual TTL, there is one octet.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "recursor/policy/rpzkey.hh"

namespace rec {

// What a rule does: the records of local data one after the other, each with its type and size (16 bits each) in front.
struct RpzSide {
  PolicyAction action = PolicyAction::None; // None: there is no such rule
  std::uint32_t ttl = 0;
  Octets records;
};

class RpzShard {
 public:
  struct Entry {
    Octets key;
    RpzSide exact, wildcard;
  };

  // `hash` of the key; rules with this TTL take the least room.
  [[nodiscard]] bool find(std::uint64_t hash, Octets key, std::uint32_t usualTtl, Entry& into) const;
  [[nodiscard]] bool find(std::uint64_t hash, PolicyTrigger trigger, Octets name, std::uint32_t usualTtl,
                          Entry& into) const;
  // find() in steps, for who asks for many at once: prefetch() all, prefetchEntry() all, then find() each. False: there
  // is surely no such entry.
  void prefetch(std::uint64_t hash) const;
  [[nodiscard]] bool prefetchEntry(std::uint64_t hash) const;

  // Replaces what there is; no side, no entry. What the entry refers to may not be in this shard, which may move.
  // False: the shard is full (16 MB).
  bool put(std::uint64_t hash, const Entry& entry, std::uint32_t usualTtl);
  // Room for so many entries, with so many octets in all, of which there are none yet: no growing that leaves holes.
  void reserve(std::size_t entries, std::size_t octets);
  void tidy(); // gives back what is not used
  // Half of the entries to `upper`, those whose hash has this bit; it must be empty.
  void split(std::uint64_t bit, std::uint32_t usualTtl, RpzShard& upper);

  template <typename Visit> void forEach(std::uint32_t usualTtl, const Visit& visit) const {
    for (std::size_t at = 0; at < d_arena.size();) {
      Entry entry;
      const std::size_t size = read(at, usualTtl, entry);
      if (entry.exact.action != PolicyAction::None || entry.wildcard.action != PolicyAction::None) visit(entry);
      at += size;
    }
  }
  [[nodiscard]] std::size_t entries() const { return d_entries; }
  [[nodiscard]] std::size_t octets() const { return d_arena.size(); } // of all entries
  [[nodiscard]] std::size_t bytes() const;

 private:
  static constexpr unsigned kOffsetBits = 24;
  [[nodiscard]] std::size_t read(std::size_t at, std::uint32_t usualTtl, Entry& into) const; // returns its size
  [[nodiscard]] std::size_t sizeAt(std::size_t at) const;
  [[nodiscard]] std::size_t slotOf(std::uint64_t hash) const;
  template <typename Equal> [[nodiscard]] std::size_t probe(std::uint64_t hash, const Equal& equal) const;
  bool tryPut(std::uint64_t hash, const Entry& entry, std::uint32_t usualTtl);
  bool replace(std::uint64_t hash, const Entry& entry, std::uint32_t usualTtl, std::size_t slot);
  void bury(std::size_t at);
  bool append(std::uint64_t hash, const Entry& entry, std::uint32_t usualTtl, std::size_t slot);
  void rebuild(std::size_t entries); // slots for so many, and nothing that is dead

  std::vector<std::byte> d_arena;
  std::vector<std::uint32_t> d_slots; // a tag of 8 bits and the place in the arena plus one; 0 is free
  std::uint32_t d_entries = 0;        // alive
  std::uint32_t d_used = 0;           // slots
  std::uint32_t d_dead = 0;           // octets of the arena: entries that were replaced, and those without a rule
};

} // namespace rec
