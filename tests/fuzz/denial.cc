// Fuzz target: denials from arbitrary records. Proofs stay within their effort and never crash; what the aggressive
// cache makes of the same records is proven by those it gives. Input: zone, name (wire form), type, then records: kind,
// owner, size, rdata.
#include "lib/dnssec/denial.hh"

#include <vector>

#include "lib/dns/rdata.hh"
#include "lib/dns/wirereader.hh"
#include "lib/dnssec/nsec3hash.hh"
#include "recursor/cache/aggressivecache.hh"
#include "tests/fuzz/fuzz.hh"

namespace {

using dnssec::Denial;
constexpr unsigned kHashes = 40;
constexpr base::WallTime kNow{std::chrono::seconds(1'800'000'000)};

dns::Name readName(dns::WireReader& reader) {
  std::array<std::byte, dns::kMaxNameSize> wire;
  const std::size_t size = reader.nameWire(wire, false);
  return size == 0 ? dns::Name() : dns::Name::fromWire(std::span(wire).first(size));
}

dns::RRset readSet(dns::WireReader& reader) {
  const unsigned kind = reader.u8();
  const dns::Name owner = readName(reader);
  dns::RRsetBuilder set(owner, (kind & 1) != 0 ? dns::RRType::NSEC3 : dns::RRType::NSEC, dns::RRClass::IN, 60);
  for (unsigned i = 0; i <= (kind >> 7); ++i) { // one record, or two
    const std::size_t size = reader.u8();
    set.add(reader.bytes(size));
  }
  return reader.failed() ? dns::RRset() : set.build();
}

struct Input {
  dns::Name zone, name;
  dns::RRType type{};
  std::vector<dns::RRset> sets;
};

Input readInput(std::span<const std::byte> data) {
  dns::WireReader reader(data);
  Input input;
  input.zone = readName(reader);
  input.name = readName(reader);
  input.type = static_cast<dns::RRType>(reader.u16());
  while (!reader.failed() && reader.remaining() > 0 && input.sets.size() < 40) {
    input.sets.push_back(readSet(reader));
  }
  return input;
}

void checkProofs(const Input& input) {
  const dnssec::DenialRecords records{input.zone, input.sets};
  const dnssec::DenialPolicy policy;
  dnssec::Effort effort(1, kHashes);
  const Denial noName = proveNoName(records, input.name, policy, effort);
  const Denial noType = proveNoType(records, input.name, input.type, policy, effort);
  const Denial noDs = proveNoDs(records, input.name, policy, effort);
  fuzz::require(noName != Denial::InsecureCut && noType != Denial::InsecureCut && noDs != Denial::Insecure);
  fuzz::require(noName != Denial::Proven || input.name.isBelow(input.zone));
  fuzz::require(noType != Denial::Proven || input.name.isWithin(input.zone));
  for (std::size_t labels = 0; labels < input.name.labelCount(); ++labels) {
    static_cast<void>(proveNoCloser(records, input.name, input.name.suffix(labels), policy, effort));
  }
  fuzz::require(effort.hashes() <= kHashes && effort.signatures() == 0);
}

void checkCache(const Input& input) {
  rec::AggressiveCache cache({.maxEntries = 20, .minNsec3HitRatio = UINT32_MAX, .shards = 2});
  const dns::SoaData soa{.minimum = 60};
  cache.storeSoa(input.zone, dns::makeSoaRRset(input.zone, 60, soa), 60, kNow);
  for (const dns::RRset& set : input.sets) {
    if (set) cache.store(input.zone, set, 60, kNow);
  }
  const auto made = cache.find(input.name, input.type, kNow);
  if (!made) return;
  using Kind = rec::Synthesized::Kind;
  const dnssec::DenialRecords records{input.zone, made->proofs};
  dnssec::Effort effort(0, 0);
  const Denial said = made->kind == Kind::NxDomain ? proveNoName(records, input.name, {}, effort)
                      : made->kind == Kind::NoData
                          ? proveNoType(records, input.name, input.type, {}, effort)
                          : proveNoCloser(records, input.name, made->wildcard.parent(), {}, effort);
  fuzz::require(said == Denial::Proven && made->ttl == 60);
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const Input input = readInput(fuzz::octets(data, size));
  checkProofs(input);
  checkCache(input);
  return 0;
}
