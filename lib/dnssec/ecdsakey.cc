// ECDSA keys and signatures over P-256 and P-384 (RFC 6605). Of the crypto library's interfaces this takes EC_KEY: it
// can be shared by threads without a context per thread, and making one costs a tenth of an EVP_PKEY from parameters. A
// key that is used often gets a table (pointtable.hh).
#define OPENSSL_SUPPRESS_DEPRECATED
#include <openssl/ec.h>
#include <openssl/ecdsa.h>
#include <openssl/err.h>
#include <openssl/obj_mac.h>

#include <algorithm>
#include <array>

#include "lib/dnssec/keytypes.hh"
#include "lib/dnssec/pointtable.hh"

namespace dnssec {
namespace {

struct FreeKey {
  void operator()(EC_KEY* key) const { EC_KEY_free(key); }
};
struct FreeGroup {
  void operator()(EC_GROUP* group) const { EC_GROUP_free(group); }
};
struct FreeSignature {
  void operator()(ECDSA_SIG* signature) const { ECDSA_SIG_free(signature); }
};
using Key = std::unique_ptr<EC_KEY, FreeKey>;
using Group = std::unique_ptr<EC_GROUP, FreeGroup>;
using Signature = std::unique_ptr<ECDSA_SIG, FreeSignature>;

struct Curve {
  Curve(int nid, Hash hashing, std::size_t octets)
      : group(EC_GROUP_new_by_curve_name(nid)), hash(hashing), coordinate(octets) {}
  Group group;
  Hash hash;
  std::size_t coordinate; // octets of a coordinate, and of each half of a signature
};

const Curve& curveOf(Algorithm algorithm) {
  static const Curve p256(NID_X9_62_prime256v1, Hash::Sha256, 32);
  static const Curve p384(NID_secp384r1, Hash::Sha384, 48);
  return algorithm == Algorithm::EcdsaP256Sha256 ? p256 : p384;
}

const unsigned char* raw(Bytes octets) { return reinterpret_cast<const unsigned char*>(octets.data()); }

// The two numbers r and s, one after the other (RFC 6605 4).
Signature readSignature(Bytes octets) {
  const std::size_t half = octets.size() / 2;
  Signature signature(ECDSA_SIG_new());
  BIGNUM* r = BN_bin2bn(raw(octets), static_cast<int>(half), nullptr);
  BIGNUM* s = BN_bin2bn(raw(octets.subspan(half)), static_cast<int>(half), nullptr);
  if (!signature || ECDSA_SIG_set0(signature.get(), r, s) != 1) {
    BN_free(r);
    BN_free(s);
    return nullptr;
  }
  return signature;
}

// After so many checks a table has nearly paid for itself, if as many are to come.
constexpr unsigned kTableAfter = 256;

class EcdsaKey final : public PublicKey {
 public:
  EcdsaKey(const Curve& curve, Key key, std::shared_ptr<TableBudget> tables)
      : d_curve(curve), d_key(std::move(key)), d_tables(std::move(tables)) {}
  ~EcdsaKey() override {
    if (const PointTable* table = d_table.load(std::memory_order_acquire)) {
      delete table;
      d_tables->left.fetch_add(1, std::memory_order_relaxed);
    }
  }
  EcdsaKey(const EcdsaKey&) = delete;
  EcdsaKey& operator=(const EcdsaKey&) = delete;

  [[nodiscard]] bool verify(std::span<const Bytes> data, Bytes octets) const override {
    if (octets.size() != 2 * d_curve.coordinate) {
      return false;
    }
    const Digest hash = digest(d_curve.hash, data);
    const Signature signature = readSignature(octets);
    if (!signature || hash.size == 0) {
      return false;
    }
    const bool good = verifyHash(hash.bytes(), signature.get());
    if (!good) {
      ERR_clear_error();
    }
    return good;
  }

 private:
  bool verifyHash(Bytes hash, const ECDSA_SIG* signature) const {
    if (const PointTable* table = d_table.load(std::memory_order_acquire)) {
      return table->verify(hash, signature);
    }
    const bool mayHaveTable = d_tables && d_curve.hash == Hash::Sha256;
    if (mayHaveTable && d_uses.fetch_add(1, std::memory_order_relaxed) == kTableAfter) {
      makeTable();
    }
    return ECDSA_do_verify(raw(hash), static_cast<int>(hash.size()), signature, d_key.get()) == 1;
  }

  // By one thread, once; the others go on without it until it is there.
  void makeTable() const {
    if (d_tables->left.fetch_sub(1, std::memory_order_relaxed) > 0) {
      auto table = PointTable::make(d_curve.group.get(), EC_KEY_get0_public_key(d_key.get()));
      if (table) {
        d_table.store(table.release(), std::memory_order_release);
        return;
      }
    }
    d_tables->left.fetch_add(1, std::memory_order_relaxed);
  }

  const Curve& d_curve;
  Key d_key; // only read after it was made
  std::shared_ptr<TableBudget> d_tables;
  mutable std::atomic<unsigned> d_uses{0};
  mutable std::atomic<const PointTable*> d_table{nullptr}; // owned
};

} // namespace

// The point's coordinates x and y, without the octet that tells the form (RFC 6605 4).
std::shared_ptr<PublicKey> parseEcdsaKey(Algorithm algorithm, Bytes octets, std::shared_ptr<TableBudget> tables) {
  const Curve& curve = curveOf(algorithm);
  if (octets.size() != 2 * curve.coordinate || !curve.group) {
    return nullptr;
  }
  std::array<std::byte, 97> point = {std::byte{POINT_CONVERSION_UNCOMPRESSED}};
  std::ranges::copy(octets, point.begin() + 1);
  Key key(EC_KEY_new());
  if (!key || EC_KEY_set_group(key.get(), curve.group.get()) != 1 ||
      EC_KEY_oct2key(key.get(), raw(point), octets.size() + 1, nullptr) != 1) { // refuses what is not on the curve
    ERR_clear_error();
    return nullptr;
  }
  return std::make_shared<EcdsaKey>(curve, std::move(key), std::move(tables));
}

} // namespace dnssec
