// What workers have seen, for rec_control: rings, types of questions, servers without addresses; copied on their
// threads and counted on the one that asks.
#include "recursor/askworkers.hh"

namespace rec {
namespace {

// Without those of workers that did not answer.
template <typename T> std::vector<T> thoseThere(std::vector<std::optional<T>> answers) {
  std::vector<T> there;
  for (std::optional<T>& answer : answers) {
    if (answer) there.push_back(*std::move(answer));
  }
  return there;
}

} // namespace

TopList Daemon::top(TopKind kind, std::size_t most) {
  const TopKindInfo& info = infoOf(kind);
  if (!info.ofNames) {
    using Slots = std::vector<TopRings::AddressSlot>;
    const auto rings = thoseThere(askWorkers<Slots>([&info](Worker& w) { return w.top().addresses(info.event); }));
    return topAddresses(rings, most);
  }
  using Slots = std::vector<TopRings::NameSlot>;
  const auto rings = thoseThere(askWorkers<Slots>([&info](Worker& w) { return w.top().names(info.event); }));
  const PublicSuffixes& suffixes = d_luaScripts.publicSuffixes();
  const NameOf registered = [&suffixes](const dns::Name& name) { return suffixes.registered(name); };
  return topNames(rings, most, info.registered ? registered : NameOf());
}

QTypeCounts::Counts Daemon::questionTypes() {
  QTypeCounts::Counts sum;
  for (const auto& counts : askWorkers<QTypeCounts::Counts>([](Worker& worker) { return worker.types().all(); })) {
    for (const auto& [type, count] : counts.value_or(QTypeCounts::Counts())) sum[type] += count;
  }
  return sum;
}

// A name can be there once for each worker.
base::Result<std::size_t> Daemon::dumpNonResolving(std::FILE* out) {
  using Rows = std::vector<NonResolving::Row>;
  const auto rows = askWorkers<Rows>([](Worker& worker) { return worker.resolver().nonResolving(); });
  std::fputs("; non-resolving nameserver dump follows\n; name\tfails\tttd-s\n", out);
  std::size_t lines = 0;
  for (std::size_t i = 0; i < rows.size(); ++i) {
    if (!rows[i]) {
      return base::Error{"worker " + std::to_string(i) + " does not answer"};
    }
    for (const NonResolving::Row& row : *rows[i]) {
      std::fprintf(out, "%s\t%u\t%lld\n", row.server.text().c_str(), row.fails,
                   static_cast<long long>(row.left.count()));
      ++lines;
    }
  }
  return lines;
}

} // namespace rec
