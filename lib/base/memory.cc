// jemalloc with malloc_conf of main.cc: one common arena, further ones made by hand, and no automatic purging, which
// would read the clock and call the kernel in the midst of a question. The daemon's thread purges from time to time
// instead.
#include "lib/base/memory.hh"

#include <unistd.h>

#include <cstddef>
#include <fstream>
#include <future>
#include <utility>

extern "C" int mallctl(const char* name, void* oldValue, std::size_t* oldSize, void* newValue, std::size_t newSize)
    __attribute__((weak));
extern "C" std::size_t nallocx(std::size_t size, int flags) __attribute__((weak));

namespace base {

ThreadArena::ThreadArena() {
  std::size_t size = sizeof d_index;
  if (mallctl != nullptr && mallctl("arenas.create", &d_index, &size, nullptr, 0) != 0) {
    d_index = 0;
  }
}

void ThreadArena::use() const {
  if (mallctl != nullptr && d_index != 0) {
    unsigned index = d_index;
    mallctl("thread.arena", nullptr, nullptr, &index, sizeof index);
  }
}

std::thread startThread(const ThreadArena& arena, std::function<void()> run) {
  std::promise<void> ready;
  const std::future<void> isReady = ready.get_future();
  std::thread thread([&arena, ready = std::move(ready), run = std::move(run)]() mutable {
    arena.use();
    ready.set_value();
    run();
  });
  isReady.wait();
  return thread;
}

// Without jemalloc: glibc's sixteens with eight octets of its own in front.
std::size_t allocatedSize(std::size_t octets) {
  if (octets == 0) return 0;
  return nallocx != nullptr ? nallocx(octets, 0) : (octets + 8 + 15) / 16 * 16;
}

std::size_t residentMemory() {
  std::size_t all = 0;
  std::size_t resident = 0;
  std::ifstream file("/proc/self/statm");
  return file >> all >> resident ? resident * static_cast<std::size_t>(::sysconf(_SC_PAGESIZE)) : 0;
}

void releaseMemory() {
  if (mallctl != nullptr) {
    mallctl("arena.4096.purge", nullptr, nullptr, nullptr, 0); // 4096: all of them (MALLCTL_ARENAS_ALL)
  }
}

} // namespace base
