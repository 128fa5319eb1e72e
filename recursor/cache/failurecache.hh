// FailureCache: questions that could not be resolved (RFC 9520), with the extended errors that explain why, so that
// asking again gives the same explanation without work. Shared by all workers; one lock per shard; bounded by entries.
#pragma once

#include <cstdint>
#include <cstdio>
#include <memory>
#include <optional>
#include <vector>

#include "lib/base/clock.hh"
#include "lib/dns/edns.hh"
#include "lib/dns/name.hh"
#include "lib/dns/types.hh"

namespace rec {

class FailureCache {
 public:
  struct Options {
    std::size_t shards = 64;
    std::size_t maxEntries = 50'000;
    std::uint32_t firstTtl = 5; // seconds, doubled at each further failure ...
    std::uint32_t maxTtl = 300; // ... up to this (RFC 9520 3.2: at least 1 s, at most 5 min)
  };
  explicit FailureCache(const Options& options);
  ~FailureCache();
  void adopt(const Options& options); // but for the shards: those stay

  // Why it failed: nothing of use could be had, or what was had failed validation. The latter is no failure for those
  // who check for themselves (CD).
  enum class Cause : std::uint8_t { Unresolved, Bogus };

  // `only`: failures of other causes count for nothing.
  [[nodiscard]] std::optional<std::vector<dns::ExtendedError>>
  find(const dns::Name& name, dns::RRType type, base::WallTime now, std::optional<Cause> only = std::nullopt);
  // `longest`: seconds at most, of a failure that may be over any moment.
  void store(const dns::Name& name, dns::RRType type, std::vector<dns::ExtendedError> errors, base::WallTime now,
             Cause cause = Cause::Unresolved, std::uint32_t longest = UINT32_MAX);
  // It was stored with a `longest`: nobody else is to remember it.
  [[nodiscard]] bool isBrief(const dns::Name& name, dns::RRType type) const;
  // Resolved again: the doubling starts anew. What was bogus is forgotten only by those who have validated it.
  void forget(const dns::Name& name, dns::RRType type, std::optional<Cause> only = std::nullopt);
  std::size_t wipe(const dns::Name& name, bool subtree);
  std::size_t dump(std::FILE* out, base::WallTime now) const;
  [[nodiscard]] std::size_t entries() const;

 private:
  struct State;
  std::unique_ptr<State> d_state;
};

} // namespace rec
