// Hashing through the crypto library's EVP interface, without a lookup of the algorithm per call.
#include "lib/dnssec/digest.hh"

#include <openssl/evp.h>

#include <memory>

namespace dnssec {
namespace {

constexpr std::size_t kHashes = 4;

struct FreeContext {
  void operator()(EVP_MD_CTX* context) const { EVP_MD_CTX_free(context); }
};
struct FreeMethod {
  void operator()(EVP_MD* method) const { EVP_MD_free(method); }
};
using Methods = std::array<std::unique_ptr<EVP_MD, FreeMethod>, kHashes>;
using Contexts = std::array<std::unique_ptr<EVP_MD_CTX, FreeContext>, kHashes>;

Methods fetchMethods() {
  Methods methods;
  constexpr std::array<const char*, kHashes> names = {"SHA1", "SHA256", "SHA384", "SHA512"}; // in the order of Hash
  for (std::size_t i = 0; i < kHashes; ++i) {
    methods[i].reset(EVP_MD_fetch(nullptr, names[i], nullptr));
  }
  return methods;
}

Contexts makeContexts() {
  Contexts contexts;
  for (auto& context : contexts) {
    context.reset(EVP_MD_CTX_new());
  }
  return contexts;
}

} // namespace

Digest digest(Hash hash, std::span<const Bytes> pieces) {
  static const Methods methods = fetchMethods();
  thread_local const Contexts contexts = makeContexts();
  EVP_MD* method = methods[static_cast<std::size_t>(hash)].get();
  EVP_MD_CTX* context = contexts[static_cast<std::size_t>(hash)].get();
  Digest out;
  if (method == nullptr || context == nullptr || EVP_DigestInit_ex2(context, method, nullptr) != 1) {
    return out;
  }
  bool good = true;
  for (const Bytes piece : pieces) {
    good = good && EVP_DigestUpdate(context, piece.data(), piece.size()) == 1;
  }
  unsigned size = 0;
  good = good && EVP_DigestFinal_ex(context, reinterpret_cast<unsigned char*>(out.octets.data()), &size) == 1;
  out.size = good ? size : 0;
  return out;
}

} // namespace dnssec
