// Fuzz target: what a server of example.com says is believed only of its own zone, and never without bounds. The first
// octet chooses the question and whether a forwarder was asked.
#include "recursor/resolve/verdict.hh"

#include <algorithm>
#include <array>

#include "tests/fuzz/fuzz.hh"

namespace {

using rec::VerdictKind;

constexpr std::array kTypes = {dns::RRType::A,   dns::RRType::NS,  dns::RRType::CNAME, dns::RRType::DS,
                               dns::RRType::ANY, dns::RRType::TXT, dns::RRType::SOA,   dns::RRType::RRSIG};

const dns::Name& zone() {
  static const dns::Name name = dns::Name::parse("example.com").value();
  return name;
}

rec::VerdictOptions options(bool fromForwarder) {
  rec::VerdictOptions limits;
  limits.fromForwarder = fromForwarder;
  limits.maxNameservers = 3;
  limits.maxGluePerServer = 2;
  limits.maxRecords = 8;
  return limits;
}

void checkReferral(const rec::Verdict& verdict, const dns::Question& asked, const rec::VerdictOptions& limits) {
  const rec::Delegation& referral = verdict.referral;
  fuzz::require(referral.zone.isBelow(zone()) && asked.name.isWithin(referral.zone));
  fuzz::require(referral.servers.size() <= limits.maxNameservers);
  for (const rec::NameServer& server : referral.servers) {
    fuzz::require(server.glue.size() <= limits.maxGluePerServer);
    fuzz::require(server.glue.empty() || server.name.isWithin(zone()));
  }
}

void checkDenial(const rec::Negative& negative, const dns::Question& asked) {
  fuzz::require(negative.name == asked.name);
  fuzz::require(negative.soa ? negative.soa.owner().isWithin(zone()) : negative.ttl == 0);
  for (const dns::RRset& proof : negative.proofs) {
    fuzz::require(proof.owner().isWithin(zone()));
  }
}

void check(const rec::Verdict& verdict, const dns::Question& asked, const rec::VerdictOptions& limits) {
  for (const dns::RRset& set : verdict.records) {
    fuzz::require(set.owner().isWithin(zone()) && asked.name.isWithin(set.owner()) && set.count() > 0);
    fuzz::require(verdict.kind != VerdictKind::Records ||
                  (set.owner() == asked.name && set.count() <= limits.maxRecords));
  }
  const auto inZone = [](const dns::RRset& set) { return set.owner().isWithin(zone()); };
  fuzz::require(std::all_of(verdict.chain.begin(), verdict.chain.end(), inZone));
  fuzz::require(!verdict.childNs || verdict.childNs.owner() == zone());
  fuzz::require((verdict.kind == VerdictKind::Records || verdict.kind == VerdictKind::Alias) ==
                !verdict.records.empty());
  fuzz::require((verdict.kind == VerdictKind::Lame || verdict.kind == VerdictKind::ServerError) ==
                !verdict.why.empty());
  if (verdict.kind == VerdictKind::Referral) checkReferral(verdict, asked, limits);
  if (verdict.kind == VerdictKind::NoData || verdict.kind == VerdictKind::NxDomain)
    checkDenial(verdict.negative, asked);
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const dns::Name deep = dns::Name::parse("www.sub.example.com").value();
  if (size == 0) return 0;
  const auto message = dns::parseMessage(fuzz::octets(data + 1, size - 1));
  if (!message) return 0;
  const dns::Question asked{(data[0] & 8U) == 0 ? deep : zone(), kTypes[data[0] & 7U], dns::RRClass::IN};
  const rec::VerdictOptions limits = options((data[0] & 16U) != 0);
  check(rec::judge(*message, asked, zone(), limits), asked, limits);
  return 0;
}
