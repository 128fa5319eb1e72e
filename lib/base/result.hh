// Result<T>: a value, or the reason why there is none. For everything that a packet, server, file or client can cause;
// broken invariants and start-up errors throw instead. Never allocates on the happy path.
#pragma once

#include <cassert>
#include <string>
#include <utility>
#include <variant>

namespace base {

// Why something failed, in words an operator can act on (names the file, line or peer where there is one).
struct Error {
  std::string message;
};

template <typename T> class [[nodiscard]] Result {
 public:
  Result(T value) : d_state(std::in_place_index<0>, std::move(value)) {}
  Result(Error error) : d_state(std::in_place_index<1>, std::move(error)) {}

  [[nodiscard]] bool ok() const { return d_state.index() == 0; }
  explicit operator bool() const { return ok(); }

  [[nodiscard]] T& value() & {
    assert(ok());
    return *std::get_if<0>(&d_state);
  }
  [[nodiscard]] const T& value() const& {
    assert(ok());
    return *std::get_if<0>(&d_state);
  }
  [[nodiscard]] T&& value() && {
    assert(ok());
    return std::move(*std::get_if<0>(&d_state));
  }
  T& operator*() & { return value(); }
  const T& operator*() const& { return value(); }
  T&& operator*() && { return std::move(*this).value(); }
  T* operator->() { return &value(); }
  const T* operator->() const { return &value(); }

  [[nodiscard]] const Error& error() const {
    assert(!ok());
    return *std::get_if<1>(&d_state);
  }

 private:
  std::variant<T, Error> d_state;
};

template <> class [[nodiscard]] Result<void> {
 public:
  Result() = default;
  Result(Error error) : d_error(std::move(error)), d_ok(false) {}

  [[nodiscard]] bool ok() const { return d_ok; }
  explicit operator bool() const { return d_ok; }
  [[nodiscard]] const Error& error() const {
    assert(!d_ok);
    return d_error;
  }

 private:
  Error d_error;
  bool d_ok = true;
};

} // namespace base
