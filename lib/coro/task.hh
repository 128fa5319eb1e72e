// Task<T>: a lazily started coroutine that yields one T to the coroutine awaiting it. For all that waits, never on the
// hit path. The awaiter starts its child inside await_suspend and goes straight on when the child has already finished;
// a child that finishes later resumes its parent from its final suspension. Destroying a Task cancels it.
#pragma once

#include <cassert>
#include <coroutine>
#include <exception>
#include <optional>
#include <utility>

#include "lib/coro/frames.hh"

namespace coro {

template <typename T> class Task;

namespace detail {

struct FinalAwaiter {
  [[nodiscard]] bool await_ready() const noexcept { return false; }
  template <typename Promise> void await_suspend(std::coroutine_handle<Promise> finished) const noexcept {
    // The parent may destroy this frame while it runs: nothing of the frame is touched after resume().
    std::coroutine_handle<> parent = finished.promise().d_parent;
    if (parent) {
      parent.resume();
    }
  }
  void await_resume() const noexcept {}
};

struct PromiseBase {
  static void* operator new(std::size_t size) { return takeFrame(size); }
  static void operator delete(void* frame, std::size_t size) noexcept { giveFrame(frame, size); }
  [[nodiscard]] std::suspend_always initial_suspend() const noexcept { return {}; }
  [[nodiscard]] FinalAwaiter final_suspend() const noexcept { return {}; }
  void unhandled_exception() noexcept { d_exception = std::current_exception(); }

  std::coroutine_handle<> d_parent;
  std::exception_ptr d_exception;
};

template <typename T> struct Promise : PromiseBase {
  Task<T> get_return_object() noexcept;
  void return_value(T value) { d_value.emplace(std::move(value)); }
  T take() {
    if (d_exception) {
      std::rethrow_exception(d_exception);
    }
    return std::move(*d_value);
  }
  std::optional<T> d_value;
};

template <> struct Promise<void> : PromiseBase {
  Task<void> get_return_object() noexcept;
  void return_void() const noexcept {}
  void take() const {
    if (d_exception) {
      std::rethrow_exception(d_exception);
    }
  }
};

} // namespace detail

template <typename T = void> class [[nodiscard]] Task {
 public:
  using promise_type = detail::Promise<T>;
  using Handle = std::coroutine_handle<promise_type>;

  Task() = default;
  explicit Task(Handle handle) : d_handle(handle) {}
  Task(Task&& other) noexcept : d_handle(std::exchange(other.d_handle, nullptr)) {}
  Task& operator=(Task&& other) noexcept {
    if (this != &other) {
      destroy();
      d_handle = std::exchange(other.d_handle, nullptr);
    }
    return *this;
  }
  Task(const Task&) = delete;
  Task& operator=(const Task&) = delete;
  ~Task() { destroy(); }

  class Awaiter {
   public:
    explicit Awaiter(Handle child) : d_child(child) {}
    Awaiter(const Awaiter&) = delete;
    Awaiter& operator=(const Awaiter&) = delete;
    [[nodiscard]] bool await_ready() const noexcept { return false; }
    bool await_suspend(std::coroutine_handle<> parent) {
      d_child.resume();
      if (d_child.done()) {
        return false;
      }
      d_child.promise().d_parent = parent;
      return true;
    }
    T await_resume() { return d_child.promise().take(); }

   private:
    Handle d_child;
  };

  // Runs up to the first wait without anybody awaiting it (Race); the owner keeps the Task until it is done.
  void start() const { d_handle.resume(); }

  // A task is awaited once.
  Awaiter operator co_await() const noexcept {
    assert(d_handle && !d_handle.done());
    return Awaiter(d_handle);
  }

 private:
  void destroy() {
    if (d_handle) {
      std::exchange(d_handle, nullptr).destroy();
    }
  }
  Handle d_handle;
};

template <typename T> Task<T> detail::Promise<T>::get_return_object() noexcept {
  return Task<T>(std::coroutine_handle<Promise<T>>::from_promise(*this));
}
inline Task<void> detail::Promise<void>::get_return_object() noexcept {
  return Task<void>(std::coroutine_handle<Promise<void>>::from_promise(*this));
}

} // namespace coro
