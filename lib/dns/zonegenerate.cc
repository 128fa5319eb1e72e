// $GENERATE: the range and the replacing of "$" in its template.
#include "lib/dns/zonegenerate.hh"

#include <array>
#include <charconv>
#include <cstdint>

#include "lib/dns/masterline.hh"

namespace dns {
namespace {

constexpr std::uint32_t kMaxNumber = 0x7FFFFFFF;
constexpr std::size_t kMaxWidth = 63;

struct Format {
  std::int64_t offset = 0;
  std::size_t width = 0;
  char base = 'd';
};

base::Error badFormat(std::string_view text) {
  return base::Error{"bad $GENERATE format '${" + std::string(text.substr(0, 40)) + "}'"};
}

// "offset[,width[,base]]"
base::Result<Format> parseFormat(std::string_view text) {
  Format format;
  const char* at = text.data();
  const char* end = at + text.size();
  auto [afterOffset, offsetError] = std::from_chars(at, end, format.offset);
  if (offsetError != std::errc{} || format.offset > kMaxNumber || format.offset < -std::int64_t{kMaxNumber}) {
    return badFormat(text);
  }
  at = afterOffset;
  if (at != end && *at == ',') {
    auto [afterWidth, widthError] = std::from_chars(at + 1, end, format.width);
    if (widthError != std::errc{} || format.width > kMaxWidth) {
      return badFormat(text);
    }
    at = afterWidth;
  }
  if (end - at == 2 && *at == ',') {
    format.base = at[1];
    at = end;
  }
  const bool known = std::string_view("doxX").find(format.base) != std::string_view::npos;
  if (at != end || !known) {
    return badFormat(text);
  }
  return format;
}

std::string formatNumber(const Format& format, std::int64_t value) {
  std::array<char, 24> digits{};
  const int base = format.base == 'd' ? 10 : format.base == 'o' ? 8 : 16;
  const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), value < 0 ? -value : value, base).ptr;
  std::string out(digits.data(), end);
  if (out.size() < format.width) {
    out.insert(0, format.width - out.size(), '0');
  }
  for (char& c : out) {
    c = format.base == 'X' && c >= 'a' ? static_cast<char>(c - 0x20) : c;
  }
  return value < 0 ? "-" + out : out;
}

} // namespace

base::Result<GenerateRange> parseGenerateRange(std::string_view text) {
  const std::size_t dash = text.find('-');
  const std::size_t slash = text.find('/');
  if (dash == std::string_view::npos || slash < dash) {
    return base::Error{"$GENERATE wants a range start-stop[/step]"};
  }
  const auto start = parseNumber(text.substr(0, dash), kMaxNumber);
  const auto stop = parseNumber(text.substr(dash + 1, slash - dash - 1), kMaxNumber);
  const auto step = slash == std::string_view::npos ? 1 : parseNumber(text.substr(slash + 1), kMaxNumber);
  if (!start || !stop || !step || *step == 0 || *stop < *start) {
    return base::Error{"bad $GENERATE range '" + std::string(text.substr(0, 60)) + "'"};
  }
  return GenerateRange{*start, *stop, *step};
}

base::Result<std::string> expandGenerate(std::string_view line, std::uint32_t number) {
  std::string out;
  for (std::size_t at = 0; at < line.size(); ++at) {
    const std::string_view ahead = line.substr(at);
    if (ahead.starts_with("\\$") || ahead.starts_with("$$")) {
      out += '$';
      ++at;
    } else if (ahead.starts_with("${")) {
      const std::size_t close = ahead.find('}');
      auto format = parseFormat(ahead.substr(2, close == std::string_view::npos ? close : close - 2));
      if (!format || close == std::string_view::npos) {
        return badFormat(ahead.substr(2));
      }
      out += formatNumber(*format, format->offset + number);
      at += close;
    } else if (ahead.front() == '$') {
      out += std::to_string(number);
    } else {
      out += ahead.front();
    }
  }
  return out;
}

} // namespace dns
