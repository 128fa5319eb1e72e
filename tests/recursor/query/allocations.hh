// Counts what operator new is asked for in a test program; to be included by one of its files. Sanitizers bring
// operators of their own, which are left alone: nothing is counted then, and ROOTWALK_SANITIZED is defined.
#pragma once

#include <atomic>
#include <cstdlib>
#include <new>

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define ROOTWALK_SANITIZED
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#define ROOTWALK_SANITIZED
#endif
#endif

namespace {
std::atomic<std::size_t> s_allocations{0};
}

#ifndef ROOTWALK_SANITIZED
#pragma GCC diagnostic ignored "-Wmismatched-new-delete" // operator new below does take its memory from malloc
void* operator new(std::size_t size) {
  ++s_allocations;
  void* memory = std::malloc(size == 0 ? 1 : size);
  if (memory == nullptr) {
    throw std::bad_alloc();
  }
  return memory;
}
void* operator new(std::size_t size, const std::nothrow_t&) noexcept {
  ++s_allocations;
  return std::malloc(size == 0 ? 1 : size);
}
void operator delete(void* memory) noexcept { std::free(memory); }
void operator delete(void* memory, std::size_t) noexcept { std::free(memory); }
#endif
