// Fuzz target: the messages of a zone transfer, each behind its length. Whatever they are, what they make of a response
// policy zone can be looked up, written and read again; and every rule that is found is one that was given.
#include <cstdio>
#include <unistd.h>

#include "lib/dnssec/tsig.hh"
#include "recursor/policy/rpzloader.hh"
#include "recursor/policy/rpztransfer.hh"
#include "tests/fuzz/fuzz.hh"

namespace {

const dns::Name& zone() {
  static const dns::Name name = *dns::Name::parse("z.");
  return name;
}

class Sink final : public rec::RpzTransferSink {
 public:
  void begin(bool whole) override {
    loader.emplace(whole ? nullptr : have, rec::RpzLoadOptions{"fuzz", true, {}});
    loader->setZone(zone());
  }
  void add(rec::Octets owner, dns::RRType type, std::uint32_t ttl, rec::Octets rdata) override {
    loader->add(owner, type, ttl, rdata);
  }
  bool remove(rec::Octets owner, dns::RRType type, rec::Octets rdata) override {
    return loader->remove(owner, type, rdata);
  }
  rec::RpzRulesPtr have;
  std::optional<rec::RpzLoader> loader;
};

// The rules after the transfer, if it came to its end.
rec::RpzRulesPtr transferred(const rec::RpzRulesPtr& have, std::span<const std::byte> stream) {
  Sink sink;
  sink.have = have;
  const auto own = have ? std::optional(have->serial()) : std::nullopt;
  rec::RpzTransfer transfer(zone(), own, 1, sink);
  while (stream.size() >= 2 && !transfer.isDone()) {
    const std::size_t size = std::min(stream.size() - 2, std::to_integer<std::size_t>(stream[0]) << 8 |
                                                             std::to_integer<std::size_t>(stream[1]));
    if (!transfer.take(stream.subspan(2, size))) return nullptr;
    stream = stream.subspan(2 + size);
  }
  return transfer.isDone() && sink.loader ? sink.loader->finish() : nullptr;
}

void check(const rec::RpzRules& rules) {
  std::size_t count = 0;
  rules.forEach([&](const rec::RpzShard::Entry& entry) {
    for (const bool wildcard : {false, true}) {
      const rec::RpzSide& side = wildcard ? entry.wildcard : entry.exact;
      if (side.action == rec::PolicyAction::None) continue;
      ++count;
      fuzz::require(!rec::RpzKey::ownerText(entry.key, wildcard).empty());
      if (rec::RpzKey::triggerOf(entry.key) == rec::PolicyTrigger::QName && !wildcard) {
        const auto found = rules.find(rec::PolicyTrigger::QName, dns::Name::fromWire(entry.key));
        fuzz::require(found && found->side.action == side.action);
      }
    }
  });
  fuzz::require(count == rules.rules());
  static std::FILE* const nowhere = std::fopen("/dev/null", "w");
  rec::writeRpz(rules, nowhere);
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto stream = fuzz::octets(data, size);
  static const auto key = *dnssec::TsigKey::make("k.", "hmac-sha256", "c2VjcmV0");
  if (size > 2) fuzz::require(!dnssec::verifyTsig(key, stream.subspan(2), base::WallTime()));
  const auto first = transferred(nullptr, stream);
  if (!first) return 0;
  check(*first);
  if (const auto second = transferred(first, stream)) check(*second);
  return 0;
}
