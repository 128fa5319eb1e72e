// Waiting for descriptors and times by one libevent event inside the coroutine's frame.
#include "lib/coro/wait.hh"

#include <event2/event.h>

#include <algorithm>

namespace coro {

timeval timeLeft(const Loop& loop, base::MonoTime deadline) {
  const auto left = std::max(deadline - loop.now(), std::chrono::nanoseconds(0));
  const auto micros = std::chrono::ceil<std::chrono::microseconds>(left).count();
  timeval timeout{};
  timeout.tv_sec = static_cast<decltype(timeout.tv_sec)>(micros / 1'000'000);
  timeout.tv_usec = static_cast<decltype(timeout.tv_usec)>(micros % 1'000'000);
  return timeout;
}

EventWait::EventWait(Loop& loop, int fd, short what, base::MonoTime deadline) : d_loop(loop), d_deadline(deadline) {
  event_assign(&d_event, loop.base(), fd, what, &EventWait::onEvent, this);
}

EventWait::~EventWait() { event_del(&d_event); }

void EventWait::await_suspend(std::coroutine_handle<> waiter) {
  d_waiter = waiter;
  const timeval timeout = timeLeft(d_loop, d_deadline);
  event_add(&d_event, &timeout);
}

void EventWait::onEvent(int /*fd*/, short what, void* self) {
  auto* wait = static_cast<EventWait*>(self);
  wait->d_happened = (what & (EV_READ | EV_WRITE)) != 0;
  wait->d_loop.beforeResume();
  wait->d_waiter.resume();
}

} // namespace coro
