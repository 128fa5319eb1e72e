// A queue of jobs and the thread that does them: see clerk.hh.
#include "recursor/control/clerk.hh"

#include <pthread.h>

#include "lib/base/log.hh"

namespace rec {

void Clerk::start() {
  d_thread = base::startThread(d_arena, [this] { run(); });
}

void Clerk::stop() {
  {
    const std::lock_guard lock(d_mutex);
    d_stopping = true;
    d_jobs.clear();
  }
  d_changed.notify_one();
  if (d_thread.joinable()) d_thread.join();
}

bool Clerk::take(std::function<void()> job) {
  {
    const std::lock_guard lock(d_mutex);
    if (d_stopping || d_jobs.size() >= kMostWaiting) return false;
    d_jobs.push_back(std::move(job));
  }
  d_changed.notify_one();
  return true;
}

void Clerk::run() {
  ::pthread_setname_np(::pthread_self(), d_name);
  for (;;) {
    std::function<void()> job;
    {
      std::unique_lock lock(d_mutex);
      d_changed.wait(lock, [this] { return d_stopping || !d_jobs.empty(); });
      if (d_stopping) return;
      job = std::move(d_jobs.front());
      d_jobs.pop_front();
    }
    job();
  }
}

} // namespace rec
