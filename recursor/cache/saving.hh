// What the caches share for outliving the process (recursor/cachefile): entries as plain values, given out in pieces so
// that no lock is held long, and taken back by restore(). A value's times are wall time, or ages where the cache's own
// are monotonic.
#pragma once

#include <cstdint>
#include <optional>
#include <utility>
#include <vector>

#include "lib/base/shardmap.hh"
#include "recursor/cache/rank.hh"

namespace rec {

// What became of an entry that was to be taken back.
enum class Restored : std::uint8_t {
  Yes,
  Known,  // something newer is there
  NoRoom, // the cache is full: nothing goes for it
  Unfit   // the settings do not allow it any more: too large, or no time left to live
};

template <typename T> struct CachePiece {
  std::vector<T> entries;
  std::optional<base::ShardPlace> next; // nothing: these were the last ones
};

// Which part of a cache is meant: what was asked for again, and the rest.
enum class Warmth : std::uint8_t { Hot, Cold };

[[nodiscard]] inline Warmth warmthOf(unsigned heat) {
  return heat >= base::Eviction::kHot ? Warmth::Hot : Warmth::Cold;
}

constexpr std::size_t kPieceSize = 64; // entries looked at under one lock

// `take(entry, heat)` gives the value to keep, or nothing.
template <typename T, typename Entry, typename Take>
[[nodiscard]] CachePiece<T> pieceOf(const base::ShardMap<Entry>& map, const base::ShardPlace& from, const Take& take) {
  CachePiece<T> piece;
  piece.entries.reserve(kPieceSize);
  const base::ShardPlace next = map.visitSome(from, kPieceSize, [&](const Entry& entry, unsigned heat) {
    if (std::optional<T> value = take(entry, heat)) {
      piece.entries.push_back(std::move(*value));
    }
  });
  if (next.shard < map.shardCount()) {
    piece.next = next;
  }
  return piece;
}

} // namespace rec
