// Prints, as a Markdown table, how many of a hundred questions each eviction strategy answers from a cache of some
// sizes, over made-up traces. The same on every run, however busy the machine. Run through `./dev bench eviction`.
#include <cstdio>

#include "tests/bench/replay.hh"

namespace {

using base::EvictionStrategy;

void printRow(const char* name, const traces::Trace& trace, std::size_t size) {
  std::printf("| %s | %zu |", name, size);
  for (const auto strategy :
       {EvictionStrategy::S3Fifo, EvictionStrategy::Lru, EvictionStrategy::Lfu, EvictionStrategy::HitRate}) {
    std::printf(" %.1f |", traces::hitRatio(trace, strategy, size));
  }
  std::printf(" %.1f |\n", traces::hitRatio(trace, EvictionStrategy::S3Fifo, size, true));
}

} // namespace

int main() {
  const traces::Shape shape;
  const struct {
    const char* name;
    traces::Trace trace;
  } all[] = {{"Zipf", zipf(shape)},
             {"Zipf with scans", scans(shape)},
             {"shifting popularity", shifting(shape)},
             {"flood of random names", flood(shape)}};
  std::puts(
      "| trace | entries | s3fifo | lru | lfu | hit_rate | s3fifo, packet cache |\n|---|---|---|---|---|---|---|");
  for (const auto& each : all) {
    for (const std::size_t size : {2000U, 10'000U, 40'000U}) {
      printRow(each.name, each.trace, size);
    }
  }
  return 0;
}
