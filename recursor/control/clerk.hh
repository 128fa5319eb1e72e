// Clerk: a thread that does the jobs which the thread of the control channel, or of the web server, must not wait for,
// one after the other.
#pragma once

#include <condition_variable>
#include <deque>
#include <functional>
#include <mutex>
#include <thread>

#include "lib/base/memory.hh"

namespace rec {

class Clerk {
 public:
  explicit Clerk(const char* threadName) : d_name(threadName) {} // at most 15 characters
  Clerk(const Clerk&) = delete;
  Clerk& operator=(const Clerk&) = delete;
  ~Clerk() { stop(); }

  void start();
  void stop(); // finishes the job under way, forgets the others
  // Any thread. False when too many wait already.
  bool take(std::function<void()> job);

 private:
  static constexpr std::size_t kMostWaiting = 32;
  void run();

  const char* d_name;
  std::mutex d_mutex; // guards d_jobs and d_stopping
  std::condition_variable d_changed;
  std::deque<std::function<void()>> d_jobs;
  bool d_stopping = false;
  base::ThreadArena d_arena;
  std::thread d_thread;
};

} // namespace rec
