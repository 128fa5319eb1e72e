// Race: runs several tasks of one thread side by side and hands out their results as they come. Lives in the frame of
// the coroutine that started it; what still runs when it goes is cancelled. Used for hedged and parallel questions.
//   Race<Reply> race(loop);
//   race.start(ask(first));
//   auto finished = co_await race.next(deadline);     // optional<Reply>; none: the deadline passed
#pragma once

#include <optional>
#include <utility>
#include <vector>

#include "lib/coro/gate.hh"
#include "lib/coro/task.hh"

namespace coro {

template <typename T> class Race {
 public:
  explicit Race(Loop& loop) : d_gate(loop) {}
  Race(const Race&) = delete;
  Race& operator=(const Race&) = delete;

  // Runs up to the task's first wait, inside this call.
  void start(Task<T> task) {
    ++d_running;
    d_runners.push_back(run(std::move(task)));
    d_runners.back().start();
  }

  [[nodiscard]] std::size_t running() const { return d_running; }
  [[nodiscard]] bool hasResult() const { return !d_results.empty(); }

  class Next : public GateWait {
   public:
    Next(Race& race, base::MonoTime deadline) : GateWait(race.ready(), deadline), d_race(race) {}
    std::optional<T> await_resume() { return d_race.take(); }

   private:
    Race& d_race;
  };
  // The next result in order of arrival, or nothing when the deadline passes first (or nothing runs any more).
  Next next(base::MonoTime deadline) { return Next(*this, deadline); }

 private:
  Task<void> run(Task<T> task) {
    T value = co_await task;
    --d_running;
    d_results.push_back(std::move(value));
    d_gate.open();
  }

  // Open when there is nothing to wait for.
  Gate& ready() {
    d_results.empty() && d_running > 0 ? d_gate.close() : d_gate.open();
    return d_gate;
  }
  std::optional<T> take() {
    if (d_results.empty()) {
      return std::nullopt;
    }
    std::optional<T> first(std::move(d_results.front()));
    d_results.erase(d_results.begin());
    return first;
  }

  Gate d_gate;
  std::size_t d_running = 0;
  std::vector<T> d_results;          // few
  std::vector<Task<void>> d_runners; // destroyed first: cancels what runs
};

} // namespace coro
