// Gate: coroutines of one thread wait at it until somebody opens it; an open gate lets everybody through at once.
//   bool opened = co_await GateWait(gate, deadline);
#pragma once

#include "lib/coro/loop.hh"
#include "lib/coro/wait.hh"

namespace coro {

class Gate {
 public:
  explicit Gate(Loop& loop) : d_loop(loop) {}
  Gate(const Gate&) = delete;
  Gate& operator=(const Gate&) = delete;

  // Waiters go on from the loop's top level, in the order in which they came.
  void open() {
    d_open = true;
    d_loop.readyAll(d_waiters);
  }
  void close() { d_open = false; }
  [[nodiscard]] bool isOpen() const { return d_open; }
  [[nodiscard]] Loop& loop() const { return d_loop; }

 private:
  friend class GateWait;
  Loop& d_loop;
  bool d_open = false;
  WaitList d_waiters;
};

class GateWait {
 public:
  GateWait(Gate& gate, base::MonoTime deadline);
  GateWait(const GateWait&) = delete;
  GateWait& operator=(const GateWait&) = delete;
  ~GateWait();

  [[nodiscard]] bool await_ready() const noexcept { return d_gate.isOpen(); }
  void await_suspend(std::coroutine_handle<> waiter);
  bool await_resume() const noexcept { return d_gate.isOpen(); }

 private:
  static void onTimeout(int fd, short what, void* self);

  Gate& d_gate;
  base::MonoTime d_deadline;
  WaitNode d_node;
  event d_timer{};
  bool d_armed = false;
};

} // namespace coro
