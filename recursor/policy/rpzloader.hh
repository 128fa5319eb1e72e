// RpzLoader: records of a response policy zone become rules: from a master file, a whole transfer, or the differences
// of an incremental one. Records that are no rules are passed over, counted, and the first of them named in the log.
#pragma once

#include <optional>
#include <string>

#include "recursor/policy/rpzrules.hh"

namespace rec {

// How large a zone will be: as it was before, but at least as large as its zoneSizeHint says.
[[nodiscard]] inline RpzSize expectedSize(const RpzRulesPtr& before, std::size_t hint) {
  const RpzSize size = before ? before->size() : RpzSize{};
  return size.entries < hint ? RpzSize{hint, 0} : size;
}

struct RpzLoadOptions {
  std::string what;              // for the log: the policy's name
  bool ignoreDuplicates = false; // of rules for the same: the first counts, and no word about the others
  RpzSize expected;              // about
};

class RpzLoader {
 public:
  // Begins with the rules of `base`; null: with none.
  RpzLoader(const RpzRulesPtr& base, RpzLoadOptions options);

  [[nodiscard]] bool knowsZone() const { return d_knowsZone; }
  [[nodiscard]] const dns::Name& zone() const { return d_editor.rules().zone(); }
  void setZone(const dns::Name& zone);

  // Owner in wire form, any case. The SOA of the apex is kept, other records there are not rules.
  void add(Octets owner, dns::RRType type, std::uint32_t ttl, Octets rdata);
  void addRelative(Octets owner, dns::RRType type, std::uint32_t ttl, Octets rdata); // without the zone's name
  // False: there was no such record, so that what is changed is not what was meant.
  [[nodiscard]] bool remove(Octets owner, dns::RRType type, Octets rdata);

  // A record did not fit: what is finished now is not the whole zone.
  [[nodiscard]] bool isFull() const { return d_full; }
  RpzRulesPtr finish(); // once
  [[nodiscard]] const RpzRules& rules() const { return d_editor.rules(); }

 private:
  void refuse(Octets relative, dns::RRType type, const std::string& why);
  void noteChange(const RpzKey& key);
  [[nodiscard]] std::optional<Octets> relativeTo(Octets owner, std::array<std::byte, dns::kMaxNameSize>& out) const;

  RpzLoadOptions d_options;
  RpzEditor d_editor;
  RpzRulesPtr d_base;
  std::shared_ptr<PolicyChange> d_change; // since d_base; null: it is more than can be told
  bool d_knowsZone;
  bool d_full = false;
  std::size_t d_refused = 0; // in all, those of `base` included
  std::size_t d_told = 0;
};

// The rules of a master file. The zone is the owner of its SOA, which comes first (the root when there is none). Errors
// name the file and the line.
base::Result<RpzRulesPtr> loadRpzFile(const std::string& path, RpzLoadOptions options);

// The zone as a master file: its SOA, then its rules as they came, in no order. Returns how many lines.
std::size_t writeRpz(const RpzRules& rules, std::FILE* out);
// The same into a file that is replaced whole or not at all.
base::Result<void> saveRpz(const RpzRules& rules, const std::string& path);

} // namespace rec
