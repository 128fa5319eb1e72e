// RecordGroups: the records of one message section, read into flat memory that is used again, and grouped into RRsets.
// Used by parseMessage() alone. Work is linear in the size of the section whatever a hostile message holds.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "lib/dns/rrset.hh"
#include "lib/dns/wirereader.hh"

namespace dns {

// The first two octets in network order, 0 when there are none.
[[nodiscard]] std::uint16_t readU16(std::span<const std::byte> octets);

class RecordGroups {
 public:
  struct Record {
    std::uint64_t ownerHash = 0;
    std::uint32_t ownerAt = 0, rdataAt = 0; // offsets into the scratch memory
    std::uint16_t ownerSize = 0, rdataSize = 0;
    RRType type = RRType{0};
    RRClass rrclass = RRClass::IN;
    std::uint32_t ttl = 0;
    std::uint32_t next = kNone; // record of the same group
  };

  void clear();
  // Reads the owner name of the next record.
  Record readOwner(WireReader& reader);
  // Reads its rdata by the layout of `layout`. Sets the reader failed when decompressed rdata passes 65535 octets.
  void readRdata(WireReader& reader, RRType layout, std::size_t size, Record& record);
  [[nodiscard]] std::span<const std::byte> rdata(const Record& record) const {
    return {d_bytes.data() + record.rdataAt, record.rdataSize};
  }
  void add(const Record& record) { d_records.push_back(record); }
  // Groups what was added, in order of first appearance; sets that consist of RRSIGs alone come last.
  void build(std::vector<RRset>& out);

 private:
  static constexpr std::uint32_t kNone = UINT32_MAX;
  static constexpr std::size_t kScanned = 24; // groups up to here are found by a scan, more through d_index

  struct Group {
    std::uint64_t ownerHash;
    std::uint32_t first, last; // records
    std::uint32_t firstSignature = kNone, lastSignature = kNone;
    RRType type;
    RRClass rrclass;
  };
  [[nodiscard]] bool matches(const Group& group, const Record& record, RRType type) const;
  [[nodiscard]] std::uint32_t find(const Record& record, RRType type) const;
  [[nodiscard]] std::size_t slot(std::uint64_t ownerHash, RRType type) const;
  void open(std::uint32_t record);
  void enter(std::uint32_t group);
  void append(std::uint32_t group, std::uint32_t record);
  void attachSignature(std::uint32_t record);
  void appendSignature(Group& group, std::uint32_t record);
  [[nodiscard]] RRset makeSet(const Group& group);

  std::vector<std::byte> d_bytes;
  std::vector<Record> d_records;
  std::vector<Group> d_groups;
  std::vector<std::uint32_t> d_index; // open addressing: group numbers plus one, 0 is free
  RdataList d_rdatas, d_signatures;
  // The owner read last, when it was one compression pointer: most records repeat it.
  std::uint16_t d_lastPointer = 0;
  Record d_lastOwner;
};

} // namespace dns
