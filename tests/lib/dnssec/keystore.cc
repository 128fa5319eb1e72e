// Unit tests of shared keys and of the tables that much used P-256 keys get: the same verdicts as the crypto library's.
#include <openssl/core_names.h>
#include <openssl/ecdsa.h>
#include <openssl/evp.h>

#include <thread>

#include "lib/dnssec/digest.hh"
#include "lib/dnssec/keystore.hh"
#include "tests/lib/dnssec/support.hh"
#include "tests/lib/dnssec/vectors.hh"

using namespace dnssec;
using dnssectest::Octets;

namespace {

const unsigned char* raw(Bytes octets) { return reinterpret_cast<const unsigned char*>(octets.data()); }

// A fresh P-256 key that signs as DNS does.
class Signer {
 public:
  Signer() : d_key(EVP_EC_gen("P-256"), &EVP_PKEY_free) { REQUIRE(d_key); }
  [[nodiscard]] Octets open() const {
    std::array<unsigned char, 65> point;
    std::size_t size = 0;
    REQUIRE(EVP_PKEY_get_octet_string_param(d_key.get(), OSSL_PKEY_PARAM_PUB_KEY, point.data(), point.size(), &size));
    REQUIRE(size == point.size());
    const auto octets = std::as_bytes(std::span(point)).subspan(1);
    return {octets.begin(), octets.end()};
  }
  [[nodiscard]] Octets sign(Bytes data) const {
    const std::unique_ptr<EVP_PKEY_CTX, decltype(&EVP_PKEY_CTX_free)> context(EVP_PKEY_CTX_new(d_key.get(), nullptr),
                                                                              &EVP_PKEY_CTX_free);
    const Digest hash = digest(Hash::Sha256, std::span(&data, 1));
    std::array<unsigned char, 80> der;
    std::size_t size = der.size();
    REQUIRE(EVP_PKEY_sign_init(context.get()) == 1);
    REQUIRE(EVP_PKEY_sign(context.get(), der.data(), &size, raw(hash.bytes()), hash.size) == 1);
    const unsigned char* at = der.data();
    const std::unique_ptr<ECDSA_SIG, decltype(&ECDSA_SIG_free)> signature(
        d2i_ECDSA_SIG(nullptr, &at, static_cast<long>(size)), &ECDSA_SIG_free);
    Octets out(64);
    auto* octets = reinterpret_cast<unsigned char*>(out.data());
    REQUIRE(BN_bn2binpad(ECDSA_SIG_get0_r(signature.get()), octets, 32) == 32);
    REQUIRE(BN_bn2binpad(ECDSA_SIG_get0_s(signature.get()), octets + 32, 32) == 32);
    return out;
  }

 private:
  std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)> d_key;
};

bool verifies(const PublicKey& key, Bytes data, Bytes signature) { return key.verify(std::span(&data, 1), signature); }

// Uses a key until it has its table.
void wear(const PublicKey& key, Bytes data, Bytes signature) {
  for (int i = 0; i < 300; ++i) {
    REQUIRE(verifies(key, data, signature));
  }
}

Octets number(std::string_view hex) { // of 32 octets
  Octets out;
  for (std::size_t i = 0; i < hex.size(); i += 2) {
    out.push_back(static_cast<std::byte>(std::stoi(std::string(hex.substr(i, 2)), nullptr, 16)));
  }
  return out;
}

} // namespace

TEST_CASE("equal keys are parsed once, keys that cannot be are refused every time") {
  KeyStore store(16);
  const Octets one = Signer().open(), two = Signer().open();
  const auto first = store.get(Algorithm::EcdsaP256Sha256, one);
  REQUIRE(first);
  CHECK(store.get(Algorithm::EcdsaP256Sha256, one) == first);
  CHECK(store.get(Algorithm::EcdsaP256Sha256, two) != first);
  CHECK_FALSE(store.get(Algorithm::EcdsaP384Sha384, one));
  CHECK_FALSE(store.get(Algorithm::EcdsaP256Sha256, Octets(64)));
  store.clear();
  CHECK(store.get(Algorithm::EcdsaP256Sha256, one) != first);
  KeyStore none(0);
  CHECK(none.get(Algorithm::EcdsaP256Sha256, one) != none.get(Algorithm::EcdsaP256Sha256, one));
}

