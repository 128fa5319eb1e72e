// The waits of a coroutine: for a descriptor, for a time. Every wait has a deadline.
//   bool in = co_await Readable(loop, fd, deadline);   // false: the deadline passed first
//   co_await Sleep(loop, std::chrono::milliseconds(20));
#pragma once

#include <event2/event.h>
#include <event2/event_struct.h>

#include <chrono>
#include <coroutine>

#include "lib/coro/loop.hh"

namespace coro {

// From now to `deadline` as libevent wants it, rounded up; nothing when it has passed.
[[nodiscard]] timeval timeLeft(const Loop& loop, base::MonoTime deadline);

// Waits until a libevent condition on `fd` (or none: fd -1) holds or the deadline passes.
class EventWait {
 public:
  EventWait(Loop& loop, int fd, short what, base::MonoTime deadline);
  EventWait(const EventWait&) = delete;
  EventWait& operator=(const EventWait&) = delete;
  ~EventWait();

  [[nodiscard]] bool await_ready() const noexcept { return false; }
  void await_suspend(std::coroutine_handle<> waiter);
  bool await_resume() const noexcept { return d_happened; }

 private:
  static void onEvent(int fd, short what, void* self);

  Loop& d_loop;
  base::MonoTime d_deadline;
  event d_event{};
  std::coroutine_handle<> d_waiter;
  bool d_happened = false;
};

class Readable : public EventWait {
 public:
  Readable(Loop& loop, int fd, base::MonoTime deadline) : EventWait(loop, fd, EV_READ, deadline) {}
};

class Writable : public EventWait {
 public:
  Writable(Loop& loop, int fd, base::MonoTime deadline) : EventWait(loop, fd, EV_WRITE, deadline) {}
};

class Sleep : public EventWait {
 public:
  Sleep(Loop& loop, std::chrono::nanoseconds time) : EventWait(loop, -1, EV_TIMEOUT, loop.now() + time) {}
};

// Resumes from the loop's top level: breaks long synchronous work into slices.
class Yield {
 public:
  explicit Yield(Loop& loop) : d_loop(loop) {}
  Yield(const Yield&) = delete;
  Yield& operator=(const Yield&) = delete;
  [[nodiscard]] bool await_ready() const noexcept { return false; }
  void await_suspend(std::coroutine_handle<> waiter) {
    d_node.handle = waiter;
    d_loop.ready(d_node);
  }
  void await_resume() const noexcept {}

 private:
  Loop& d_loop;
  WaitNode d_node;
};

} // namespace coro
