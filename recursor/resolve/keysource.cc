// Looking up the keys of trust anchors: see keysource.hh.
#include "recursor/resolve/keysource.hh"

namespace rec {
namespace {

constexpr std::chrono::seconds kPatience{10}; // nobody waits for it

} // namespace

Walk LookupKeySource::newWalk() const {
  Walk walk;
  walk.work = std::make_shared<Work>(d_parts.options->limits);
  walk.work->deadline = d_parts.loop.now() + kPatience;
  walk.fresh = true;
  return walk;
}

coro::Task<dns::RRset> LookupKeySource::dnskeys(dns::Name zone) {
  const dns::Question question{zone, dns::RRType::DNSKEY, dns::RRClass::IN};
  Walk walk = newWalk();
  const LookupPtr found = co_await d_lookups.lookup(question, walk);
  for (const AgedRRset& set : found->records) {
    const bool isIt = set.rrset.type() == dns::RRType::DNSKEY && set.rrset.ownerIs(zone);
    if (found->kind == LookupKind::Records && isIt) {
      co_return set.rrset;
    }
  }
  co_return dns::RRset();
}

coro::Task<void> LookupKeySource::signal(dns::Name name) {
  const dns::Question question{name, dns::RRType::NULL_, dns::RRClass::IN};
  Walk walk = newWalk();
  co_await d_lookups.lookup(question, walk);
}

} // namespace rec
