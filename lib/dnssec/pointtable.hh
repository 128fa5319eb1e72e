// PointTable: multiples of one P-256 key's point, made once, with which a signature check costs half. Making one takes
// milliseconds and 150 KB: it pays for keys that sign much (hosters use one key for all their zones, top-level domains
// sign every DS). Used by ECDSA keys only.
#pragma once

#include <openssl/ec.h>
#include <openssl/ecdsa.h>

#include <memory>

#include "lib/dnssec/records.hh"

namespace dnssec {

class PointTable {
 public:
  // `group`: P-256, must outlive this. Null when the crypto library cannot make one.
  [[nodiscard]] static std::unique_ptr<const PointTable> make(const EC_GROUP* group, const EC_POINT* key);
  ~PointTable() { EC_GROUP_free(d_keyGroup); }
  PointTable(const PointTable&) = delete;
  PointTable& operator=(const PointTable&) = delete;

  // ECDSA (FIPS 186-4 6.4.2) over P-256 for a hash of 32 octets. Any number of threads at once.
  [[nodiscard]] bool verify(Bytes hash, const ECDSA_SIG* signature) const;

 private:
  PointTable(const EC_GROUP* group, EC_GROUP* keyGroup) : d_group(group), d_keyGroup(keyGroup) {}
  const EC_GROUP* d_group;
  EC_GROUP* d_keyGroup; // the same curve with the key's point in the generator's place, and its table
};

} // namespace dnssec
