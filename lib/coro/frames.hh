// Frames: the memory of coroutine frames, kept by size and used again on the same thread. A resolution makes some
// thirty of them, most of which live for a few microseconds.
#pragma once

#include <cstddef>
#include <cstdint>

namespace coro::detail {

[[nodiscard]] void* takeFrame(std::size_t size);
void giveFrame(void* frame, std::size_t size) noexcept;

} // namespace coro::detail

namespace coro {

// Frames that exist now, of all threads. Any thread.
[[nodiscard]] std::int64_t liveFrames();

} // namespace coro
