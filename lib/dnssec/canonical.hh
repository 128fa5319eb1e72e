// The canonical form of an RRset (RFC 4034 6, RFC 6840 5.1) and the data that a signature is made over (RFC 4034
// 3.1.8.1). Built in buffers of the thread that live on: one at a time per thread. Used by signature checks and DS
// digests.
#pragma once

#include "lib/dns/rrset.hh"
#include "lib/dnssec/records.hh"

namespace dnssec {

// `rdata` with the names in it in lower case, as far as RFC 4034 6.2 asks for it; appended to `out`.
void appendCanonicalRdata(dns::RRType type, Bytes rdata, std::vector<std::byte>& out);
void appendCanonicalName(Bytes wire, std::vector<std::byte>& out);

class CanonicalSet {
 public:
  // The rdatas of the set in canonical form, sorted, without duplicates. The set must outlive this.
  explicit CanonicalSet(const dns::RRset& set);
  // What `signature` signs if it is over this set: its head, then every record with the signature's original TTL and,
  // when it has fewer labels than the owner, the wildcard's name. Valid until the next call in this thread.
  [[nodiscard]] Bytes signedBy(const Rrsig& signature) const;

 private:
  const dns::RRset& d_set;
  dns::Name d_owner;
};

// Labels of a name as signatures count them: without a leading "*" and the root (RFC 4034 3.1.3).
[[nodiscard]] inline std::size_t signedLabels(const dns::Name& name) {
  return name.labelCount() - (name.isWildcard() ? 1 : 0);
}

} // namespace dnssec
