// Measures the record cache: nanoseconds per find and store, octets per entry. Run by hand, optionally with the number
// of entries; not a test.
#include <malloc.h>

#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <vector>

#include "lib/dns/rdata.hh"
#include "recursor/cache/recordcache.hh"

namespace {

// Processor time, so that a busy machine matters less.
template <typename Work> double timeEach(std::size_t count, const Work& work) {
  const std::clock_t start = std::clock();
  for (std::size_t i = 0; i < count; ++i) {
    work(i);
  }
  return static_cast<double>(std::clock() - start) * 1e9 / CLOCKS_PER_SEC / static_cast<double>(count);
}

} // namespace

int main(int argc, char** argv) {
  const std::size_t count = argc > 1 ? std::strtoul(argv[1], nullptr, 10) : 1'000'000;
  rec::RecordCache cache({.maxEntries = count});
  const base::WallTime now{std::chrono::seconds{1'767'225'600}};
  std::vector<dns::RRset> sets;
  std::vector<dns::Name> names;
  const base::Address address = base::Address::parse("192.0.2.1").value();
  for (std::size_t i = 0; i < count; ++i) {
    names.push_back(dns::Name::parse("host" + std::to_string(i * 7919 % count) + ".example.com.").value());
    sets.push_back(dns::makeAddressRRset(names.back(), 3600, address));
  }
  const std::size_t before = mallinfo2().uordblks + mallinfo2().hblkhd;
  const double store = timeEach(
      count, [&](std::size_t i) { cache.store(sets[i], rec::Rank::AnswerAuth, rec::Security::Insecure, now); });
  const std::size_t after = mallinfo2().uordblks + mallinfo2().hblkhd;
  std::size_t found = 0;
  const double find = timeEach(count, [&](std::size_t i) {
    found += cache.find(names[i * 104'729 % count], dns::RRType::A, now).has_value() ? 1U : 0U;
  });
  const double miss = timeEach(
      count, [&](std::size_t i) { found += cache.find(names[i], dns::RRType::MX, now).has_value() ? 1U : 0U; });
  std::printf("%zu entries, %zu found\nstore %.0f ns, find %.0f ns, miss %.0f ns\n%.1f octets per entry beside its "
              "RRset\n",
              cache.entries(), found, store, find, miss,
              static_cast<double>(after - before) / static_cast<double>(cache.entries()));
  return 0;
}
