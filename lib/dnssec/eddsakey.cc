// EdDSA keys and signatures: Ed25519 and Ed448 (RFC 8080). These sign the data itself, not its hash, and need it in one
// piece.
#include <openssl/err.h>
#include <openssl/evp.h>

#include <vector>

#include "lib/dnssec/keytypes.hh"

namespace dnssec {
namespace {

struct FreeKey {
  void operator()(EVP_PKEY* key) const { EVP_PKEY_free(key); }
};
struct FreeContext {
  void operator()(EVP_MD_CTX* context) const { EVP_MD_CTX_free(context); }
};
using Key = std::unique_ptr<EVP_PKEY, FreeKey>;

const unsigned char* raw(Bytes octets) { return reinterpret_cast<const unsigned char*>(octets.data()); }

Bytes joined(std::span<const Bytes> pieces) {
  if (pieces.size() == 1) {
    return pieces.front();
  }
  thread_local std::vector<std::byte> buffer;
  buffer.clear();
  for (const Bytes piece : pieces) {
    buffer.insert(buffer.end(), piece.begin(), piece.end());
  }
  return buffer;
}

class EddsaKey final : public PublicKey {
 public:
  EddsaKey(Key key, std::size_t signatureSize) : d_key(std::move(key)), d_signatureSize(signatureSize) {}

  [[nodiscard]] bool verify(std::span<const Bytes> data, Bytes signature) const override {
    thread_local const std::unique_ptr<EVP_MD_CTX, FreeContext> context(EVP_MD_CTX_new());
    if (signature.size() != d_signatureSize || !context) {
      return false;
    }
    const Bytes whole = joined(data);
    // Without the reset the context would go on with the key it had before.
    const bool good = EVP_MD_CTX_reset(context.get()) == 1 &&
                      EVP_DigestVerifyInit(context.get(), nullptr, nullptr, nullptr, d_key.get()) == 1 &&
                      EVP_DigestVerify(context.get(), raw(signature), signature.size(), raw(whole), whole.size()) == 1;
    if (!good) {
      ERR_clear_error();
    }
    return good;
  }

 private:
  Key d_key; // counts its references atomically; otherwise only read
  std::size_t d_signatureSize;
};

} // namespace

std::shared_ptr<PublicKey> parseEddsaKey(Algorithm algorithm, Bytes octets) {
  const bool is25519 = algorithm == Algorithm::Ed25519;
  if (octets.size() != (is25519 ? 32U : 57U)) { // RFC 8080 3
    return nullptr;
  }
  Key key(
      EVP_PKEY_new_raw_public_key(is25519 ? EVP_PKEY_ED25519 : EVP_PKEY_ED448, nullptr, raw(octets), octets.size()));
  if (!key) {
    ERR_clear_error();
    return nullptr;
  }
  return std::make_shared<EddsaKey>(std::move(key), is25519 ? 64U : 114U); // RFC 8080 4
}

} // namespace dnssec
