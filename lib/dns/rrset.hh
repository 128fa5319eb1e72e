// RRset: the records of one owner, type and class with their signatures, as one immutable, reference counted block of
// memory. Parsed from messages and zone files, kept in caches, written into answers; copying costs one atomic
// increment.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
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
    value_type operator*() const;
    iterator& operator++();
    iterator operator++(int);
    friend bool operator==(const iterator&, const iterator&) = default;

   private:
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

class RRset {
 public:
  RRset() = default; // null
  RRset(const RRset& other);
  RRset(RRset&& other) noexcept;
  RRset& operator=(const RRset& other);
  RRset& operator=(RRset&& other) noexcept;
  ~RRset();

  explicit operator bool() const { return d_block != nullptr; }

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
  [[nodiscard]] std::size_t memorySize() const; // bytes of the block

  [[nodiscard]] RRset withTtl(std::uint32_t ttl) const;
  [[nodiscard]] RRset withOwner(const Name& owner) const;
  [[nodiscard]] RRset withoutSignatures() const;
  // The same owner, type, class, rdata set (any order); TTL and signatures are not compared.
  [[nodiscard]] bool sameData(const RRset& other) const;

  // Master-file lines, one a record, signatures last. For dumps, traces and tests.
  [[nodiscard]] std::string text() const;

 private:
  friend class RRsetBuilder;
  struct Block;
  explicit RRset(Block* block) : d_block(block) {}
  Block* d_block = nullptr;
};

// Collects records, then builds the block. Duplicate rdata is dropped (RFC 2181 5).
class RRsetBuilder {
 public:
  RRsetBuilder(const Name& owner, RRType type, RRClass rrclass, std::uint32_t ttl);
  void add(std::span<const std::byte> rdata);          // uncompressed wire form
  void addSignature(std::span<const std::byte> rdata); // an RRSIG covering the set
  void lowerTtl(std::uint32_t ttl);                    // keeps the smaller (RFC 2181 5.2)
  [[nodiscard]] const Name& owner() const { return d_owner; }
  [[nodiscard]] RRType type() const { return d_type; }
  [[nodiscard]] std::size_t count() const { return d_count; }
  [[nodiscard]] RRset build() const;

 private:
  Name d_owner;
  RRType d_type;
  RRClass d_class;
  std::uint32_t d_ttl;
  std::size_t d_count = 0;
  std::size_t d_signatureCount = 0;
  std::vector<std::byte> d_rdata;      // length-prefixed
  std::vector<std::byte> d_signatures; // length-prefixed
};

} // namespace dns
