// The helpers of the lib/dnssec tests. Signing uses the canonical form under test: that it is right is shown by the
// vectors that others signed.
#include "tests/lib/dnssec/support.hh"

#include <openssl/evp.h>

#include "lib/dnssec/canonical.hh"

namespace dnssectest {
namespace {

void put(Octets& out, std::uint32_t value, int octets) {
  for (int shift = 8 * (octets - 1); shift >= 0; shift -= 8) {
    out.push_back(static_cast<std::byte>(value >> shift));
  }
}

void put(Octets& out, dnssec::Bytes octets) { out.insert(out.end(), octets.begin(), octets.end()); }

unsigned char* raw(Octets& octets) { return reinterpret_cast<unsigned char*>(octets.data()); }
const unsigned char* raw(dnssec::Bytes octets) { return reinterpret_cast<const unsigned char*>(octets.data()); }

using Key = std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)>;
using Context = std::unique_ptr<EVP_MD_CTX, decltype(&EVP_MD_CTX_free)>;

Key secretKey(const Octets& secret) {
  return {EVP_PKEY_new_raw_private_key(EVP_PKEY_ED25519, nullptr, raw(dnssec::Bytes(secret)), secret.size()),
          &EVP_PKEY_free};
}

Octets head(const SignatureFields& fields) {
  Octets out;
  put(out, static_cast<std::uint32_t>(fields.covered), 2);
  put(out, static_cast<std::uint32_t>(fields.algorithm), 1);
  put(out, fields.labels, 1);
  put(out, fields.originalTtl, 4);
  put(out, fields.expiration, 4);
  put(out, fields.inception, 4);
  put(out, fields.tag, 2);
  put(out, fields.signer.wire());
  return out;
}

dns::RRset setOfRdatas(std::string_view zone, dns::RRType type, const std::vector<Octets>& rdatas) {
  dns::RRsetBuilder builder(name(zone), type, dns::RRClass::IN, 3600);
  for (const Octets& rdata : rdatas) {
    builder.add(rdata);
  }
  return builder.build();
}

} // namespace

dns::Name name(std::string_view text) {
  auto parsed = dns::Name::parse(text);
  REQUIRE(parsed);
  return *parsed;
}

dns::RRset setOf(std::string_view lines, std::string_view owner, dns::RRType type) {
  std::optional<dns::RRsetBuilder> builder;
  while (!lines.empty()) {
    const std::string_view line = lines.substr(0, lines.find('\n'));
    lines.remove_prefix(std::min(lines.size(), line.size() + 1));
    if (line.empty()) {
      continue;
    }
    const auto record = dns::parseRecord(line, dns::Name(), 3600);
    REQUIRE(record);
    const bool covers = record->type() == dns::RRType::RRSIG && dns::readRrsigCovered(record->front()) == type;
    if (!record->ownerIs(name(owner)) || (record->type() != type && !covers)) {
      continue;
    }
    if (!builder) {
      builder.emplace(record->owner(), type, dns::RRClass::IN, record->ttl());
    }
    covers ? builder->addSignature(record->front()) : builder->add(record->front());
  }
  REQUIRE(builder);
  return builder->build();
}

dns::RRset withSignatures(const dns::RRset& set, const std::vector<Octets>& signatures) {
  dns::RRsetBuilder builder(set.owner(), set.type(), set.rrclass(), set.ttl());
  for (const auto rdata : set.rdatas()) {
    builder.add(rdata);
  }
  for (const Octets& signature : signatures) {
    builder.addSignature(signature);
  }
  return builder.build();
}

Signer::Signer(std::string_view zone, unsigned seed, std::uint16_t flags, std::uint8_t protocol)
    : d_zone(name(zone)), d_secret(32, static_cast<std::byte>(seed)) {
  put(d_dnskey, flags, 2);
  put(d_dnskey, protocol, 1);
  put(d_dnskey, 15, 1);
  Octets open(32);
  std::size_t size = open.size();
  REQUIRE(EVP_PKEY_get_raw_public_key(secretKey(d_secret).get(), raw(open), &size) == 1);
  put(d_dnskey, open);
}

dnssec::ZoneKeys Signer::keys() const {
  const auto fields = dnssec::readDnskey(d_dnskey);
  REQUIRE(fields);
  return {.zone = d_zone,
          .keys = {{fields->tag, fields->algorithm, dnssec::PublicKey::parse(fields->algorithm, fields->key)}}};
}

dns::RRset Signer::ds(dnssec::DigestType type) const {
  dns::RRsetBuilder builder(d_zone, dns::RRType::DS, dns::RRClass::IN, 3600);
  builder.add(dnssec::makeDs(d_zone, d_dnskey, type));
  return builder.build();
}

Octets Signer::sign(const dns::RRset& set, const Bend& bend) const {
  SignatureFields fields;
  fields.covered = set.type();
  fields.labels = static_cast<unsigned>(dnssec::signedLabels(set.owner()));
  fields.tag = tag();
  fields.signer = d_zone;
  if (bend) {
    bend(fields);
  }
  Octets rdata = head(fields);
  const auto rrsig = dnssec::readRrsig(rdata);
  REQUIRE(rrsig);
  const dnssec::Bytes data = dnssec::CanonicalSet(set).signedBy(*rrsig);
  Octets signature(64);
  std::size_t size = signature.size();
  const Context context(EVP_MD_CTX_new(), &EVP_MD_CTX_free);
  REQUIRE(EVP_DigestSignInit(context.get(), nullptr, nullptr, nullptr, secretKey(d_secret).get()) == 1);
  REQUIRE(EVP_DigestSign(context.get(), raw(signature), &size, raw(data), data.size()) == 1);
  put(rdata, signature);
  return rdata;
}

dns::RRset keySet(std::string_view zone, const std::vector<Octets>& rdatas) {
  return setOfRdatas(zone, dns::RRType::DNSKEY, rdatas);
}

dns::RRset dsSet(std::string_view zone, const std::vector<Octets>& rdatas) {
  return setOfRdatas(zone, dns::RRType::DS, rdatas);
}

} // namespace dnssectest
