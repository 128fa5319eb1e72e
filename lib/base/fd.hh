// Fd: owns one file descriptor and closes it. Used by sockets, files and the control channel.
#pragma once

#include <unistd.h>

#include <utility>

namespace base {

class Fd {
 public:
  Fd() = default;
  explicit Fd(int fd) : d_fd(fd) {}
  Fd(Fd&& other) noexcept : d_fd(std::exchange(other.d_fd, -1)) {}
  Fd& operator=(Fd&& other) noexcept {
    if (this != &other) {
      reset(std::exchange(other.d_fd, -1));
    }
    return *this;
  }
  Fd(const Fd&) = delete;
  Fd& operator=(const Fd&) = delete;
  ~Fd() { reset(); }

  [[nodiscard]] int get() const { return d_fd; }
  [[nodiscard]] bool valid() const { return d_fd >= 0; }
  [[nodiscard]] int release() { return std::exchange(d_fd, -1); }
  void reset(int fd = -1) {
    if (d_fd >= 0) {
      ::close(d_fd);
    }
    d_fd = fd;
  }

 private:
  int d_fd = -1;
};

} // namespace base
