// Stage of the pipeline that asks the caches, and what becomes of an outcome, theirs or the resolver's.
#include <array>

#include "recursor/query/pipeline.hh"

namespace rec {
namespace {

// RFC 8482 4.2: what a name has that does not have the type we looked for.
AgedRRset conventionalHinfo(const dns::Name& name) {
  constexpr std::array<unsigned char, 9> kRdata{7, 'R', 'F', 'C', '8', '4', '8', '2', 0};
  constexpr std::uint32_t kTtl = 3600;
  dns::RRsetBuilder builder(name, dns::RRType::HINFO, dns::RRClass::IN, kTtl);
  builder.add(std::as_bytes(std::span(kRdata)));
  return {builder.build(), kTtl};
}

} // namespace

Pipeline::Step Pipeline::askCaches(Query& query) {
  const Request request = requestFor(query);
  auto outcome = d_parts.resolver.fromCache(request);
  const bool isWhole =
      outcome && (!d_additionals.wants(request.question.type) || d_additionals.addKnown(request, *outcome));
  if (isWhole || (outcome && request.cacheOnly)) {
    d_counters.add(outcome->kind == AnswerKind::Local ? Metric::AuthZoneQueries : Metric::CacheHits);
    if (request.trace) {
      d_parts.tracer->end(request.question, *request.trace, *outcome);
    }
    adopt(query, std::move(*outcome));
    return Step::Answer;
  }
  query.missed = d_parts.resolver.foundNothing();
  if (query.header.rd) {
    return Step::Next;
  }
  query.outcome.rcode = dns::RCode::Refused;
  query.outcome.cacheable = false;
  query.outcome.errors.push_back({dns::EdeCode::NotAuthoritative, "not in the cache"});
  return Step::Answer;
}

void Pipeline::adopt(Query& query, Outcome&& outcome) {
  query.outcome = std::move(outcome);
  query.variable = query.variable || !query.outcome.cacheable; // and what a policy makes of it
  if (query.followed) {
    const Outcome& begun = query.followed->begun;
    auto& answer = query.outcome.answer;
    answer.insert(answer.begin(), begun.answer.begin(), begun.answer.end());
    query.outcome.errors.insert(query.outcome.errors.begin(), begun.errors.begin(), begun.errors.end());
    query.outcome.security = Security::Insecure;
    query.outcome.narrow(begun.scope);
    return;
  }
  const bool nothingThere = query.outcome.rcode == dns::RCode::NoError && query.outcome.answer.empty();
  if (query.question.type == dns::RRType::ANY && nothingThere) {
    query.outcome.answer.push_back(conventionalHinfo(query.question.name));
    query.outcome.authority.clear();
    query.outcome.security = Security::Insecure;
  }
}

} // namespace rec
