// Unpredictable numbers (CSPRNG) for query ids, source ports, name case and cookies, buffered per thread from
// getrandom(2).
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

namespace base {

// Fills `out` with bytes an outsider cannot guess. Aborts if the kernel cannot deliver any.
void randomBytes(std::span<std::byte> out);

[[nodiscard]] std::uint64_t randomU64();
[[nodiscard]] std::uint32_t randomU32();
[[nodiscard]] std::uint16_t randomU16();

// Uniform in [0, bound); bound > 0. Without modulo bias.
[[nodiscard]] std::uint32_t randomBelow(std::uint32_t bound);

} // namespace base
