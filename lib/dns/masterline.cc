// Master file entries: splitting into fields; owner, TTL, class and type. The rdata goes to parseRdata().
#include "lib/dns/masterline.hh"

#include <charconv>

#include "lib/dns/presentation.hh"

namespace dns {
namespace {

constexpr std::uint32_t kMaxTtl = 0x7FFFFFFF; // RFC 2181 8

bool isBlank(char c) { return c == ' ' || c == '\t'; }

bool endsInDot(std::string_view text) {
  if (!text.ends_with('.')) {
    return false;
  }
  std::size_t backslashes = 0;
  for (std::size_t at = text.size() - 1; at > 0 && text[at - 1] == '\\'; --at) {
    ++backslashes;
  }
  return backslashes % 2 == 0;
}

std::uint32_t unitSeconds(char unit) {
  switch (unit | 0x20) {
  case 's': return 1;
  case 'm': return 60;
  case 'h': return 3600;
  case 'd': return 86400;
  case 'w': return 604800;
  default: return 0;
  }
}

std::string upper(std::string_view text) {
  std::string out(text);
  for (char& c : out) {
    c = c >= 'a' && c <= 'z' ? static_cast<char>(c - 0x20) : c;
  }
  return out;
}

std::optional<RRClass> parseClass(std::string_view given) {
  const std::string wanted = upper(given);
  for (const RRClass known : {RRClass::IN, RRClass::CH, RRClass::HS}) {
    if (wanted == text(known)) {
      return known;
    }
  }
  if (!wanted.starts_with("CLASS")) {
    return std::nullopt;
  }
  const auto number = parseNumber(std::string_view(wanted).substr(5), 65535);
  return number ? std::optional(static_cast<RRClass>(*number)) : std::nullopt;
}

base::Error bad(std::string_view what, std::string_view field) {
  return base::Error{std::string(what) + " '" + std::string(field.substr(0, 100)) + "'"};
}

} // namespace

std::string_view LineFields::next() {
  std::size_t from = 0;
  while (from < d_rest.size() && isBlank(d_rest[from])) {
    ++from;
  }
  std::size_t at = from;
  for (bool quoted = false; at < d_rest.size() && (quoted || !isBlank(d_rest[at])); ++at) {
    if (d_rest[at] == '"') {
      quoted = !quoted;
    } else if (d_rest[at] == '\\' && at + 1 < d_rest.size()) {
      ++at;
    }
  }
  const std::string_view field = d_rest.substr(from, at - from);
  d_rest.remove_prefix(at);
  return field;
}

std::optional<std::uint32_t> parseNumber(std::string_view digits, std::uint32_t most) {
  std::uint32_t value = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), value);
  const bool good = error == std::errc{} && end == digits.data() + digits.size() && value <= most;
  return good ? std::optional(value) : std::nullopt;
}

std::optional<std::uint32_t> parseTtl(std::string_view text) {
  if (const auto seconds = parseNumber(text, kMaxTtl)) {
    return seconds;
  }
  std::uint64_t total = 0;
  while (!text.empty()) {
    const std::size_t digits = text.find_first_not_of("0123456789");
    if (digits == 0 || digits == std::string_view::npos) {
      return std::nullopt;
    }
    const auto count = parseNumber(text.substr(0, digits), kMaxTtl);
    const std::uint32_t unit = unitSeconds(text[digits]);
    if (!count || unit == 0) {
      return std::nullopt;
    }
    total += std::uint64_t{*count} * unit;
    if (total > kMaxTtl) {
      return std::nullopt;
    }
    text.remove_prefix(digits + 1);
  }
  return total != 0 ? std::optional(static_cast<std::uint32_t>(total)) : std::nullopt;
}

base::Result<Name> parseRelativeName(std::string_view text, const Name& origin) {
  if (text == "@") {
    return origin;
  }
  auto name = Name::parse(text);
  if (!name || endsInDot(text)) {
    return name;
  }
  auto whole = name->withSuffixReplaced(Name(), origin);
  if (!whole) {
    return bad("name too long under " + origin.text() + ":", text);
  }
  return std::move(*whole);
}

base::Result<MasterRecord> parseMasterLine(std::string_view line, const LineContext& context) {
  LineFields fields(line);
  MasterRecord record;
  record.owner = context.lastOwner;
  record.rrclass = context.rrclass;
  record.ttl = context.ttl;
  if (!line.empty() && !isBlank(line.front())) {
    auto owner = parseRelativeName(fields.next(), context.origin);
    if (!owner) {
      return owner.error();
    }
    record.owner = std::move(*owner);
  }
  std::string_view field = fields.next();
  for (int i = 0; i < 2; ++i) { // TTL and class in either order
    if (const auto ttl = parseTtl(field); ttl && !record.ttlGiven) {
      record.ttl = *ttl;
      record.ttlGiven = true;
      field = fields.next();
    } else if (const auto rrclass = parseClass(field)) {
      record.rrclass = *rrclass;
      field = fields.next();
    }
  }
  const auto type = parseRRType(field);
  if (!type) {
    return field.empty() ? base::Error{"record without a type"} : bad("unknown record type", field);
  }
  if (isMetaType(*type)) {
    return bad("not a type that a zone can hold:", field);
  }
  record.type = *type;
  auto rdata = parseRdata(*type, fields.rest(), context.origin);
  if (!rdata) {
    return rdata.error();
  }
  record.rdata = std::move(*rdata);
  return record;
}

} // namespace dns
