// Memory straight from the system.
#include "lib/base/pages.hh"

#include <sys/mman.h>

#include <new>

namespace base {
namespace {

constexpr std::size_t kPage = 4096;

} // namespace

PageMemory::~PageMemory() {
  if (d_at != nullptr) {
    ::munmap(d_at, d_size);
  }
}

void PageMemory::resize(std::size_t octets) {
  const std::size_t size = (octets + kPage - 1) / kPage * kPage;
  if (size == d_size) {
    return;
  }
  if (size == 0) {
    ::munmap(std::exchange(d_at, nullptr), std::exchange(d_size, 0));
    return;
  }
  void* at = d_at == nullptr ? ::mmap(nullptr, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0)
                             : ::mremap(d_at, d_size, size, MREMAP_MAYMOVE);
  if (at == MAP_FAILED) {
    throw std::bad_alloc();
  }
  d_at = static_cast<std::byte*>(at);
  d_size = size;
}

} // namespace base
