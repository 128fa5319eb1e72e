// A block is: its number, the sizes of index and block, index, block.
#include "recursor/querylog/logexport.hh"

#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <system_error>

#include "recursor/querylog/sink.hh"

namespace rec {
namespace {

constexpr std::size_t kAtOnce = 64;

bool writeAll(int descriptor, std::span<const std::byte> octets) {
  while (!octets.empty()) {
    const auto written = ::write(descriptor, octets.data(), octets.size());
    if (written < 0 && errno == EINTR) continue;
    if (written <= 0) return false;
    octets = octets.subspan(static_cast<std::size_t>(written));
  }
  return true;
}

// Empty when it cannot be read to its end.
LogOctets readAll(int descriptor, std::size_t size) {
  LogOctets octets(size);
  std::size_t at = 0;
  while (at < size) {
    const auto got = ::pread(descriptor, octets.data() + at, size - at, static_cast<off_t>(at));
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) return {};
    at += static_cast<std::size_t>(got);
  }
  return octets;
}

} // namespace

base::Result<void> exportLog(BlockSource& source, std::uint64_t from, int descriptor) {
  struct stat about{};
  if (::fstat(descriptor, &about) != 0 || !S_ISREG(about.st_mode)) return base::Error{"a regular file is needed"};
  for (;;) {
    const auto indexes = source.indexes(from, false, kAtOnce);
    if (!indexes) return indexes.error();
    if (indexes->empty()) return {};
    for (const NumberedIndex& numbered : *indexes) {
      const auto block = source.block(numbered.id);
      if (!block) continue; // gone meanwhile
      const LogOctets index = numbered.index.encode();
      LogOctets head;
      putPlain(head, numbered.id);
      putPlain(head, static_cast<std::uint32_t>(index.size()));
      putPlain(head, static_cast<std::uint32_t>(block->size()));
      if (!writeAll(descriptor, head) || !writeAll(descriptor, index) || !writeAll(descriptor, *block)) {
        return base::Error{"writing failed: " + std::generic_category().message(errno)};
      }
    }
    from = indexes->back().id + 1;
  }
}

base::Result<void> importLog(int descriptor, LogSink& sink) {
  struct stat about{};
  if (::fstat(descriptor, &about) != 0) return base::Error{"what was exported cannot be read"};
  const LogOctets octets = readAll(descriptor, static_cast<std::size_t>(about.st_size));
  PackingReader reader(octets);
  while (reader.ok() && !reader.rest().empty()) {
    LogSink::Pending pending;
    pending.id = reader.plain<std::uint64_t>();
    const auto indexSize = reader.plain<std::uint32_t>();
    const auto blockSize = reader.plain<std::uint32_t>();
    auto index = BlockIndex::decode(reader.take(indexSize));
    const auto block = reader.take(blockSize);
    if (!index || !reader.ok()) return base::Error{"what was exported is damaged"};
    pending.encoded = {std::move(*index), {block.begin(), block.end()}};
    sink.append(std::span(&pending, 1), 0);
  }
  return {};
}

} // namespace rec
