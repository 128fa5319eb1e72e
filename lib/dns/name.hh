// Name: a domain name in uncompressed wire form, its case kept, compared without case (RFC 4343). Used everywhere.
// At most 255 octets and 127 labels (RFC 1035 3.1), always absolute. Names of up to 46 octets live inside the object. A
// name that was hashed knows its hash, and so do its copies.
#pragma once

#include <atomic>
#include <compare>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "lib/base/result.hh"

namespace dns {

constexpr std::size_t kMaxNameSize = 255;
constexpr std::size_t kMaxLabelSize = 63;

class alignas(8) Name {
 public:
  Name() = default; // the root
  Name(const Name& other) { copyFrom(other); }
  Name(Name&& other) noexcept { stealFrom(other); }
  Name& operator=(const Name& other) {
    if (this != &other) {
      release();
      copyFrom(other);
    }
    return *this;
  }
  Name& operator=(Name&& other) noexcept {
    if (this != &other) {
      release();
      stealFrom(other);
    }
    return *this;
  }
  ~Name() { release(); }

  // Presentation format with \DDD and \X escapes; a missing final dot is added ("" and "." are the root).
  static base::Result<Name> parse(std::string_view text);
  // Uncompressed wire form that was checked before (by WireReader, or taken from another Name). Asserts, does not
  // check.
  static Name fromWire(std::span<const std::byte> wire);

  [[nodiscard]] std::span<const std::byte> wire() const { return {data(), d_size}; }
  [[nodiscard]] std::size_t wireSize() const { return d_size; }
  [[nodiscard]] std::size_t labelCount() const { return d_labels; } // the root has 0
  [[nodiscard]] bool isRoot() const { return d_size == 1; }
  [[nodiscard]] bool isWildcard() const;                         // leftmost label is "*"
  [[nodiscard]] std::string_view label(std::size_t index) const; // 0 is the leftmost

  [[nodiscard]] bool isWithin(const Name& zone) const; // equal to it or below it
  [[nodiscard]] bool isBelow(const Name& zone) const { return d_labels > zone.d_labels && isWithin(zone); }
  [[nodiscard]] Name parent() const;                   // without the leftmost label; the root's parent is the root
  [[nodiscard]] Name suffix(std::size_t labels) const; // the rightmost `labels` labels
  [[nodiscard]] Name commonAncestor(const Name& other) const;
  [[nodiscard]] Name lowercased() const;
  // `label` in front (raw octets, 1..63); nothing when the result would be too long.
  [[nodiscard]] std::optional<Name> withLabel(std::string_view label) const;
  // This name with its suffix `from` replaced by `to` (DNAME, RFC 6672 2.2); nothing when too long. Asserts
  // isWithin(from).
  [[nodiscard]] std::optional<Name> withSuffixReplaced(const Name& from, const Name& to) const;

  [[nodiscard]] std::string text() const; // presentation format with the final dot: "example.com.", "."
  // Case-insensitive.
  [[nodiscard]] std::size_t hash() const {
    const std::uint64_t known = keptHash();
    return known != 0 ? known : makeHash();
  }
  // Octet for octet, case included (0x20).
  [[nodiscard]] bool identicalTo(const Name& other) const;

  friend bool operator==(const Name& a, const Name& b); // case-insensitive
  // Canonical order (RFC 4034 6.1).
  friend std::weak_ordering operator<=>(const Name& a, const Name& b);

 private:
  static constexpr std::size_t kInline = 46;
  static constexpr std::size_t kPointerAt = 6; // aligned, because d_store begins at offset 2
  [[nodiscard]] const std::byte* data() const { return d_size <= kInline ? d_store : heap(); }
  [[nodiscard]] std::byte* heap() const {
    std::byte* pointer;
    std::memcpy(&pointer, d_store + kPointerAt, sizeof pointer);
    return pointer;
  }
  void copyFrom(const Name& other) {
    if (other.d_size <= kInline) {
      stealFrom(const_cast<Name&>(other)); // plain octets: nothing is taken away
    } else {
      assign(other.wire(), other.d_labels);
      d_hash = other.keptHash();
    }
  }
  void stealFrom(Name& other) noexcept {
    d_size = other.d_size;
    d_labels = other.d_labels;
    std::memcpy(d_store, other.d_store, kInline);
    d_hash = other.keptHash();
    if (d_size > kInline) {
      other.d_size = 1;
      other.d_labels = 0;
      other.d_store[0] = std::byte{0};
      other.d_hash = 0;
    }
  }
  void release() {
    if (d_size > kInline) {
      delete[] heap();
    }
  }
  void assign(std::span<const std::byte> wire, std::size_t labels); // over a released state
  // Two threads may hash a name that they share at the same time.
  [[nodiscard]] std::uint64_t keptHash() const {
    return std::atomic_ref<std::uint64_t>(d_hash).load(std::memory_order_relaxed);
  }
  [[nodiscard]] std::uint64_t makeHash() const;

  std::uint8_t d_size = 1;
  std::uint8_t d_labels = 0;
  std::byte d_store[kInline] = {};  // the name, or the pointer to it on the heap
  mutable std::uint64_t d_hash = 0; // 0: not known
};

static_assert(sizeof(Name) == 56);

struct NameHash {
  std::size_t operator()(const Name& name) const { return name.hash(); }
};

} // namespace dns
