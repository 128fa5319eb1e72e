// TopList: what the rings of all workers hold, counted: the rows of rec_control top-* and of the web server. Made by
// the daemon from copies of the rings, on the thread of whoever asks.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "recursor/stats/toprings.hh"

namespace rec {

enum class TopKind : std::uint8_t {
  Queries,
  PubQueries, // by what can be registered below a public suffix
  Remotes,
  ServfailQueries,
  PubServfailQueries,
  ServfailRemotes,
  BogusQueries,
  PubBogusQueries,
  BogusRemotes,
  LargeAnswerRemotes,
  Timeouts // servers
};

struct TopKindInfo {
  TopKind kind;
  std::string_view name; // "queries": the command without "top-"
  TopEvent event;
  bool ofNames;
  bool registered; // names only: as far as they can be registered
  std::string_view help;
};
[[nodiscard]] std::span<const TopKindInfo> topKinds(); // in the order of TopKind
[[nodiscard]] inline const TopKindInfo& infoOf(TopKind kind) { return topKinds()[static_cast<std::size_t>(kind)]; }

struct TopRow {
  std::string text; // "www.example.com|A", "192.0.2.1"
  std::uint64_t count = 0;
};

struct TopList {
  std::uint64_t total = 0;  // of all, also of those that are not in `rows`
  std::vector<TopRow> rows; // most first, equal ones by their text
};

// How a name is counted.
using NameOf = std::function<dns::Name(const dns::Name&)>;

// Each of `rings` is one worker's; at most `most` rows. Letter case is not looked at.
[[nodiscard]] TopList topNames(std::span<const std::vector<TopRings::NameSlot>> rings, std::size_t most,
                               const NameOf& nameOf);
[[nodiscard]] TopList topAddresses(std::span<const std::vector<TopRings::AddressSlot>> rings, std::size_t most);

} // namespace rec
