// One entry of a master file (RFC 1035 5.1): its fields, and the record they make. Used by presentation and zonefile.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "lib/base/result.hh"
#include "lib/dns/name.hh"
#include "lib/dns/types.hh"

namespace dns {

// Takes a line apart at blanks; quotes and backslashes keep blanks together.
class LineFields {
 public:
  explicit LineFields(std::string_view line) : d_rest(line) {}
  std::string_view next(); // "" at the end
  [[nodiscard]] std::string_view rest() const { return d_rest; }

 private:
  std::string_view d_rest;
};

// What the fields that are left out take over.
struct LineContext {
  Name origin;
  Name lastOwner; // for a line that begins with a blank
  std::uint32_t ttl = 0;
  RRClass rrclass = RRClass::IN;
};

struct MasterRecord {
  Name owner;
  RRType type = RRType{0};
  RRClass rrclass = RRClass::IN;
  std::uint32_t ttl = 0;
  bool ttlGiven = false;
  std::vector<std::byte> rdata;
};

// "[name] [ttl] [class] type rdata", on one line and without a comment.
base::Result<MasterRecord> parseMasterLine(std::string_view line, const LineContext& context);

// "example" is completed with the origin, "example." stands for itself, "@" is the origin.
base::Result<Name> parseRelativeName(std::string_view text, const Name& origin);
// "3600" or "1h30m" (units s m h d w), at most 2^31-1.
[[nodiscard]] std::optional<std::uint32_t> parseTtl(std::string_view text);
[[nodiscard]] std::optional<std::uint32_t> parseNumber(std::string_view digits, std::uint32_t most);

} // namespace dns
