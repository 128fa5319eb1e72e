// Fuzz target: rdata readers, key parsing, verifySet and verifyKeySet on arbitrary rdata. The input is a type and then
// pieces: what it is (rdata, signature, DNSKEY, signature of the DNSKEYs, DS), its size, its octets. Seeds are sets
// that verify.
#include "lib/dns/wirereader.hh"
#include "lib/dnssec/keyset.hh"
#include "lib/dnssec/memo.hh"
#include "tests/fuzz/fuzz.hh"

namespace {

using dnssec::Bytes;

struct Sets {
  explicit Sets(dns::RRType type)
      : set(dns::Name::parse("mail.example.test.").value(), type, dns::RRClass::IN, 300),
        keys(dns::Name::parse("example.test.").value(), dns::RRType::DNSKEY, dns::RRClass::IN, 300),
        ds(keys.owner(), dns::RRType::DS, dns::RRClass::IN, 300) {}

  void add(unsigned kind, Bytes octets) {
    switch (kind % 5) {
    case 0: set.add(octets); break;
    case 1: set.addSignature(octets); break;
    case 2: keys.add(octets); break;
    case 3: keys.addSignature(octets); break;
    default: ds.add(octets); break;
    }
  }
  dns::RRsetBuilder set, keys, ds;
};

void readAll(Bytes octets) {
  (void)dnssec::readDs(octets);
  if (const auto key = dnssec::readDnskey(octets)) {
    (void)dnssec::PublicKey::parse(key->algorithm, key->key);
    fuzz::require(key->tag == dnssec::keyTag(octets));
  }
  if (const auto rrsig = dnssec::readRrsig(octets)) {
    fuzz::require(rrsig->head.size() + rrsig->signature.size() == octets.size());
  }
  const auto nsec = dnssec::readNsec(octets);
  const auto nsec3 = dnssec::readNsec3(octets);
  for (const unsigned type : {0U, 1U, 47U, 256U, 65535U}) {
    (void)(nsec && nsec->types.has(static_cast<dns::RRType>(type)));
    (void)(nsec3 && nsec3->types.has(static_cast<dns::RRType>(type)));
    (void)dnssec::TypeBitmap(octets).has(static_cast<dns::RRType>(type));
  }
}

void checkTold(const dnssec::Finding& finding) {
  fuzz::require(!text(finding).empty());
  fuzz::require(finding.fault == dnssec::Fault::None || edeCode(finding.fault) != dns::EdeCode::Other);
}

// The keys as they stand, without asking who signed them.
dnssec::ZoneKeys keysOf(const dns::RRset& dnskeys) {
  dnssec::ZoneKeys keys{.zone = dnskeys.owner()};
  for (const Bytes rdata : dnskeys.rdatas()) {
    const auto fields = dnssec::readDnskey(rdata);
    if (fields && keys.keys.size() < 8) {
      keys.keys.push_back({fields->tag, fields->algorithm, dnssec::PublicKey::parse(fields->algorithm, fields->key)});
    }
  }
  return keys;
}

void checkSet(const dns::RRset& set, const dnssec::ZoneKeys& keys, base::WallTime now) {
  dnssec::SignatureMemo memo(16);
  dnssec::Effort effort;
  const auto verdict = dnssec::verifySet(set, keys, {}, now, effort, &memo);
  checkTold(verdict.finding);
  fuzz::require(effort.signatures() <= 4);
  fuzz::require(!verdict.secure() || (verdict.labels >= keys.zone.labelCount() && verdict.labels <= 3));
  dnssec::Effort none(1, 1);
  (void)none.chargeSignature();
  fuzz::require(!verdict.secure() || verifySet(set, keys, {}, now, none, &memo).secure() || effort.signatures() > 1);
  (void)dnssec::signerOf(set);
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto octets = fuzz::octets(data, size);
  readAll(octets);
  dns::WireReader reader(octets);
  Sets sets(static_cast<dns::RRType>(reader.u16()));
  while (!reader.failed() && !reader.atEnd()) {
    const unsigned kind = reader.u8();
    const Bytes piece = reader.bytes(reader.u16());
    readAll(piece);
    sets.add(kind, piece);
  }
  const base::WallTime now{std::chrono::seconds{1768000000}}; // within the seeds' dates
  const dns::RRset keys = sets.keys.build();
  checkSet(sets.set.build(), keysOf(keys), now);
  checkSet(keys, keysOf(keys), now);
  dnssec::Effort effort;
  const auto verdict = dnssec::verifyKeySet(keys, sets.ds.build(), {}, now, effort, nullptr);
  checkTold(verdict.finding);
  fuzz::require(effort.signatures() <= 4);
  fuzz::require(verdict.finding || !verdict.keys.keys.empty());
  return 0;
}
