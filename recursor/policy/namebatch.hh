// NameBatch: the names of a batch of questions, for Policy::prefetch(), and what that needs in between. Owned by the
// pipeline, used again for each batch.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace rec {

struct NameBatch {
  struct Name {
    std::span<const std::byte> wire;
    bool found = false;     // a policy has it or one of its parents, most probably
    std::size_t hashes = 0; // how many of the hashes are its own, in the order of the names
  };
  std::vector<Name> names;
  std::vector<std::uint64_t> hashes; // of all names and their parents
  std::vector<std::size_t> places;
};

} // namespace rec
