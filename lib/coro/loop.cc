// The event loop of a thread: libevent's base, an eventfd for work posted by other threads, and the ready queue.
#include "lib/coro/loop.hh"

#include <event2/event.h>
#include <poll.h>
#include <sys/eventfd.h>

#include <stdexcept>

namespace coro {

void WaitNode::unlink() {
  if (d_next != nullptr) {
    d_prev->d_next = d_next;
    d_next->d_prev = d_prev;
    d_prev = d_next = nullptr;
  }
}

WaitList::WaitList() { d_head.d_prev = d_head.d_next = &d_head; }

WaitList::~WaitList() {
  while (popFront() != nullptr) {
  }
}

void WaitList::pushBack(WaitNode& node) {
  node.unlink();
  node.d_prev = d_head.d_prev;
  node.d_next = &d_head;
  d_head.d_prev->d_next = &node;
  d_head.d_prev = &node;
}

WaitNode* WaitList::popFront() {
  if (empty()) {
    return nullptr;
  }
  WaitNode* node = d_head.d_next;
  node->unlink();
  return node;
}

void WaitList::moveTo(WaitList& other) {
  while (WaitNode* node = popFront()) {
    other.pushBack(*node);
  }
}

namespace {

event_base* makeBase() {
  event_config* config = event_config_new();
  event_config_set_flag(config, EVENT_BASE_FLAG_NOLOCK);
  event_base* made = event_base_new_with_config(config);
  event_config_free(config);
  return made;
}

} // namespace

Loop::Loop(const base::Clock& clock)
    : d_clock(clock), d_base(makeBase()), d_wakeFd(::eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC)) {
  if (d_base == nullptr || !d_wakeFd.valid()) {
    throw std::runtime_error("cannot create an event loop");
  }
  d_wakeEvent = event_new(d_base, d_wakeFd.get(), EV_READ | EV_PERSIST, &Loop::onPosted, this);
  event_add(d_wakeEvent, nullptr);
}

Loop::~Loop() {
  event_free(d_wakeEvent);
  event_base_free(d_base);
}

void Loop::run() {
  while (!d_stopped) {
    drainReady();
    if (!d_stopped && d_ready.empty() && d_attendant != nullptr) {
      beginWork();
      d_attendant->beforeWaiting();
    }
    if (!d_stopped) {
      ++d_turn;
      beginWork();
      event_base_loop(d_base, EVLOOP_ONCE | (d_ready.empty() ? 0 : EVLOOP_NONBLOCK));
    }
  }
}

void Loop::runOnce() {
  drainReady();
  ++d_turn;
  beginWork();
  event_base_loop(d_base, EVLOOP_NONBLOCK);
  drainReady();
}

void Loop::stop() {
  d_stopped = true;
  event_base_loopbreak(d_base);
}

void Loop::drainReady() {
  WaitList batch;
  d_ready.moveTo(batch);
  while (WaitNode* node = batch.popFront()) {
    beforeResume();
    node->handle.resume();
  }
}

void Loop::rest(std::chrono::nanoseconds longest) const {
  pollfd posted{d_wakeFd.get(), POLLIN, 0};
  const auto seconds = std::chrono::floor<std::chrono::seconds>(longest);
  const timespec time{seconds.count(), (longest - seconds).count()};
  ::ppoll(&posted, 1, &time, nullptr);
}

void Loop::post(std::function<void()> work) {
  bool wasEmpty = false;
  {
    const std::lock_guard lock(d_postMutex);
    wasEmpty = d_posted.empty();
    d_posted.push_back(std::move(work));
  }
  if (wasEmpty) {
    eventfd_write(d_wakeFd.get(), 1);
  }
}

void Loop::onPosted(int /*fd*/, short /*what*/, void* self) { static_cast<Loop*>(self)->runPosted(); }

void Loop::runPosted() {
  eventfd_t ignored = 0;
  eventfd_read(d_wakeFd.get(), &ignored);
  std::vector<std::function<void()>> work;
  {
    const std::lock_guard lock(d_postMutex);
    work.swap(d_posted);
  }
  for (std::function<void()>& item : work) {
    beginWork();
    item();
  }
}

} // namespace coro
