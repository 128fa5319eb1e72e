// The allocator (jemalloc, where linked): which arena a thread allocates from, and when memory goes back to the system.
// Called by the daemon and by workers at their beginning; never on the way of a question.
#pragma once

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

// Gives unused pages of all arenas back to the system.
void releaseMemory();

} // namespace base
