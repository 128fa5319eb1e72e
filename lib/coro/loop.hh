// Loop: one libevent event_base for one thread, its clock, its queue of coroutines ready to go on, and the one door for
// other threads: post(). Everything else of a Loop belongs to its own thread.
#pragma once

#include <chrono>
#include <coroutine>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <vector>

#include "lib/base/clock.hh"
#include "lib/base/fd.hh"
#include "lib/base/heldclock.hh"

struct event_base;
struct event;

namespace coro {

// A member of an intrusive list: a coroutine that waits for something. Unlinks itself when its frame is destroyed.
class WaitNode {
 public:
  WaitNode() = default;
  WaitNode(const WaitNode&) = delete;
  WaitNode& operator=(const WaitNode&) = delete;
  ~WaitNode() { unlink(); }
  void unlink();
  [[nodiscard]] bool linked() const { return d_next != nullptr; }

  std::coroutine_handle<> handle;

 private:
  friend class WaitList;
  WaitNode* d_prev = nullptr;
  WaitNode* d_next = nullptr;
};

class WaitList {
 public:
  WaitList();
  WaitList(const WaitList&) = delete;
  WaitList& operator=(const WaitList&) = delete;
  ~WaitList();
  void pushBack(WaitNode& node);
  WaitNode* popFront(); // nullptr when empty
  [[nodiscard]] bool empty() const { return d_head.d_next == &d_head; }
  void moveTo(WaitList& other);

 private:
  WaitNode d_head;
};

// Who must not wait for the rest of the loop's work: asked often, each time for a little. Own thread.
class Attendant {
 public:
  virtual ~Attendant() = default;
  // Nothing is ready and the loop is about to wait for events. May sleep for a moment, by Loop::rest().
  virtual void beforeWaiting() = 0;
  // A few coroutines were resumed one after the other, and more may follow.
  virtual void betweenResumes() = 0;
};

class Loop {
 public:
  explicit Loop(const base::Clock& clock);
  Loop(const Loop&) = delete;
  Loop& operator=(const Loop&) = delete;
  ~Loop();

  void run();  // until stop()
  void stop(); // own thread; from another one: post([&]{ loop.stop(); })
  // Runs what is ready and the events that are pending, once, without blocking. For tests.
  void runOnce();

  // One at most; must outlive the loop's run().
  void setAttendant(Attendant& attendant) { d_attendant = &attendant; }
  // Sleeps for so long, or until something is posted. Nothing else is noticed meanwhile.
  void rest(std::chrono::nanoseconds longest) const;
  // Whoever resumes a coroutine from the top level calls this before.
  void beforeResume() {
    beginWork();
    if (d_attendant != nullptr && ++d_resumed == kResumesAtOnce) {
      d_resumed = 0;
      d_attendant->betweenResumes();
      beginWork();
    }
  }

  // Any thread: `work` runs on this loop's thread soon. The only thread-safe member.
  void post(std::function<void()> work);

  // The coroutine goes on from the loop's top level, after the current callback.
  void ready(WaitNode& node) { d_ready.pushBack(node); }
  void readyAll(WaitList& list) { list.moveTo(d_ready); }

  // How often the loop has looked for events.
  [[nodiscard]] std::uint64_t turn() const { return d_turn; }

  // The time as it passes: for measuring how long something takes.
  [[nodiscard]] const base::Clock& clock() const { return d_clock; }
  // The time; after holdTime(), that at which the current piece of work asked for it first.
  [[nodiscard]] base::MonoTime now() const { return d_time->mono(); }
  [[nodiscard]] base::WallTime wall() const { return d_time->wall(); }
  // From now on the clock is read once for each piece of work: what a coroutine does when it is resumed, what is done
  // for a question that has arrived. A question asks for the time some thirty times on its way.
  void holdTime() { d_time = &d_held; }
  // Whoever begins a piece of work other than by resuming a coroutine calls this before.
  void beginWork() { d_held.renew(); }
  [[nodiscard]] event_base* base() const { return d_base; }

 private:
  static constexpr unsigned kResumesAtOnce = 8; // some 30 us each when they resolve

  static void onPosted(int fd, short what, void* self);
  void drainReady();
  void runPosted();

  const base::Clock& d_clock;
  base::HeldClock d_held{d_clock};
  const base::Clock* d_time = &d_clock;
  event_base* d_base;
  WaitList d_ready;
  bool d_stopped = false;
  std::uint64_t d_turn = 0;
  Attendant* d_attendant = nullptr;
  unsigned d_resumed = 0; // since the attendant's last turn

  base::Fd d_wakeFd;
  event* d_wakeEvent = nullptr;
  std::mutex d_postMutex; // guards d_posted
  std::vector<std::function<void()>> d_posted;
};

} // namespace coro
