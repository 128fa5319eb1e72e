// MemoryKeeper: keeps the process within max-memory. The caches get what is left beside the rest of the process; when
// the process still grows beyond the limit, they get less, and more again later. The daemon's thread asks it every few
// seconds. It knows no cache: it is told what they take and says what they may.
#pragma once

#include <cstddef>
#include <functional>

namespace rec {

// Of max-memory (0: half of the machine's), in octets.
[[nodiscard]] std::size_t memoryLimit(std::size_t maxMemory);
// What that leaves for all caches together: not what workers need for themselves, nor what the allocator loses between
// blocks.
[[nodiscard]] std::size_t memoryForCaches(std::size_t limit, std::size_t workers);

class MemoryKeeper {
 public:
  struct Hooks {
    std::function<std::size_t()> resident;    // of the process
    std::function<void()> release;            // gives unused memory back to the system
    std::function<std::size_t()> used;        // by all caches
    std::function<void(std::size_t)> allowed; // to all caches
  };
  // `most`: what the caches were given in the beginning.
  MemoryKeeper(std::size_t limit, std::size_t most, Hooks hooks);

  void check();
  [[nodiscard]] std::size_t allowed() const { return d_allowed; }

 private:
  const std::size_t d_limit, d_most;
  Hooks d_hooks;
  std::size_t d_allowed;
};

} // namespace rec
