// Measures what the check of a signed set costs beside the cryptography itself: a whole verifySet, the same known to
// the memo, its parts, the key's parsing, and the bare check. Run by hand, optionally with the number of rounds; not a
// test.
#define OPENSSL_SUPPRESS_DEPRECATED
#include <openssl/ec.h>
#include <openssl/ecdsa.h>
#include <openssl/evp.h>

#include <cstdio>
#include <cstdlib>
#include <ctime>

#include "lib/dns/presentation.hh"
#include "lib/dnssec/canonical.hh"
#include "lib/dnssec/digest.hh"
#include "lib/dnssec/keyset.hh"
#include "lib/dnssec/memo.hh"
#include "tests/lib/dnssec/vectors.hh"

namespace {

using dnssec::Bytes;

// Processor time in microseconds, so that a busy machine matters less; the best of five.
template <typename Work> double timeEach(std::size_t count, const Work& work) {
  double best = 1e9;
  for (int round = 0; round < 5; ++round) {
    const std::clock_t start = std::clock();
    for (std::size_t i = 0; i < count; ++i) {
      work();
    }
    const double each = static_cast<double>(std::clock() - start) * 1e6 / CLOCKS_PER_SEC / static_cast<double>(count);
    best = each < best ? each : best;
  }
  return best;
}

dns::RRset setOf(std::string_view lines, dns::RRType type, std::string_view ownerText) {
  const dns::Name owner = dns::Name::parse(ownerText).value();
  dns::RRsetBuilder builder(owner, type, dns::RRClass::IN, 3600);
  while (!lines.empty()) {
    const std::string_view line = lines.substr(0, lines.find('\n'));
    lines.remove_prefix(line.size() + (line.size() < lines.size() ? 1 : 0));
    const auto record = line.empty() ? base::Result<dns::RRset>(dns::RRset()) : dns::parseRecord(line, owner, 3600);
    if (!record || !*record || !record->ownerIs(owner)) {
      continue;
    }
    if (record->type() == type) {
      builder.add(record->front());
    } else if (record->type() == dns::RRType::RRSIG && dns::readRrsigCovered(record->front()) == type) {
      builder.addSignature(record->front());
    }
  }
  return builder.build();
}

void measure(const dnssectest::Vector& vector, std::size_t rounds) {
  const base::WallTime now{std::chrono::seconds{1767225600 + 864000}};
  const dnssec::SignaturePolicy policy;
  dnssec::Effort effort(0, 0);
  const auto dnskeys = setOf(vector.records, dns::RRType::DNSKEY, "example.test.");
  const auto ds = setOf(vector.records, dns::RRType::DS, "example.test.");
  const auto keys = dnssec::verifyKeySet(dnskeys, ds, policy, now, effort, nullptr).keys;
  const auto set = setOf(vector.records, dns::RRType::MX, "mail.example.test.");
  const auto rrsig = dnssec::readRrsig(*set.signatures().begin()).value();
  const auto dnskey = dnssec::readDnskey(dnskeys.front()).value();
  const Bytes view = dnssec::CanonicalSet(set).signedBy(rrsig);
  const std::vector<std::byte> copy(view.begin(), view.end());
  const Bytes data = copy;
  const dnssec::PublicKey& key = *keys.keys.at(0).key;
  dnssec::SignatureMemo memo(1024);
  bool good = dnssec::verifySet(set, keys, policy, now, effort, &memo).secure();
  const double whole =
      timeEach(rounds, [&] { good &= dnssec::verifySet(set, keys, policy, now, effort, nullptr).secure(); });
  const double bare = timeEach(rounds, [&] { good &= key.verify(std::span(&data, 1), rrsig.signature); });
  const double known =
      timeEach(rounds * 10, [&] { good &= dnssec::verifySet(set, keys, policy, now, effort, &memo).secure(); });
  const double canonical = timeEach(rounds * 10, [&] { good &= !dnssec::CanonicalSet(set).signedBy(rrsig).empty(); });
  const double parse =
      timeEach(rounds, [&] { good &= dnssec::PublicKey::parse(dnskey.algorithm, dnskey.key) != nullptr; });
  const double keySet =
      timeEach(rounds, [&] { good &= !dnssec::verifyKeySet(dnskeys, ds, policy, now, effort, nullptr).finding; });
  const auto shared = memo.key(dnskey.algorithm, dnskey.key); // used often: P-256 gets a table
  for (int i = 0; i < 300; ++i) {
    good &= shared->verify(std::span(&data, 1), rrsig.signature);
  }
  const double often = timeEach(rounds, [&] { good &= shared->verify(std::span(&data, 1), rrsig.signature); });
  std::printf("%-20s %7.2f %7.2f %7.2f %9.2f %7.2f %7.2f %7.2f %s\n", text(dnskey.algorithm).c_str(), bare, often,
              whole, known, canonical, parse, keySet, good ? "" : "FAILED");
}

// What the crypto library needs for P-256 with everything at hand.
double libraryAlone(std::size_t rounds) {
  EVP_PKEY* key = EVP_EC_gen("P-256");
  const EC_KEY* raw = EVP_PKEY_get0_EC_KEY(key);
  const unsigned char hash[32] = {1, 2, 3};
  ECDSA_SIG* signature = ECDSA_do_sign(hash, sizeof hash, const_cast<EC_KEY*>(raw));
  const double each =
      timeEach(rounds, [&] { (void)ECDSA_do_verify(hash, sizeof hash, signature, const_cast<EC_KEY*>(raw)); });
  ECDSA_SIG_free(signature);
  EVP_PKEY_free(key);
  return each;
}

} // namespace

int main(int argc, char** argv) {
  const std::size_t rounds = argc > 1 ? std::strtoul(argv[1], nullptr, 10) : 2000;
  std::printf("the crypto library alone, P-256: %.2f us\n", libraryAlone(rounds));
  std::printf("%-20s %7s %7s %7s %7s %9s %7s %7s   (us)\n", "algorithm", "check", "often", "set", "known", "canonical",
              "parse", "keyset");
  for (const auto& vector : dnssectest::kVectors) {
    measure(vector, rounds);
  }
  return 0;
}
