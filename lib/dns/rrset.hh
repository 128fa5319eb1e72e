// RRset: the records of one owner, type and class with their signatures, as one immutable, reference counted block of
// memory. Parsed from messages and zone files, kept in caches, written into answers; copying costs one atomic
// increment.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "lib/base/address.hh"
#include "lib/dns/name.hh"
#include "lib/dns/types.hh"

namespace dns {

// Forward range over length-prefixed rdata inside a block.
class RdataRange {
 public:
  class iterator {
   public:
    using value_type = std::span<const std::byte>;
    using difference_type = std::ptrdiff_t;
    iterator() = default;
    explicit iterator(const std::byte* at) : d_at(at) {}
    value_type operator*() const { return {d_at + 2, size()}; }
    iterator& operator++() {
      d_at += 2 + size();
      return *this;
    }
    iterator operator++(int) {
      iterator before = *this;
      ++*this;
      return before;
    }
    friend bool operator==(const iterator&, const iterator&) = default;

   private:
    [[nodiscard]] std::size_t size() const {
      return std::to_integer<std::size_t>(d_at[0]) << 8 | std::to_integer<std::size_t>(d_at[1]);
    }
    const std::byte* d_at = nullptr;
  };
  RdataRange(const std::byte* begin, const std::byte* end) : d_begin(begin), d_end(end) {}
  [[nodiscard]] iterator begin() const { return iterator(d_begin); }
  [[nodiscard]] iterator end() const { return iterator(d_end); }
  [[nodiscard]] bool empty() const { return d_begin == d_end; }

 private:
  const std::byte* d_begin;
  const std::byte* d_end;
};

// Rdatas one after the other, each with its size in two octets in front; without duplicates (RFC 2181 5).
class RdataList {
 public:
  void add(std::span<const std::byte> rdata); // at most 65535 octets
  void clear();
  [[nodiscard]] std::size_t count() const { return d_count; }
  [[nodiscard]] std::span<const std::byte> bytes() const { return d_bytes; }
  [[nodiscard]] RdataRange range() const { return {d_bytes.data(), d_bytes.data() + d_bytes.size()}; }

 private:
  static constexpr std::size_t kScanned = 16; // up to so many are compared one by one, more through d_index
  [[nodiscard]] bool holds(std::span<const std::byte> rdata);
  void index(std::span<const std::byte> rdata, std::size_t offset);
  void growIndex();

  std::vector<std::byte> d_bytes;
  std::size_t d_count = 0;
  std::vector<std::uint32_t> d_index; // open addressing: offsets into d_bytes plus one, 0 is free
};

class RRset {
 public:
  RRset() = default; // null
  RRset(const RRset& other) : d_block(other.d_block) { acquire(); }
  RRset(RRset&& other) noexcept : d_block(std::exchange(other.d_block, nullptr)) {}
  RRset& operator=(const RRset& other) {
    RRset copy(other);
    std::swap(d_block, copy.d_block);
    return *this;
  }
  RRset& operator=(RRset&& other) noexcept {
    std::swap(d_block, other.d_block);
    return *this;
  }
  ~RRset() { release(); }

  // What a set is made of; `owner` is uncompressed wire form. Used by the message parser and RRsetBuilder.
  struct Parts {
    std::span<const std::byte> owner;
    RRType type = RRType{0};
    RRClass rrclass = RRClass::IN;
    std::uint32_t ttl = 0;
    std::size_t count = 0;
    std::size_t signatureCount = 0;
    std::span<const std::byte> rdatas, signatures; // as RdataList::bytes()
  };
  static RRset fromParts(const Parts& parts);

  explicit operator bool() const { return d_block != nullptr; }

  void prefetch() const { __builtin_prefetch(d_block); } // begins to load the block
  [[nodiscard]] Name owner() const;
  [[nodiscard]] bool ownerIs(const Name& name) const; // without building a Name
  [[nodiscard]] std::span<const std::byte> ownerWire() const;
  [[nodiscard]] RRType type() const;
  [[nodiscard]] RRClass rrclass() const;
  [[nodiscard]] std::uint32_t ttl() const; // seconds, as received (at most 2^31-1, RFC 2181 8)
  [[nodiscard]] std::size_t count() const; // records, without signatures
  [[nodiscard]] std::size_t signatureCount() const;
  // Rdata in uncompressed wire form, names in their original case.
  [[nodiscard]] RdataRange rdatas() const;
  [[nodiscard]] std::span<const std::byte> front() const { return *rdatas().begin(); }
  // Rdata of the RRSIGs that cover this set.
  [[nodiscard]] RdataRange signatures() const;
  [[nodiscard]] std::size_t memorySize() const;    // bytes of the block
  [[nodiscard]] std::size_t allocatedSize() const; // as the allocator rounds them

  [[nodiscard]] RRset withTtl(std::uint32_t ttl) const;
  [[nodiscard]] RRset withOwner(const Name& owner) const;
  [[nodiscard]] RRset withoutSignatures() const;
  // The same owner, type, class, rdata set (any order); TTL and signatures are not compared.
  [[nodiscard]] bool sameData(const RRset& other) const;

  // Master-file lines, one a record, signatures last. For dumps, traces and tests.
  [[nodiscard]] std::string text() const;

 private:
  struct Block;
  explicit RRset(Block* block) : d_block(block) {}
  void acquire();
  void release();
  [[nodiscard]] Parts parts() const;
  Block* d_block = nullptr;
};

// Collects records, then builds the block. Duplicate rdata is dropped (RFC 2181 5).
class RRsetBuilder {
 public:
  RRsetBuilder(const Name& owner, RRType type, RRClass rrclass, std::uint32_t ttl);
  // Uncompressed wire form.
  void add(std::span<const std::byte> rdata) { d_rdatas.add(rdata); }
  // An RRSIG covering the set.
  void addSignature(std::span<const std::byte> rdata) { d_signatures.add(rdata); }
  void lowerTtl(std::uint32_t ttl) { d_ttl = ttl < d_ttl ? ttl : d_ttl; } // RFC 2181 5.2
  [[nodiscard]] const Name& owner() const { return d_owner; }
  [[nodiscard]] RRType type() const { return d_type; }
  [[nodiscard]] std::size_t count() const { return d_rdatas.count(); }
  [[nodiscard]] RRset build() const;

 private:
  Name d_owner;
  RRType d_type;
  RRClass d_class;
  std::uint32_t d_ttl;
  RdataList d_rdatas;
  RdataList d_signatures;
};

} // namespace dns
