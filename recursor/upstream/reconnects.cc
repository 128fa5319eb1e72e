// The pauses. Jitter keeps workers, and resolvers, from all coming back to a server in the same moment.
#include "recursor/upstream/reconnects.hh"

#include <algorithm>

#include "lib/base/random.hh"

namespace rec {
namespace {

constexpr std::chrono::milliseconds kFirst{50};
constexpr unsigned kDoublings = 5; // 1.6 s, of which a second is used
constexpr std::chrono::milliseconds kLongest{1000};
constexpr std::size_t kMostServers = 1000; // then those whose pause is over are forgotten

} // namespace

void Reconnects::failed(const Upstream& upstream, std::string why, base::MonoTime now) {
  if (d_troubles.size() >= kMostServers) {
    std::erase_if(d_troubles, [now](const auto& one) { return one.second.until <= now; });
  }
  Trouble& trouble = d_troubles[upstream];
  if (trouble.until > now) return; // begun before that was known
  const unsigned before = trouble.inARow++;
  if (before > 0) {
    const std::chrono::milliseconds whole = std::min(kFirst * (1U << std::min(before - 1, kDoublings)), kLongest);
    const auto half = static_cast<std::uint32_t>(whole.count() / 2);
    trouble.until = now + std::chrono::milliseconds(half + base::randomBelow(half + 1));
  }
  trouble.why = std::move(why);
}

const std::string* Reconnects::tooSoon(const Upstream& upstream, base::MonoTime now) const {
  const auto found = d_troubles.find(upstream);
  return found == d_troubles.end() || found->second.until <= now ? nullptr : &found->second.why;
}

} // namespace rec
