// Key tags in names and options: see keytags.hh.
#include "recursor/trust/keytags.hh"

#include <algorithm>
#include <cstdio>

#include "lib/dnssec/records.hh"

namespace rec {
namespace {

constexpr std::string_view kIsTa = "root-key-sentinel-is-ta-", kNotTa = "root-key-sentinel-not-ta-";
constexpr std::size_t kTagDigits = 5; // RFC 8509 3: padded with zeros

bool startsWith(std::string_view label, std::string_view lowerCase) {
  const auto lower = [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; };
  return label.size() >= lowerCase.size() &&
         std::equal(lowerCase.begin(), lowerCase.end(), label.begin(), [&](char a, char b) { return a == lower(b); });
}

// Five digits, at most 65535.
std::optional<std::uint16_t> parseTag(std::string_view text) {
  const auto isDigit = [](char c) { return c >= '0' && c <= '9'; };
  if (text.size() != kTagDigits || !std::ranges::all_of(text, isDigit)) return std::nullopt;
  unsigned value = 0;
  for (const char digit : text) value = value * 10 + static_cast<unsigned>(digit - '0');
  if (value > UINT16_MAX) return std::nullopt;
  return static_cast<std::uint16_t>(value);
}

bool rootHas(std::uint16_t tag, const AnchorSnapshot& anchors) {
  const auto root = anchors.positive.find(dns::Name());
  return root != anchors.positive.end() && std::ranges::binary_search(keyTags(root->second), tag);
}

} // namespace

std::vector<std::uint16_t> keyTags(const dns::RRset& ds) {
  std::vector<std::uint16_t> tags;
  if (!ds) return tags;
  for (const auto rdata : ds.rdatas()) {
    if (const auto read = dnssec::readDs(rdata)) tags.push_back(read->tag);
  }
  std::ranges::sort(tags);
  const auto doubles = std::ranges::unique(tags);
  tags.erase(doubles.begin(), doubles.end());
  return tags;
}

// As many as the label holds, the smallest first.
std::optional<dns::Name> keyTagName(const dns::Name& zone, const dns::RRset& ds) {
  constexpr std::size_t kTagSize = 5; // "-4a5c"
  std::string label = "_ta";
  for (const std::uint16_t tag : keyTags(ds)) {
    char text[kTagSize + 1];
    std::snprintf(text, sizeof text, "-%04x", tag);
    if (label.size() + kTagSize <= dns::kMaxLabelSize) label += text;
  }
  return zone.withLabel(label);
}

std::vector<std::byte> keyTagOption(const dns::RRset& ds) {
  std::vector<std::byte> content;
  for (const std::uint16_t tag : keyTags(ds)) {
    content.push_back(std::byte(tag >> 8));
    content.push_back(std::byte(tag & 0xff));
  }
  return content;
}

SentinelVerdict sentinelVerdict(const dns::Name& qname, const AnchorSnapshot& anchors) {
  if (qname.isRoot()) return SentinelVerdict::None;
  const std::string_view label = qname.label(0);
  const bool isTa = startsWith(label, kIsTa);
  if (!isTa && !startsWith(label, kNotTa)) return SentinelVerdict::None;
  const auto tag = parseTag(label.substr(isTa ? kIsTa.size() : kNotTa.size()));
  if (!tag) return SentinelVerdict::None;
  return rootHas(*tag, anchors) == isTa ? SentinelVerdict::Pass : SentinelVerdict::ServFail;
}

} // namespace rec
