// Presentation format through ldns. Everything is checked against the type's layout on both sides of ldns, so that
// malformed rdata never reaches it and it never hands out any.
#include "lib/dns/presentation.hh"

#include <ldns/ldns.h>

#include <cstdlib>
#include <memory>

#include "lib/dns/masterline.hh"
#include "lib/dns/wirereader.hh"

namespace dns {
namespace {

constexpr std::size_t kRecordHead = 11; // root owner, type, class, TTL, RDLENGTH
constexpr std::size_t kMaxRdata = 65535;

struct LdnsFree {
  void operator()(ldns_rr* rr) const { ldns_rr_free(rr); }
  void operator()(ldns_rdf* rdf) const { ldns_rdf_deep_free(rdf); }
  void operator()(char* text) const { std::free(text); }
  void operator()(std::uint8_t* wire) const { std::free(wire); }
};

template <typename T> using LdnsPtr = std::unique_ptr<T, LdnsFree>;

// ldns's own name of the type; null when it has no row for it, or (NULL, and NSAP-PTR, which it takes for a string) one
// that is not right.
const char* ldnsName(RRType type) {
  if (type == RRType::NULL_ || type == RRType::NSAP_PTR) {
    return nullptr;
  }
  const ldns_rr_descriptor* row = ldns_rr_descript(static_cast<std::uint16_t>(type));
  const bool known = row != nullptr && row->_type == static_cast<ldns_rr_type>(type);
  return known ? row->_name : nullptr;
}

// One line with its quotes closed: ldns is too patient with others.
bool isSound(std::string_view text) {
  bool quoted = false;
  for (std::size_t at = 0; at < text.size(); ++at) {
    if (text[at] == '\\') {
      ++at; // the next one stands for itself
    } else if (text[at] == '"') {
      quoted = !quoted;
    }
  }
  return !quoted && text.find_first_of(std::string_view("\n\r\0", 3)) == std::string_view::npos;
}

int hexDigit(char c) {
  if (c >= '0' && c <= '9') {
    return c - '0';
  }
  const char lower = static_cast<char>(c | 0x20);
  return lower >= 'a' && lower <= 'f' ? lower - 'a' + 10 : -1;
}

bool isSpace(char c) { return c == ' ' || c == '\t'; }

// What stands behind "\#": a decimal size and that many octets in hexadecimal, with spaces anywhere (RFC 3597 5).
base::Result<std::vector<std::byte>> parseGeneric(std::string_view text) {
  LineFields fields(text);
  const auto size = parseNumber(fields.next(), kMaxRdata);
  if (!size) {
    return base::Error{"bad size after \\#"};
  }
  std::vector<std::byte> rdata;
  int high = -1;
  for (const char c : fields.rest()) {
    if (isSpace(c)) {
      continue;
    }
    const int digit = hexDigit(c);
    if (digit < 0) {
      return base::Error{"bad hexadecimal digit after \\#"};
    }
    if (high >= 0) {
      rdata.push_back(static_cast<std::byte>(high << 4 | digit));
    }
    high = high >= 0 ? -1 : digit;
  }
  if (high >= 0 || rdata.size() != *size) {
    return base::Error{"size and octets after \\# do not agree"};
  }
  return rdata;
}

std::string genericText(std::span<const std::byte> rdata) {
  static constexpr std::string_view digits = "0123456789abcdef";
  std::string out = "\\# " + std::to_string(rdata.size());
  out += rdata.empty() ? "" : " ";
  for (const std::byte octet : rdata) {
    out += digits[std::to_integer<std::size_t>(octet >> 4)];
    out += digits[std::to_integer<std::size_t>(octet & std::byte{15})];
  }
  return out;
}

// Rdata in ldns's reading of `text`; names in it are completed with the origin.
base::Result<std::vector<std::byte>> parseKnown(RRType type, std::string_view text, const Name& origin) {
  const char* name = ldnsName(type);
  if (name == nullptr) {
    return base::Error{"rdata of type " + dns::text(type) + " must be written as \\# (RFC 3597)"};
  }
  const std::string line = ". 0 IN " + std::string(name) + " " + std::string(text);
  const LdnsPtr<ldns_rdf> originRdf(
      ldns_dname_new_frm_data(static_cast<std::uint16_t>(origin.wireSize()), origin.wire().data()));
  ldns_rr* parsed = nullptr;
  const ldns_status status = ldns_rr_new_frm_str(&parsed, line.c_str(), 0, originRdf.get(), nullptr);
  const LdnsPtr<ldns_rr> rr(parsed);
  if (status != LDNS_STATUS_OK || rr == nullptr) {
    return base::Error{"bad " + dns::text(type) + " rdata: " + ldns_get_errorstr_by_id(status)};
  }
  std::uint8_t* made = nullptr;
  std::size_t size = 0;
  const ldns_status written = ldns_rr2wire(&made, rr.get(), LDNS_SECTION_ANSWER, &size);
  const LdnsPtr<std::uint8_t> wire(made);
  if (written != LDNS_STATUS_OK || size < kRecordHead || size > kRecordHead + kMaxRdata) {
    return base::Error{"bad " + dns::text(type) + " rdata"};
  }
  const auto octets = std::as_bytes(std::span(wire.get(), size)).subspan(kRecordHead);
  return std::vector<std::byte>(octets.begin(), octets.end());
}

// A record of the root with this rdata, as ldns reads it.
std::vector<std::uint8_t> rootRecord(RRType type, std::span<const std::byte> rdata) {
  const auto number = static_cast<unsigned>(type);
  std::vector<std::uint8_t> wire = {
      0, static_cast<std::uint8_t>(number >> 8),       static_cast<std::uint8_t>(number),      0, 1, 0, 0, 0,
      0, static_cast<std::uint8_t>(rdata.size() >> 8), static_cast<std::uint8_t>(rdata.size())};
  for (const std::byte octet : rdata) {
    wire.push_back(std::to_integer<std::uint8_t>(octet));
  }
  return wire;
}

// The part of "owner TTL class type rdata\n" behind the fourth tab; "" when ldns cannot print the rdata.
std::string ldnsText(RRType type, std::span<const std::byte> rdata) {
  const std::vector<std::uint8_t> wire = rootRecord(type, rdata);
  std::size_t at = 0;
  ldns_rr* parsed = nullptr;
  const ldns_status status = ldns_wire2rr(&parsed, wire.data(), wire.size(), &at, LDNS_SECTION_ANSWER);
  const LdnsPtr<ldns_rr> rr(status == LDNS_STATUS_OK ? parsed : nullptr);
  if (rr == nullptr || at != wire.size()) {
    return {};
  }
  const LdnsPtr<char> line(ldns_rr2str_fmt(ldns_output_format_nocomments, rr.get()));
  std::string_view text = line != nullptr ? line.get() : "";
  for (int tabs = 0; tabs < 4; ++tabs) {
    const std::size_t tab = text.find('\t');
    if (tab == std::string_view::npos) {
      return {};
    }
    text.remove_prefix(tab + 1);
  }
  while (!text.empty() && (text.back() == '\n' || text.back() == ' ')) {
    text.remove_suffix(1);
  }
  return std::string(text);
}

} // namespace

base::Result<std::vector<std::byte>> parseRdata(RRType type, std::string_view text, const Name& origin) {
  if (!isSound(text)) {
    return base::Error{"open quote or control character in rdata"};
  }
  LineFields fields(text);
  const bool generic = fields.next() == "\\#";
  auto rdata = generic ? parseGeneric(fields.rest()) : parseKnown(type, text, origin);
  if (rdata && !rdataWellFormed(type, *rdata)) {
    return base::Error{"bad " + dns::text(type) + " rdata"};
  }
  return rdata;
}

base::Result<RRset> parseRecord(std::string_view line, const Name& origin, std::uint32_t defaultTtl) {
  auto record = parseMasterLine(line, {.origin = origin, .lastOwner = origin, .ttl = defaultTtl});
  if (!record) {
    return record.error();
  }
  RRsetBuilder builder(record->owner, record->type, record->rrclass, record->ttl);
  builder.add(record->rdata);
  return builder.build();
}

std::string rdataText(RRType type, std::span<const std::byte> rdata) {
  if (ldnsName(type) == nullptr || rdata.size() > kMaxRdata || !rdataWellFormed(type, rdata)) {
    return genericText(rdata);
  }
  std::string text = ldnsText(type, rdata);
  return text.empty() ? genericText(rdata) : text;
}

} // namespace dns
