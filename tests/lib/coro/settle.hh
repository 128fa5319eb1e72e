// Timers of a loop run by real time, whatever its clock says. Tests that wait for them wait here: for what the loop
// still has to do, never for a span of time, in which a process that gets no processor would not turn its loop at all.
#pragma once

#include <event2/event.h>
#include <event2/event_struct.h>

#include <catch2/catch.hpp>
#include <chrono>

#include "lib/coro/loop.hh"

namespace corotest {

inline constexpr std::chrono::seconds kPatience{15};

// A timer that is due after `span`: when it has fired, so have all that were set before it and for less.
class Fence {
 public:
  Fence(coro::Loop& loop, std::chrono::milliseconds span) : d_loop(loop) {
    evtimer_assign(
        &d_timer, loop.base(), [](int, short, void* self) { static_cast<Fence*>(self)->d_passed = true; }, this);
    const auto seconds = std::chrono::floor<std::chrono::seconds>(span);
    const timeval time{seconds.count(), std::chrono::microseconds(span - seconds).count()};
    event_add(&d_timer, &time);
  }
  Fence(const Fence&) = delete;
  Fence& operator=(const Fence&) = delete;
  ~Fence() { event_del(&d_timer); }

  [[nodiscard]] bool passed() const { return d_passed; }
  // No other timer of the loop is due before this one.
  [[nodiscard]] bool isNext() const {
    return event_base_foreach_event(d_loop.base(), &Fence::isEarlier, const_cast<event*>(&d_timer)) == 0;
  }

 private:
  static int isEarlier(const event_base* /*base*/, const event* other, void* fence) {
    timeval own{}, due{};
    event_pending(static_cast<const event*>(fence), EV_TIMEOUT, &own);
    const bool isTimer = other != fence && event_pending(other, EV_TIMEOUT, &due) != 0;
    return isTimer && evutil_timercmp(&due, &own, <) ? 1 : 0;
  }

  coro::Loop& d_loop;
  event d_timer{};
  bool d_passed = false;
};

// Turns the loop until nothing is left to do and no timer is due within `horizon`.
inline void settle(coro::Loop& loop, std::chrono::milliseconds horizon) {
  constexpr int longest = 16; // chain of coroutines that wake each other
  const auto limit = std::chrono::steady_clock::now() + kPatience;
  for (bool isQuiet = false; !isQuiet;) {
    for (int i = 0; i < longest; ++i) loop.runOnce();
    isQuiet = Fence(loop, horizon).isNext();
    if (!isQuiet && std::chrono::steady_clock::now() > limit) FAIL("the loop does not come to rest");
  }
}

} // namespace corotest
