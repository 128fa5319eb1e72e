// UdpAnswers: answers that did not come from the packet cache, kept until they leave: together with those that did, if
// some are about to, else when the loop has gone through what has arrived. One per worker, used by its UDP listeners;
// allocates nothing after construction.
#pragma once

#include <cstddef>
#include <span>
#include <vector>

#include "lib/base/address.hh"
#include "lib/net/udpoutbox.hh"

namespace net {

class UdpAnswers {
 public:
  // Room for `count` answers of at most `size` octets. The outbox has room for as many, whatever else is in it.
  UdpAnswers(UdpOutbox& outbox, std::size_t count, std::size_t size);

  // Copies the answer, which goes from `local`, where the question was sent to, to `peer`. `wildcard`: `fd` is bound to
  // a wildcard address. Makes the outbox send by itself when there is no room, or when others are another socket's.
  void add(int fd, bool wildcard, const base::Address& peer, const base::Address& local,
           std::span<const std::byte> message);

 private:
  UdpOutbox& d_outbox;
  std::size_t d_size;
  std::vector<std::byte> d_octets; // by slot, as the next
  std::vector<base::Address> d_peers;
  std::size_t d_used = 0; // slots, since the outbox was empty
};

} // namespace net
