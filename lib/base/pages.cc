// Memory straight from the system.
#include "lib/base/pages.hh"

#include <sys/mman.h>

#include <cstdint>
#include <new>

namespace base {
namespace {

constexpr std::size_t kPage = 4096;
constexpr std::size_t kLargePage = std::size_t{1} << 21;

std::size_t roundedUp(std::size_t octets, std::size_t page) { return (octets + page - 1) / page * page; }

std::byte* map(std::size_t size) {
  void* at = ::mmap(nullptr, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (at == MAP_FAILED) {
    throw std::bad_alloc();
  }
  return static_cast<std::byte*>(at);
}

// Begins with a large page.
std::byte* mapAligned(std::size_t size) {
  std::byte* const at = map(size + kLargePage);
  const std::size_t before = kLargePage - reinterpret_cast<std::uintptr_t>(at) % kLargePage;
  ::munmap(at, before); // never nothing
  if (before < kLargePage) {
    ::munmap(at + before + size, kLargePage - before);
  }
  return at + before;
}

} // namespace

PageMemory::~PageMemory() {
  if (d_at != nullptr) {
    ::munmap(d_at, d_size);
  }
}

void PageMemory::resize(std::size_t octets) {
  const std::size_t size = roundedUp(octets, kPage);
  if (size == d_size) {
    return;
  }
  if (size == 0) {
    ::munmap(std::exchange(d_at, nullptr), std::exchange(d_size, 0));
    return;
  }
  if (d_at == nullptr) {
    d_at = map(size);
  } else if (void* at = ::mremap(d_at, d_size, size, MREMAP_MAYMOVE); at != MAP_FAILED) {
    d_at = static_cast<std::byte*>(at);
  } else {
    throw std::bad_alloc();
  }
  d_size = size;
}

void PageMemory::renewLarge(std::size_t octets) {
  resize(0);
  if (octets < kLargePage) {
    return resize(octets);
  }
  const std::size_t size = roundedUp(octets, kPage);
  d_at = mapAligned(size);
  d_size = size;
  static_cast<void>(::madvise(d_at, d_size, MADV_HUGEPAGE)); // else they are ordinary ones
}

} // namespace base
