// UdpAnswers: answers that did not come from the packet cache, gathered while the loop goes through what has arrived,
// and sent together (sendmmsg). One per worker, used by its UDP listeners; allocates nothing after construction.
#pragma once

#include <sys/socket.h>

#include <cstddef>
#include <memory>
#include <span>
#include <vector>

#include "lib/base/address.hh"

namespace net {

class UdpAnswers {
 public:
  // Room for `count` answers of at most `size` octets.
  UdpAnswers(std::size_t count, std::size_t size);
  ~UdpAnswers();
  UdpAnswers(const UdpAnswers&) = delete;
  UdpAnswers& operator=(const UdpAnswers&) = delete;

  [[nodiscard]] bool empty() const { return d_queued == 0; }
  // Copies the answer, which goes from `local`, where the question was sent to, to `peer`. `wildcard`: `fd` is bound to
  // a wildcard address. Sends those before by itself when there is no room, or when they are another socket's.
  void add(int fd, bool wildcard, const base::Address& peer, const base::Address& local,
           std::span<const std::byte> message);
  // Sends what is queued; what the kernel does not take is dropped, as UDP may. Returns how many were.
  std::size_t flush();

 private:
  struct Slot;
  std::size_t d_size;
  std::vector<std::byte> d_octets;
  std::vector<mmsghdr> d_headers;
  std::unique_ptr<Slot[]> d_slots;
  std::size_t d_queued = 0;
  int d_fd = -1;
};

} // namespace net
