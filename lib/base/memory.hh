// The allocator (jemalloc, where linked): which arena a thread allocates from, and when memory goes back to the system.
// Called by the daemon and by workers at their beginning; never on the way of a question.
#pragma once

#include <cstddef>
#include <functional>
#include <thread>

namespace base {

// An arena of its own for a thread that is about to start. To be made by a thread that already runs: making one reads
// the clock, and a clock that allocates in turn (libfaketime) must not do so in a thread that has no arena yet.
class ThreadArena {
 public:
  ThreadArena();
  // The calling thread allocates from this arena from now on.
  void use() const;

 private:
  unsigned d_index = 0; // 0, everybody's arena, when there is no jemalloc
};

// A thread, given back when the allocator's part of it is set up: threads that set theirs up at the same time wait for
// one another's lock, and whoever waits for a lock of jemalloc reads the clock. A clock that allocates in turn must not
// be read there.
[[nodiscard]] std::thread startThread(const ThreadArena& arena, std::function<void()> run);

// What the allocator sets aside for a block of so many octets, at least one.
[[nodiscard]] std::size_t allocatedSize(std::size_t octets);

// What the process has in memory, in octets; 0 when the system does not tell.
[[nodiscard]] std::size_t residentMemory();

// Gives unused pages of all arenas back to the system.
void releaseMemory();

} // namespace base
