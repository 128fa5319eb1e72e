// Work: what one client question has cost so far and may still cost: packets, octets, time, depth. Every part of a
// resolution charges the same object; the first limit that is reached ends the resolution with an explanation.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>

#include "lib/base/address.hh"
#include "lib/base/clock.hh"
#include "lib/dnssec/effort.hh"
#include "recursor/stats/metrics.hh"

namespace rec {

struct WorkLimits {
  unsigned maxQueries = 50;         // max-qperq
  unsigned maxAddressQueries = 10;  // max-ns-address-qperq
  std::size_t maxBytes = 100'000;   // max-bytesperq, received; 0 is no limit
  unsigned maxDepth = 16;           // max-recursion-depth; 0 is no limit
  unsigned maxCnames = 10;          // max-cnames-followed
  unsigned maxSignatureChecks = 30; // max-signature-validations-per-query; 0 is no limit
  unsigned maxNsec3Hashes = 600;    // max-nsec3-hash-computations-per-query; 0 is no limit
};

struct Work {
  Work() = default;
  explicit Work(const WorkLimits& given) : limits(given), effort(given.maxSignatureChecks, given.maxNsec3Hashes) {}

  WorkLimits limits;
  dnssec::Effort effort;       // cryptography
  base::MonoTime deadline;     // of the whole resolution
  base::Address requestor;     // the client that it is for, or the first of several; none: nobody in particular
  unsigned queries = 0;        // packets sent to servers
  unsigned addressQueries = 0; // sent to learn the addresses of name servers
  std::size_t bytes = 0;
  unsigned timeouts = 0;
  unsigned hedges = 0;
  std::string exceeded;          // names the limit that was hit, empty while none was
  std::optional<Metric> counter; // counts the questions ended by that limit, if it is counted at their end

  // Counts one packet about to be sent; false (and `exceeded` set) when it may not be sent any more.
  [[nodiscard]] bool chargeQuery();
  void chargeBytes(std::size_t received);
  [[nodiscard]] bool exhausted() const { return !exceeded.empty(); }
};

} // namespace rec
