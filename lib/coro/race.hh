// Race: runs several tasks of one thread side by side and hands out their results as they come. Lives in the frame of
// the coroutine that started it; what still runs when it goes is cancelled. Used for hedged and parallel questions.
//   Race<Reply> race(loop);
//   race.start(ask(first));
//   auto finished = co_await race.next(deadline);     // optional<Reply>; none: the deadline passed
#pragma once

#include <deque>
#include <memory>
#include <optional>
#include <utility>
#include <vector>

#include "lib/coro/gate.hh"
#include "lib/coro/task.hh"

namespace coro {

template <typename T> class Race {
 public:
  explicit Race(Loop& loop) : d_loop(loop) {}
  Race(const Race&) = delete;
  Race& operator=(const Race&) = delete;

  // Runs up to the task's first wait, inside this call.
  void start(Task<T> task) {
    ++d_running;
    d_runners.push_back(std::make_unique<Runner>(*this, std::move(task)));
    d_runners.back()->wrapper = d_runners.back()->run();
    d_runners.back()->wrapper.start();
  }

  [[nodiscard]] std::size_t running() const { return d_running; }
  [[nodiscard]] bool hasResult() const { return !d_results.empty(); }

  // The next result in order of arrival, or nothing when the deadline passes first (or nothing runs any more).
  Task<std::optional<T>> next(base::MonoTime deadline) {
    if (d_results.empty() && d_running > 0) {
      d_gate.emplace(d_loop);
      co_await GateWait(*d_gate, deadline);
      d_gate.reset();
    }
    if (d_results.empty()) {
      co_return std::nullopt;
    }
    std::optional<T> result(std::move(d_results.front()));
    d_results.pop_front();
    co_return result;
  }

 private:
  struct Runner {
    Runner(Race& owner, Task<T> work) : race(owner), task(std::move(work)) {}
    Task<void> run() {
      T value = co_await task;
      race.finished(std::move(value));
    }
    Race& race;
    Task<T> task;
    Task<void> wrapper;
  };

  void finished(T value) {
    --d_running;
    d_results.push_back(std::move(value));
    if (d_gate) {
      d_gate->open();
    }
  }

  Loop& d_loop;
  std::size_t d_running = 0;
  std::deque<T> d_results;
  std::optional<Gate> d_gate;
  std::vector<std::unique_ptr<Runner>> d_runners; // destroyed first: cancels what runs
};

} // namespace coro
