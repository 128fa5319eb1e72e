// takeKnown() goes from the answer to the names in it, from what is known of those to the names in that (NAPTR to SRV
// to addresses), and so on, a few steps.
#include "recursor/query/additionals.hh"

#include <algorithm>

#include "lib/dns/rdata.hh"
#include "lib/dns/wirereader.hh"

namespace rec {
namespace {

constexpr unsigned kSteps = 4;                       // from name to name
constexpr std::size_t kMostWishes = 30;              // for an answer
constexpr std::size_t kMostLater = 100;              // at a time
constexpr std::chrono::milliseconds kPatience{1500}; // that an answer waits for all that comes along with it

// A service record's target stands behind its numbers (RFC 2782, RFC 9460 2.2); the root is the owner itself, or
// nobody.
std::optional<dns::Name> serviceTarget(const dns::RRset& set, dns::Rdata rdata) {
  const bool isBinding = set.type() != dns::RRType::SRV;
  dns::WireReader reader(rdata, isBinding ? 2 : 6);
  dns::Name target = reader.name();
  if (reader.failed()) return std::nullopt;
  if (!target.isRoot()) return target;
  const bool isService = isBinding && std::to_integer<unsigned>(rdata[0] | rdata[1]) != 0;
  return isService ? std::optional(set.owner()) : std::nullopt;
}

// RFC 3403 4.1: the flags say whether addresses or SRV records are next.
std::optional<dns::Name> naptrTarget(dns::Rdata rdata) {
  dns::WireReader reader(rdata, 4);
  const auto flags = reader.bytes(reader.u8());
  const bool leadsOn = std::ranges::any_of(flags, [](std::byte flag) {
    const auto letter = static_cast<char>(flag);
    return letter == 'a' || letter == 'A' || letter == 's' || letter == 'S';
  });
  reader.skip(reader.u8()); // services
  reader.skip(reader.u8()); // regular expression
  dns::Name target = reader.name();
  return leadsOn && !reader.failed() && !target.isRoot() ? std::optional(target) : std::nullopt;
}

std::optional<dns::Name> targetOf(const dns::RRset& set, dns::Rdata rdata) {
  switch (set.type()) {
  case dns::RRType::MX: return dns::readMxExchange(rdata);
  case dns::RRType::SRV:
  case dns::RRType::SVCB:
  case dns::RRType::HTTPS: return serviceTarget(set, rdata);
  case dns::RRType::NAPTR: return naptrTarget(rdata);
  default: return std::nullopt;
  }
}

const AgedRRset* findIn(const std::vector<AgedRRset>& sets, const dns::Question& question) {
  const auto found = std::ranges::find_if(sets, [&](const AgedRRset& set) {
    return set.rrset.type() == question.type && set.rrset.ownerIs(question.name);
  });
  return found == sets.end() ? nullptr : &*found;
}

Request requestFor(const Request& like, const dns::Question& question, AdditionalMode mode) {
  Request request = like;
  request.question = question;
  request.trace = nullptr;
  request.renew = 0;
  request.allowStale = false;
  request.authoritativeOnly = mode == AdditionalMode::CacheOnlyRequireAuth || mode == AdditionalMode::ResolveDeferred;
  return request;
}

} // namespace

std::vector<Additionals::Wish> Additionals::wishesFor(const std::vector<AgedRRset>& sets) const {
  std::vector<Wish> wishes;
  for (const AgedRRset& set : sets) {
    const auto rule = d_rules->additionals.find(set.rrset.type());
    if (rule == d_rules->additionals.end() || rule->second.mode == AdditionalMode::Ignore) continue;
    for (const dns::Rdata rdata : set.rrset.rdatas()) {
      const auto target = targetOf(set.rrset, rdata);
      for (std::size_t i = 0; target && i < rule->second.targets.size(); ++i) {
        wishes.push_back({{*target, rule->second.targets[i], dns::RRClass::IN}, rule->second.mode});
      }
    }
  }
  return wishes;
}

// What is not known and may be asked for.
std::vector<Additionals::Wish> Additionals::takeKnown(const Request& request, Outcome& outcome) {
  std::vector<Wish> missing;
  std::vector<AgedRRset> from = outcome.answer;
  std::size_t looked = 0;
  for (unsigned step = 0; step < kSteps && !from.empty(); ++step) {
    std::vector<AgedRRset> found;
    for (Wish& wish : wishesFor(from)) {
      if (findIn(outcome.answer, wish.question) != nullptr || findIn(found, wish.question) != nullptr) continue;
      if (const AgedRRset* there = findIn(outcome.additional, wish.question)) {
        found.push_back(*there);
        continue;
      }
      if (++looked > kMostWishes) return missing;
      auto known = d_resolver.fromCache(::rec::requestFor(request, wish.question, wish.mode));
      if (!known && wish.mode >= AdditionalMode::ResolveImmediately) missing.push_back(std::move(wish));
      const AgedRRset* set = known && !known->servers ? findIn(known->answer, wish.question) : nullptr;
      if (set == nullptr) continue;
      outcome.narrow(known->scope);
      outcome.cacheable = outcome.cacheable && known->cacheable;
      found.push_back(*set);
      outcome.additional.push_back(*set);
    }
    from = std::move(found);
  }
  return missing;
}

bool Additionals::addKnown(const Request& request, Outcome& outcome) {
  if (!wants(request.question.type) || outcome.rcode != dns::RCode::NoError || outcome.answer.empty()) {
    return true;
  }
  const std::vector<Wish> missing = takeKnown(request, outcome);
  bool complete = true;
  for (const Wish& wish : missing) {
    complete = complete && wish.mode != AdditionalMode::ResolveImmediately;
    if (wish.mode == AdditionalMode::ResolveDeferred && !request.cacheOnly) {
      outcome.cacheable = false; // the next answer may have more
      resolveLater(::rec::requestFor(request, wish.question, wish.mode));
    }
  }
  return complete;
}

coro::Task<Outcome> Additionals::complete(Request request, Outcome outcome) {
  const base::MonoTime until = std::min(request.deadline, d_loop.now() + kPatience);
  std::vector<dns::Question> tried;
  for (unsigned step = 0; step < kSteps && !addKnown(request, outcome); ++step) {
    const std::vector<Wish> missing = takeKnown(request, outcome);
    for (const Wish& wish : missing) {
      const bool again = std::ranges::find(tried, wish.question) != tried.end();
      if (again || wish.mode != AdditionalMode::ResolveImmediately || d_loop.now() >= until) continue;
      tried.push_back(wish.question);
      Request wanted = ::rec::requestFor(request, wish.question, wish.mode);
      wanted.deadline = until;
      auto found = co_await d_resolver.resolve(std::move(wanted));
      outcome.cacheable = outcome.cacheable && found.rcode != dns::RCode::ServFail;
    }
  }
  co_return outcome;
}

void Additionals::resolveLater(Request request) {
  if (d_later < kMostLater) {
    request.authoritativeOnly = false;
    request.deadline = d_loop.now() + 2 * kPatience;
    d_roots.spawn(resolveOne(std::move(request)));
  }
}

coro::Task<void> Additionals::resolveOne(Request request) {
  struct Count {
    explicit Count(std::size_t& counted) : count(counted) { ++count; }
    Count(const Count&) = delete;
    Count& operator=(const Count&) = delete;
    ~Count() { --count; }
    std::size_t& count;
  };
  const Count counted(d_later);
  auto found = co_await d_resolver.resolve(std::move(request));
  static_cast<void>(found);
}

} // namespace rec
