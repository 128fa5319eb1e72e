// Counting what is in the rings: see toplist.hh.
#include "recursor/stats/toplist.hh"

#include <algorithm>
#include <array>
#include <cstring>
#include <unordered_map>

namespace rec {
namespace {

constexpr std::array kKinds{
    TopKindInfo{TopKind::Queries, "queries", TopEvent::Asked, true, false, "the names asked for most often"},
    TopKindInfo{TopKind::PubQueries, "pub-queries", TopEvent::Asked, true, true,
                "the same, all names below one that can be registered (a public suffix and a label) as one"},
    TopKindInfo{TopKind::Remotes, "remotes", TopEvent::Asked, false, false, "the clients that ask most"},
    TopKindInfo{TopKind::ServfailQueries, "servfail-queries", TopEvent::ServFail, true, false,
                "the names answered SERVFAIL most often"},
    TopKindInfo{TopKind::PubServfailQueries, "pub-servfail-queries", TopEvent::ServFail, true, true,
                "the same, by names that can be registered"},
    TopKindInfo{TopKind::ServfailRemotes, "servfail-remotes", TopEvent::ServFail, false, false,
                "the clients answered SERVFAIL most often"},
    TopKindInfo{TopKind::BogusQueries, "bogus-queries", TopEvent::Bogus, true, false,
                "the names most often found bogus"},
    TopKindInfo{TopKind::PubBogusQueries, "pub-bogus-queries", TopEvent::Bogus, true, true,
                "the same, by names that can be registered"},
    TopKindInfo{TopKind::BogusRemotes, "bogus-remotes", TopEvent::Bogus, false, false,
                "the clients that most often ask for what is bogus"},
    TopKindInfo{TopKind::LargeAnswerRemotes, "largeanswer-remotes", TopEvent::Large, false, false,
                "the clients that most often get more than 1000 octets"},
    TopKindInfo{TopKind::Timeouts, "timeouts", TopEvent::TimedOut, false, false,
                "the servers that most often do not answer"}};

struct NameAndType {
  dns::Name name;
  dns::RRType type;
  friend bool operator==(const NameAndType&, const NameAndType&) = default;
};
struct NameAndTypeHash {
  std::size_t operator()(const NameAndType& key) const {
    return key.name.hash() + static_cast<std::size_t>(key.type) * 0x9E3779B97F4A7C15ULL;
  }
};

// With the final dot only for the root, as PowerDNS has it.
std::string textOf(const NameAndType& key) {
  std::string name = key.name.lowercased().text();
  if (name.size() > 1) name.pop_back();
  return name + "|" + dns::text(key.type);
}

std::string textOf(const base::Address& address) { return address.text(); }

template <typename Counts> TopList listOf(const Counts& counts, std::size_t most) {
  TopList list;
  for (const auto& [key, count] : counts) {
    list.total += count;
    list.rows.push_back({textOf(key), count});
  }
  const auto isBefore = [](const TopRow& a, const TopRow& b) {
    return a.count != b.count ? a.count > b.count : a.text < b.text;
  };
  const auto end = list.rows.begin() + static_cast<std::ptrdiff_t>(std::min(most, list.rows.size()));
  std::partial_sort(list.rows.begin(), end, list.rows.end(), isBefore);
  list.rows.erase(end, list.rows.end());
  return list;
}

// The name that begins in `slots[first]`.
dns::Name nameAt(const std::vector<TopRings::NameSlot>& slots, std::size_t first) {
  std::array<std::byte, dns::kMaxNameSize> wire{};
  const std::size_t size = slots[first].size;
  for (std::size_t done = 0; done < size && first < slots.size(); ++first) {
    const auto& octets = slots[first].octets;
    const std::size_t part = std::min(size - done, octets.size());
    std::memcpy(wire.data() + done, octets.data(), part);
    done += part;
  }
  return dns::Name::fromWire(std::span(wire).first(size));
}

base::Address addressOf(const TopRings::AddressSlot& slot) {
  const std::span octets(slot.octets);
  return slot.size == 4 ? base::Address::v4(octets.first<4>(), 0) : base::Address::v6(octets.first<16>(), 0);
}

} // namespace

std::span<const TopKindInfo> topKinds() { return kKinds; }

TopList topNames(std::span<const std::vector<TopRings::NameSlot>> rings, std::size_t most, const NameOf& nameOf) {
  std::unordered_map<NameAndType, std::uint64_t, NameAndTypeHash> counts;
  for (const auto& slots : rings) {
    for (std::size_t i = 0; i < slots.size(); ++i) {
      if (slots[i].size == 0) continue; // the rest of a name
      const dns::Name name = nameAt(slots, i);
      counts[{nameOf ? nameOf(name) : name, slots[i].type}] += slots[i].weight;
    }
  }
  return listOf(counts, most);
}

TopList topAddresses(std::span<const std::vector<TopRings::AddressSlot>> rings, std::size_t most) {
  std::unordered_map<base::Address, std::uint64_t, base::AddressHash> counts;
  for (const auto& slots : rings) {
    for (const TopRings::AddressSlot& slot : slots) {
      if (slot.size != 0) counts[addressOf(slot)] += slot.weight;
    }
  }
  return listOf(counts, most);
}

} // namespace rec
