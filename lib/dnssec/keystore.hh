// KeyStore: parsed keys by content, so that zones that share a key share its parsing and its table. Part of
// SignatureMemo, shared by all workers; bounded; one small lock per bucket group. A key that is used much stays
// longest.
#pragma once

#include <array>
#include <mutex>
#include <vector>

#include "lib/dnssec/publickey.hh"

namespace dnssec {

class KeyStore {
 public:
  explicit KeyStore(std::size_t entries); // rounded up to a power of two of at least 4; 0 keeps nothing
  // As PublicKey::parse. Keys that do not parse are not kept.
  [[nodiscard]] std::shared_ptr<const PublicKey> get(Algorithm algorithm, Bytes key);
  void clear();

 private:
  static constexpr std::size_t kWays = 4, kStripes = 16;
  struct Way {
    std::shared_ptr<const PublicKey> key;
    unsigned uses = 0;
  };
  using Bucket = std::array<Way, kWays>;
  [[nodiscard]] std::shared_ptr<const PublicKey> find(std::size_t place, Bytes identity);
  void keep(std::size_t place, const std::shared_ptr<const PublicKey>& key);

  std::shared_ptr<TableBudget> d_tables = std::make_shared<TableBudget>();
  std::vector<Bucket> d_buckets;
  std::array<std::mutex, kStripes> d_mutexes; // bucket b belongs to mutex b mod kStripes
};

} // namespace dnssec
