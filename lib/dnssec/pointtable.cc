// ECDSA: hash/s times the generator plus r/s times the key, each from its table.
#define OPENSSL_SUPPRESS_DEPRECATED
#include "lib/dnssec/pointtable.hh"

namespace dnssec {
namespace {

// A thread's numbers and points, made once.
class Scratch {
 public:
  explicit Scratch(const EC_GROUP* group)
      : context(BN_CTX_new()), hash(BN_new()), inverse(BN_new()), forGenerator(BN_new()), forKey(BN_new()), x(BN_new()),
        left(EC_POINT_new(group)), right(EC_POINT_new(group)) {}
  ~Scratch() {
    EC_POINT_free(right);
    EC_POINT_free(left);
    for (BIGNUM* number : {hash, inverse, forGenerator, forKey, x}) {
      BN_free(number);
    }
    BN_CTX_free(context);
  }
  Scratch(const Scratch&) = delete;
  Scratch& operator=(const Scratch&) = delete;
  [[nodiscard]] bool complete() const {
    return context != nullptr && hash != nullptr && inverse != nullptr && forGenerator != nullptr &&
           forKey != nullptr && x != nullptr && left != nullptr && right != nullptr;
  }

  BN_CTX* context;
  BIGNUM *hash, *inverse, *forGenerator, *forKey, *x;
  EC_POINT *left, *right;
};

bool inRange(const BIGNUM* number, const BIGNUM* order) {
  return BN_is_zero(number) == 0 && BN_is_negative(number) == 0 && BN_ucmp(number, order) < 0;
}

// The two factors, hash/s for the generator and r/s for the key, into the scratch.
bool makeFactors(const Scratch& at, const BIGNUM* order, Bytes hash, const ECDSA_SIG* signature) {
  const BIGNUM* r = ECDSA_SIG_get0_r(signature);
  const BIGNUM* s = ECDSA_SIG_get0_s(signature);
  return at.complete() && hash.size() == 32 && inRange(r, order) && inRange(s, order) &&
         BN_bin2bn(reinterpret_cast<const unsigned char*>(hash.data()), 32, at.hash) != nullptr &&
         BN_mod_inverse(at.inverse, s, order, at.context) != nullptr &&
         BN_mod_mul(at.forGenerator, at.hash, at.inverse, order, at.context) == 1 &&
         BN_mod_mul(at.forKey, r, at.inverse, order, at.context) == 1;
}

// Whether the sum of both products, in at.left, has r for its x.
bool sumMatches(const Scratch& at, const EC_GROUP* group, const ECDSA_SIG* signature) {
  return EC_POINT_is_at_infinity(group, at.left) == 0 &&
         EC_POINT_get_affine_coordinates(group, at.left, at.x, nullptr, at.context) == 1 &&
         BN_nnmod(at.x, at.x, EC_GROUP_get0_order(group), at.context) == 1 &&
         BN_ucmp(at.x, ECDSA_SIG_get0_r(signature)) == 0;
}

const Scratch& scratch(const EC_GROUP* group) {
  thread_local const Scratch all(group);
  return all;
}

} // namespace

std::unique_ptr<const PointTable> PointTable::make(const EC_GROUP* group, const EC_POINT* key) {
  EC_GROUP* keyGroup = EC_GROUP_dup(group);
  if (keyGroup == nullptr ||
      EC_GROUP_set_generator(keyGroup, key, EC_GROUP_get0_order(group), EC_GROUP_get0_cofactor(group)) != 1 ||
      EC_GROUP_precompute_mult(keyGroup, nullptr) != 1 || EC_GROUP_have_precompute_mult(keyGroup) != 1) {
    EC_GROUP_free(keyGroup);
    return nullptr;
  }
  return std::unique_ptr<const PointTable>(new PointTable(group, keyGroup));
}

bool PointTable::verify(Bytes hash, const ECDSA_SIG* signature) const {
  const Scratch& at = scratch(d_group);
  return makeFactors(at, EC_GROUP_get0_order(d_group), hash, signature) &&
         EC_POINT_mul(d_group, at.left, at.forGenerator, nullptr, nullptr, at.context) == 1 &&
         EC_POINT_mul(d_keyGroup, at.right, at.forKey, nullptr, nullptr, at.context) == 1 &&
         EC_POINT_add(d_group, at.left, at.left, at.right, at.context) == 1 && sumMatches(at, d_group, signature);
}

} // namespace dnssec
