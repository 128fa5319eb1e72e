// Export: blocks of a log through a file, from the recursor that has them in memory to who wants to read them.
#pragma once

#include <cstdint>

#include "lib/base/result.hh"

namespace rec {

class BlockSource;
class LogSink;

// Blocks from `from` on, into the regular file `descriptor`.
base::Result<void> exportLog(BlockSource& source, std::uint64_t from, int descriptor);
// What exportLog() wrote there, put into `sink`.
base::Result<void> importLog(int descriptor, LogSink& sink);

} // namespace rec
