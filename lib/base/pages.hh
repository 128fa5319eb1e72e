// Pages: a growing array of plain values in memory of its own, which goes back to the system at once and whole when it
// is no longer needed. For tables of millions that are built, swapped and thrown away; never for small things.
#pragma once

#include <cstddef>
#include <cstring>
#include <span>
#include <type_traits>
#include <utility>

namespace base {

// The memory itself. Throws std::bad_alloc when there is none.
class PageMemory {
 public:
  PageMemory() = default;
  PageMemory(PageMemory&& other) noexcept
      : d_at(std::exchange(other.d_at, nullptr)), d_size(std::exchange(other.d_size, 0)) {}
  PageMemory& operator=(PageMemory&& other) noexcept {
    std::swap(d_at, other.d_at);
    std::swap(d_size, other.d_size);
    return *this;
  }
  ~PageMemory();

  void resize(std::size_t octets); // what is there stays, new octets are 0; rounded up to pages
  // So much anew, all 0, in pages of 2 MB as far as they fit and the system has them (madvise(2), MADV_HUGEPAGE).
  void renewLarge(std::size_t octets);
  [[nodiscard]] std::byte* data() const { return d_at; }
  [[nodiscard]] std::size_t size() const { return d_size; }

 private:
  std::byte* d_at = nullptr;
  std::size_t d_size = 0;
};

template <typename T> class Pages {
  static_assert(std::is_trivially_copyable_v<T>);

 public:
  [[nodiscard]] std::size_t size() const { return d_count; }
  [[nodiscard]] bool empty() const { return d_count == 0; }
  [[nodiscard]] T* data() { return reinterpret_cast<T*>(d_memory.data()); }
  [[nodiscard]] const T* data() const { return reinterpret_cast<const T*>(d_memory.data()); }
  [[nodiscard]] T& operator[](std::size_t at) { return data()[at]; }
  [[nodiscard]] const T& operator[](std::size_t at) const { return data()[at]; }
  [[nodiscard]] std::span<const T> span() const { return {data(), d_count}; }
  [[nodiscard]] std::size_t bytes() const { return d_memory.size(); }

  void push(T value) {
    if ((d_count + 1) * sizeof(T) > d_memory.size()) {
      grow(d_count + 1);
    }
    data()[d_count++] = value;
  }
  void append(std::span<const T> values) {
    if ((d_count + values.size()) * sizeof(T) > d_memory.size()) {
      grow(d_count + values.size());
    }
    if (!values.empty()) {
      std::memcpy(data() + d_count, values.data(), values.size_bytes());
    }
    d_count += values.size();
  }
  // To exactly so many; new ones are 0.
  void resize(std::size_t count) {
    d_memory.resize(count * sizeof(T));
    d_count = count;
  }
  // So many anew, all 0: for a table that is read in no order, whose look-ups would else wait for page tables first.
  void renewLarge(std::size_t count) {
    d_memory.renewLarge(count * sizeof(T));
    d_count = count;
  }
  void shrinkToFit() { resize(d_count); }

 private:
  static constexpr std::size_t kFirst = std::size_t{1} << 16;
  void grow(std::size_t count) {
    const std::size_t wanted = count * sizeof(T);
    d_memory.resize(wanted < kFirst ? kFirst : wanted + wanted / 2); // untouched pages cost nothing
  }

  PageMemory d_memory;
  std::size_t d_count = 0;
};

} // namespace base
