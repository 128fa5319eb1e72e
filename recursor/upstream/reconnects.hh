// Reconnects: when a server to which no connection could be made may be tried again: at once, as it may just restart;
// when that fails, too, after 50 ms, twice as long after each further failure up to a second, by chance a little
// earlier. Meanwhile questions to it fail at once, with the reason it gave. One per pool of connections.
#pragma once

#include <string>
#include <unordered_map>

#include "recursor/upstream/transport.hh"

namespace rec {

class Reconnects {
 public:
  void failed(const Upstream& upstream, std::string why, base::MonoTime now);
  void worked(const Upstream& upstream) { d_troubles.erase(upstream); }
  // Why the last try failed, if it is too early for another; valid until the next call.
  [[nodiscard]] const std::string* tooSoon(const Upstream& upstream, base::MonoTime now) const;
  [[nodiscard]] std::size_t size() const { return d_troubles.size(); }

 private:
  struct Trouble {
    unsigned inARow = 0;
    base::MonoTime until;
    std::string why;
  };
  std::unordered_map<Upstream, Trouble, Upstream::Hash> d_troubles;
};

} // namespace rec
