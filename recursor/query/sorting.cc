// The order of addresses that addSortList wants for some clients: a stage of the pipeline.
#include <algorithm>
#include <numeric>

#include "lib/base/random.hh"
#include "lib/dns/rdata.hh"
#include "recursor/query/pipeline.hh"

namespace rec {
namespace {

// Those with the same place stay in an order by chance.
dns::RRset sorted(const dns::RRset& set, const SortLists::Order& order) {
  struct Placed {
    dns::Rdata rdata;
    int place;
    std::size_t number = 0;
    [[nodiscard]] auto order() const { return std::pair(place, number); }
  };
  std::vector<Placed> records;
  for (const dns::Rdata rdata : set.rdatas()) {
    const auto address = dns::readAddress(set.type(), rdata, 0);
    records.push_back({rdata, address ? order.of(*address) : std::numeric_limits<int>::max()});
  }
  const auto first = base::randomBelow(static_cast<std::uint32_t>(records.size()));
  std::ranges::rotate(records, records.begin() + first);
  for (std::size_t i = 0; i < records.size(); ++i) {
    records[i].number = i;
  }
  std::ranges::sort(records, {}, &Placed::order);
  dns::RRsetBuilder builder(set.owner(), set.type(), set.rrclass(), set.ttl());
  for (const Placed& record : records) {
    builder.add(record.rdata);
  }
  for (const dns::Rdata signature : set.signatures()) {
    builder.addSignature(signature);
  }
  return builder.build();
}

} // namespace

void Pipeline::setAnswerRules(const AnswerRulesPtr& rules) {
  d_answerRules = rules;
  d_additionals.setRules(rules);
}

Pipeline::Step Pipeline::sortAddresses(Query& query) {
  const SortLists::Order* order = d_answerRules ? d_answerRules->sortLists.find(query.client.source) : nullptr;
  if (order == nullptr || query.errand != Errand::Answer) {
    return Step::Next;
  }
  query.variable = true; // others get another order
  query.isSorted = true;
  for (AgedRRset& set : query.outcome.answer) {
    const dns::RRType type = set.rrset.type();
    if ((type == dns::RRType::A || type == dns::RRType::AAAA) && set.rrset.count() > 1) {
      set.rrset = sorted(set.rrset, *order);
    }
  }
  return Step::Next;
}

} // namespace rec
