// UdpAnswers: answers that did not come from the packet cache, gathered while the loop goes through what has arrived,
// and sent together (sendmmsg). One per worker, used by its UDP listeners; allocates nothing after construction.
#pragma once

#include <cstddef>
#include <span>
#include <vector>

#include "lib/base/address.hh"
#include "lib/net/udpoutbox.hh"

namespace net {

class UdpAnswers {
 public:
  // Room for `count` answers of at most `size` octets.
  UdpAnswers(std::size_t count, std::size_t size);

  [[nodiscard]] bool empty() const { return d_outbox.empty(); }
  // Copies the answer, which goes from `local`, where the question was sent to, to `peer`. `wildcard`: `fd` is bound to
  // a wildcard address. Sends those before by itself when there is no room, or when they are another socket's.
  void add(int fd, bool wildcard, const base::Address& peer, const base::Address& local,
           std::span<const std::byte> message);
  void setJoining(bool on) { d_outbox.setJoining(on); }
  // Sends what is queued, and says what became of it and of all that add() sent by itself since the flush() before.
  UdpOutbox::Sent flush();

 private:
  std::size_t d_size;
  std::vector<std::byte> d_octets; // by slot, as the next
  std::vector<base::Address> d_peers;
  UdpOutbox d_outbox;
  UdpOutbox::Sent d_sent; // by add()
  int d_fd = -1;
};

} // namespace net
