// Waiting at a gate with a deadline: the waiter stands in the gate's list and has a timer beside it.
#include "lib/coro/gate.hh"

#include <event2/event.h>

namespace coro {

GateWait::GateWait(Gate& gate, base::MonoTime deadline) : d_gate(gate), d_deadline(deadline) {}

GateWait::~GateWait() {
  if (d_armed) {
    event_del(&d_timer);
  }
}

void GateWait::await_suspend(std::coroutine_handle<> waiter) {
  d_node.handle = waiter;
  d_gate.d_waiters.pushBack(d_node);
  const timeval timeout = timeLeft(d_gate.loop(), d_deadline);
  event_assign(&d_timer, d_gate.loop().base(), -1, 0, &GateWait::onTimeout, this);
  event_add(&d_timer, &timeout);
  d_armed = true;
}

void GateWait::onTimeout(int /*fd*/, short /*what*/, void* self) {
  auto* wait = static_cast<GateWait*>(self);
  wait->d_gate.loop().ready(wait->d_node); // leaves the gate's list; resumed once, whichever comes first
}

} // namespace coro
