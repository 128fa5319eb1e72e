// A root is a small coroutine around a Task: linked into its set while it runs, destroyed by itself at its end.
#include "lib/coro/root.hh"

#include <exception>
#include <utility>

namespace coro {

struct RootCoroutine {
  struct promise_type : Roots::Link {
    static void* operator new(std::size_t size) { return detail::takeFrame(size); }
    static void operator delete(void* frame, std::size_t size) noexcept { detail::giveFrame(frame, size); }
    promise_type(Roots& owner, Task<void>& /*task*/) : roots(owner) {
      frame = std::coroutine_handle<promise_type>::from_promise(*this);
      roots.add(*this);
    }
    promise_type(const promise_type&) = delete;
    promise_type& operator=(const promise_type&) = delete;
    ~promise_type() { roots.remove(*this); }

    RootCoroutine get_return_object() { return RootCoroutine(frame); }
    [[nodiscard]] std::suspend_always initial_suspend() const noexcept { return {}; }
    [[nodiscard]] std::suspend_never final_suspend() const noexcept { return {}; }
    void return_void() const noexcept {}
    void unhandled_exception() noexcept {
      try {
        throw;
      } catch (const std::exception& e) {
        roots.d_onFailure(e.what());
      } catch (...) {
        roots.d_onFailure("unknown exception");
      }
    }
    Roots& roots;
  };
  explicit RootCoroutine(std::coroutine_handle<> handle) : frame(handle) {}
  std::coroutine_handle<> frame;
};

namespace {

RootCoroutine runRoot(Roots& /*owner*/, Task<void> task) { co_await task; }

} // namespace

Roots::Roots(std::function<void(const std::string&)> onFailure) : d_onFailure(std::move(onFailure)) {}

void Roots::spawn(Task<void> task) { runRoot(*this, std::move(task)).frame.resume(); }

void Roots::cancelAll() {
  while (d_first != nullptr) {
    d_first->frame.destroy();
  }
}

void Roots::add(Link& link) {
  link.next = d_first;
  if (link.next != nullptr) {
    link.next->prev = &link;
  }
  d_first = &link;
  ++d_running;
}

void Roots::remove(Link& link) {
  (link.prev != nullptr ? link.prev->next : d_first) = link.next;
  if (link.next != nullptr) {
    link.next->prev = link.prev;
  }
  --d_running;
}

} // namespace coro
