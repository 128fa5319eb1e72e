// Roots: the set of top-level coroutines of a thread. A root owns itself and goes when it ends; the set destroys those
// that are left. Root coroutines take values, never references to locals.
#pragma once

#include <cstddef>
#include <functional>
#include <string>

#include "lib/coro/loop.hh"
#include "lib/coro/task.hh"

namespace coro {

class Roots {
 public:
  // `onFailure` is told what() of an exception that left a root (a broken invariant, never input).
  explicit Roots(std::function<void(const std::string&)> onFailure);
  Roots(const Roots&) = delete;
  Roots& operator=(const Roots&) = delete;
  ~Roots() { cancelAll(); }

  // Starts at once, inside this call, up to its first wait.
  void spawn(Task<void> task);
  // Destroys all that still run; call from the loop's top level.
  void cancelAll();
  [[nodiscard]] std::size_t running() const { return d_running; }

  // A running root's place in the set; its coroutine's promise.
  struct Link {
    Link* prev = nullptr;
    Link* next = nullptr;
    std::coroutine_handle<> frame;
  };

 private:
  friend struct RootCoroutine;
  void add(Link& link);
  void remove(Link& link);
  std::function<void(const std::string&)> d_onFailure;
  Link* d_first = nullptr;
  std::size_t d_running = 0;
};

} // namespace coro
