// DNS64 in the router: which questions it has to do with, the first link of reverse names, and what becomes of the
// outcomes for AAAA and A. Called around each chain by resolve() and fromCache(); asks nobody itself.
#include "lib/dns/rdata.hh"
#include "recursor/resolve/router.hh"

namespace rec {
namespace {

constexpr std::uint32_t kReverseTtl = 600; // of the CNAME made for a reverse name

} // namespace

// Nothing when DNS64 is off or must leave the question alone.
const Dns64Prefix* Router::translatorFor(const Request& request) const {
  const bool mayBe = d_parts.options->dns64 && request.question.rrclass == dns::RRClass::IN && !request.asItIs;
  return mayBe ? &*d_parts.options->dns64 : nullptr;
}

std::optional<dns::Name> Router::reverseFor(const Request& request) const {
  const Dns64Prefix* prefix = request.question.type == dns::RRType::PTR ? translatorFor(request) : nullptr;
  return prefix != nullptr ? reverseTarget(*prefix, request.question.name) : std::nullopt;
}

// The chain of a reverse name inside the prefix has its first link already (RFC 6147 5.3.1); chain.broken() tells when
// max-cnames-followed forbids it.
Chain Router::begin(const Request& request) const {
  Chain chain(request.question, d_parts.options->limits.maxCnames);
  if (const auto target = reverseFor(request)) {
    Lookup alias;
    alias.kind = LookupKind::Alias;
    alias.source = AnswerKind::Local;
    alias.security = Security::Insecure;
    alias.target = *target;
    alias.records.push_back(
        {dns::makeNameRRset(request.question.name, dns::RRType::CNAME, kReverseTtl, *target), kReverseTtl});
    static_cast<void>(chain.add(std::move(alias)));
  }
  return chain;
}

// Whether the answer is to be made from A records. Takes addresses out that do not count, and counts reverse names.
bool Router::needsIpv4(const Request& request, Outcome& outcome) {
  if (translatorFor(request) == nullptr) {
    return false;
  }
  if (reverseFor(request)) {
    d_parts.counters.add(Metric::Dns64PrefixAnswers);
  }
  if (request.question.type != dns::RRType::AAAA) {
    return false;
  }
  dropExcludedAddresses(outcome);
  return lacksAddresses(outcome);
}

Request Router::inIpv4(Request request) {
  request.question.type = dns::RRType::A;
  return request;
}

// What the question for A brought is the answer (RFC 6147 5); when that is nothing, the denial of AAAA stands.
Outcome Router::translate(Outcome forAaaa, Outcome forA) {
  const std::optional<SubnetScope> scope = forAaaa.scope;
  const bool cacheable = forAaaa.cacheable && forA.cacheable;
  forAaaa.narrow(forA.scope); // whichever it is, it depends on both
  forA.narrow(scope);
  forAaaa.cacheable = forA.cacheable = cacheable;
  const auto& prefix = d_parts.options->dns64; // a reload may have switched it off meanwhile
  auto made = prefix ? synthesise(*prefix, forAaaa, forA) : std::nullopt;
  if (made) {
    d_parts.counters.add(Metric::Dns64PrefixAnswers);
    return std::move(*made);
  }
  const bool denied = lacksAddresses(forA) && !forAaaa.authority.empty();
  return !prefix || denied ? std::move(forAaaa) : std::move(forA);
}

} // namespace rec
