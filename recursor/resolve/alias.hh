// Aliases: the CNAME at a name or the DNAME above it, and where they lead (RFC 1034 3.6.2, RFC 6672). Pure.
#pragma once

#include <optional>
#include <span>
#include <vector>

#include "lib/dns/message.hh"

namespace rec {

struct Alias {
  std::vector<dns::RRset> records; // a CNAME; or a DNAME and the CNAME made from it
  dns::Name target;
  bool tooLong = false; // the DNAME leads to a name of more than 255 octets: YXDOMAIN
};

// The first step of a chain in `answer`: what follows it is asked for separately, so that a forged answer about one
// name can never bring records of another.
[[nodiscard]] std::optional<Alias> findAlias(std::span<const dns::RRset> answer, const dns::Question& asked,
                                             const dns::Name& zone);
// The CNAME that `dname` makes for `name` below it, with the DNAME's TTL (RFC 6672 3.1).
[[nodiscard]] Alias followDname(const dns::RRset& dname, const dns::Name& name);

} // namespace rec
