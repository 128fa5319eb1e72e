// LuaHook: the functions that a script may define for us to call, and LuaTimes: how long they took. The names are
// PowerDNS's.
#pragma once

#include <array>
#include <atomic>
#include <chrono>
#include <cstdint>
#include <string_view>
#include <vector>

namespace rec {

class Statistics;

enum class LuaHook : std::uint8_t {
  IpFilter,
  GetTag,
  GetTagFfi,
  PreRpz,
  PreResolve,
  NoData,
  NxDomain,
  PostResolve,
  PostResolveFfi,
  PreOutQuery,
  PolicyEventFilter,
  Maintenance,
  UdpCallback // under whatever name dq.udpCallback has
};
constexpr std::size_t kLuaHookCount = 13;

[[nodiscard]] std::string_view text(LuaHook hook);
[[nodiscard]] constexpr std::uint32_t bitOf(LuaHook hook) { return 1U << static_cast<unsigned>(hook); }

// Those that see questions of clients, and of them those that come after resolving.
constexpr std::uint32_t kLuaAfterHooks = bitOf(LuaHook::NoData) | bitOf(LuaHook::NxDomain) |
                                         bitOf(LuaHook::PostResolve) | bitOf(LuaHook::PostResolveFfi) |
                                         bitOf(LuaHook::PolicyEventFilter);
constexpr std::uint32_t kLuaTagHooks = bitOf(LuaHook::GetTag) | bitOf(LuaHook::GetTagFfi);
constexpr std::uint32_t kLuaQuestionHooks =
    kLuaAfterHooks | kLuaTagHooks | bitOf(LuaHook::IpFilter) | bitOf(LuaHook::PreRpz) | bitOf(LuaHook::PreResolve);

// Of one worker: written by its thread, read by any.
class LuaTimes {
 public:
  static constexpr std::array<std::uint64_t, 3> kBounds{100, 1000, 10000}; // microseconds

  void add(LuaHook hook, std::chrono::nanoseconds took, bool failed);

  struct Times {
    std::uint64_t calls = 0, micros = 0, failures = 0;
    std::array<std::uint64_t, kBounds.size()> within{}; // each bound, the lower ones included
  };
  [[nodiscard]] Times of(LuaHook hook) const;

 private:
  using Cell = std::atomic<std::uint64_t>;
  struct Row {
    Cell calls{0}, nanos{0}, failures{0};
    std::array<Cell, kBounds.size()> within{};
  };
  static void raise(Cell& cell, std::uint64_t by) {
    cell.store(cell.load(std::memory_order_relaxed) + by, std::memory_order_relaxed);
  }
  std::array<Row, kLuaHookCount> d_rows;
};

// lua-HOOK-count, -sum, -failures, -le-100, -le-1000, -le-10000 (microseconds), over all workers. `times` must outlive
// the asking.
void addLuaTimes(Statistics& statistics, std::vector<const LuaTimes*> times);

} // namespace rec