TEST_CASE("a key that is used much stays when many others come by") {
  KeyStore store(4);
  const Octets key = Signer().open();
  const auto kept = store.get(Algorithm::EcdsaP256Sha256, key);
  for (unsigned i = 0; i < 200; ++i) {
    CHECK(store.get(Algorithm::EcdsaP256Sha256, key) == kept);
    REQUIRE(store.get(Algorithm::Ed25519, Octets(32, static_cast<std::byte>(i))));
  }
}

TEST_CASE("with its table a key gives the same verdicts as without") {
  const Signer signer;
  const Octets open = signer.open();
  const auto plain = PublicKey::parse(Algorithm::EcdsaP256Sha256, open);
  const auto budget = std::make_shared<TableBudget>();
  const auto key = PublicKey::parse(Algorithm::EcdsaP256Sha256, open, budget);
  const Octets data(100, std::byte{7});
  wear(*key, data, signer.sign(data));
  REQUIRE(budget->left == 63);
  for (unsigned i = 0; i < 60; ++i) {
    const Octets text(i, static_cast<std::byte>(i));
    Octets signature = signer.sign(text);
    CHECK(verifies(*key, text, signature));
    CHECK_FALSE(verifies(*key, data, signature));
    signature[i] ^= static_cast<std::byte>(1U << (i % 8));
    CHECK_FALSE(verifies(*key, text, signature));
    CHECK_FALSE(verifies(*plain, text, signature));
  }
}

TEST_CASE("numbers outside of their range are refused with and without a table") {
  const Signer signer;
  const Octets open = signer.open(), data(10, std::byte{1});
  const auto plain = PublicKey::parse(Algorithm::EcdsaP256Sha256, open);
  const auto key = PublicKey::parse(Algorithm::EcdsaP256Sha256, open, std::make_shared<TableBudget>());
  wear(*key, data, signer.sign(data));
  const Octets zero(32), one = number("0000000000000000000000000000000000000000000000000000000000000001"),
                         order = number("FFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551"),
                         most(32, std::byte{0xFF});
  for (const Octets& r : {zero, one, order, most}) {
    for (const Octets& s : {zero, one, order, most}) {
      Octets signature = r;
      signature.insert(signature.end(), s.begin(), s.end());
      CHECK_FALSE(verifies(*key, data, signature));
      CHECK_FALSE(verifies(*plain, data, signature));
    }
  }
}

TEST_CASE("tables are given within the budget and come back with their keys") {
  const Signer signer;
  const Octets open = signer.open(), data(10, std::byte{1}), signature = signer.sign(data);
  const auto budget = std::make_shared<TableBudget>();
  budget->left = 1;
  {
    const auto first = PublicKey::parse(Algorithm::EcdsaP256Sha256, open, budget);
    const auto second = PublicKey::parse(Algorithm::EcdsaP256Sha256, open, budget);
    wear(*first, data, signature);
    CHECK(budget->left == 0);
    wear(*second, data, signature);
    CHECK(budget->left == 0);
  }
  CHECK(budget->left == 1);
}

TEST_CASE("threads share one key while its table is made") {
  const Signer signer;
  const Octets open = signer.open(), data(10, std::byte{1}), signature = signer.sign(data);
  KeyStore store(16);
  std::atomic<int> bad{0};
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([&] {
      for (int round = 0; round < 150; ++round) {
        const auto key = store.get(Algorithm::EcdsaP256Sha256, open);
        bad += verifies(*key, data, signature) && !verifies(*key, signature, signature) ? 0 : 1;
      }
    });
  }
  for (std::thread& thread : threads) {
    thread.join();
  }
  CHECK(bad == 0);
}
