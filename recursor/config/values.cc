// The values of settings: see values.hh.
#include "recursor/config/values.hh"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstdlib>
#include <limits>

#include "recursor/config/zones.hh"

namespace rec {

using base::Error;
using base::Result;

std::string_view trim(std::string_view text) {
  constexpr std::string_view kBlanks = " \t\r\n";
  const auto first = text.find_first_not_of(kBlanks);
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(kBlanks) - first + 1);
}

std::vector<std::string_view> split(std::string_view text, std::string_view separators) {
  std::vector<std::string_view> parts;
  for (std::size_t at = text.find_first_not_of(separators); at != std::string_view::npos;) {
    const auto end = std::min(text.find_first_of(separators, at), text.size());
    parts.push_back(text.substr(at, end - at));
    at = text.find_first_not_of(separators, end);
  }
  return parts;
}

std::string join(const std::vector<std::string>& parts, std::string_view separator) {
  std::string whole;
  for (const auto& part : parts) {
    if (!whole.empty()) whole += separator;
    whole += part;
  }
  return whole;
}

std::string_view withoutComment(std::string_view line) {
  for (auto at = line.find('#'); at != std::string_view::npos; at = line.find('#', at + 1)) {
    if (at == 0 || line[at - 1] == ' ' || line[at - 1] == '\t') return line.substr(0, at);
  }
  return line;
}

std::string_view takeLine(std::string_view& rest) {
  const auto end = std::min(rest.find('\n'), rest.size());
  const auto line = rest.substr(0, end);
  rest.remove_prefix(std::min(end + 1, rest.size()));
  return line;
}

bool isListType(SettingType type) {
  switch (type) {
  case SettingType::Addresses:
  case SettingType::Netmasks:
  case SettingType::Names:
  case SettingType::Strings:
  case SettingType::Ports:
  case SettingType::CpuMap:
  case SettingType::ForwardZones:
  case SettingType::AuthZones: return true;
  default: return false;
  }
}

Result<std::uint64_t> parseNumber(std::string_view text, std::uint64_t min, std::uint64_t max) {
  std::uint64_t number = 0;
  const auto* end = text.data() + text.size();
  const auto [stop, problem] = std::from_chars(text.data(), end, number);
  if (text.empty() || stop != end || (problem != std::errc() && problem != std::errc::result_out_of_range)) {
    return Error{"'" + std::string(text) + "' is not a number"};
  }
  if (problem != std::errc() || number < min || number > max) {
    return Error{std::string(text) + " is out of bounds, " + std::to_string(min) + " to " + std::to_string(max)};
  }
  return number;
}

Result<bool> parseBool(std::string_view text) {
  if (text == "yes" || text == "true" || text == "on" || text == "1") return true;
  if (text == "no" || text == "false" || text == "off" || text == "0") return false;
  return Error{"'" + std::string(text) + "' is neither yes nor no"};
}

namespace {

// The bounds of the row, or those of the type where the row has none.
template <typename Number> Result<Number> boundedNumber(const SettingInfo& info, std::string_view text) {
  const std::uint64_t limit = std::numeric_limits<Number>::max();
  const auto number = parseNumber(text, info.min, info.max == 0 ? limit : info.max);
  if (!number) return number.error();
  return static_cast<Number>(*number);
}

template <typename Duration> Result<Duration> duration(const SettingInfo& info, std::string_view text) {
  const auto count = boundedNumber<std::uint32_t>(info, text);
  if (!count) return count.error();
  return Duration(*count);
}

// Each item of a list through `parse`, the first error ends it.
template <typename Item, typename Parse> Result<std::vector<Item>> parseList(std::string_view text, Parse parse) {
  std::vector<Item> items;
  for (const auto part : split(text, kListSeparators)) {
    auto item = parse(part);
    if (!item) return item.error();
    items.push_back(std::move(*item));
  }
  return items;
}

std::string choices(const SettingInfo& info) {
  std::string words;
  for (const auto word : split(info.unit, "|")) words += (words.empty() ? "" : ", ") + std::string(word);
  return words;
}

Result<void> addCpus(WorkerCpus& map, std::string_view part) {
  const auto equals = part.find('=');
  const Error bad{"'" + std::string(part) + "' is not worker=cpu,cpu"};
  if (equals == std::string_view::npos) return bad;
  const auto worker = parseNumber(part.substr(0, equals), 0, 4095);
  if (!worker) return bad;
  for (const auto text : split(part.substr(equals + 1), ",")) {
    const auto cpu = parseNumber(text, 0, 4095);
    if (!cpu) return bad;
    map[static_cast<unsigned>(*worker)].push_back(static_cast<unsigned>(*cpu));
  }
  return {};
}

} // namespace

template <> Result<bool> parseValue<SettingType::Bool>(const SettingInfo&, std::string_view text) {
  return parseBool(text);
}

template <> Result<std::uint16_t> parseValue<SettingType::U16>(const SettingInfo& info, std::string_view text) {
  return boundedNumber<std::uint16_t>(info, text);
}

template <> Result<std::uint32_t> parseValue<SettingType::U32>(const SettingInfo& info, std::string_view text) {
  return boundedNumber<std::uint32_t>(info, text);
}

template <> Result<std::uint64_t> parseValue<SettingType::U64>(const SettingInfo& info, std::string_view text) {
  return boundedNumber<std::uint64_t>(info, text);
}

template <> Result<double> parseValue<SettingType::Double>(const SettingInfo& info, std::string_view text) {
  const std::string copy(text);
  char* end = nullptr;
  const double number = std::strtod(copy.c_str(), &end);
  if (copy.empty() || *end != '\0' || !std::isfinite(number)) return Error{"'" + copy + "' is not a number"};
  const auto least = static_cast<double>(info.min);
  const auto most = info.max == 0 ? std::numeric_limits<double>::max() : static_cast<double>(info.max);
  if (number < least || number > most) return Error{copy + " is out of bounds"};
  return number;
}

template <>
Result<std::chrono::milliseconds> parseValue<SettingType::Millis>(const SettingInfo& info, std::string_view text) {
  return duration<std::chrono::milliseconds>(info, text);
}

template <>
Result<std::chrono::seconds> parseValue<SettingType::Seconds>(const SettingInfo& info, std::string_view text) {
  return duration<std::chrono::seconds>(info, text);
}

template <> Result<std::string> parseValue<SettingType::String>(const SettingInfo&, std::string_view text) {
  return std::string(text);
}

template <> Result<std::string> parseValue<SettingType::Path>(const SettingInfo&, std::string_view text) {
  return std::string(text);
}

template <> Result<std::string> parseValue<SettingType::Choice>(const SettingInfo& info, std::string_view text) {
  const bool mayBeEmpty = info.unit.starts_with('|');
  if (text.empty() && mayBeEmpty) return std::string();
  for (const auto word : split(info.unit, "|")) {
    if (word == text) return std::string(text);
  }
  return Error{"'" + std::string(text) + "' is none of " + choices(info)};
}

template <> Result<std::uint32_t> parseValue<SettingType::Octal>(const SettingInfo& info, std::string_view text) {
  std::uint32_t number = 0;
  if (text.empty()) return number;
  const auto* end = text.data() + text.size();
  const auto [stop, problem] = std::from_chars(text.data(), end, number, 8);
  if (stop != end || problem != std::errc()) return Error{"'" + std::string(text) + "' is not an octal number"};
  if (number > info.max) return Error{std::string(text) + " is out of bounds"};
  return number;
}

template <>
Result<std::vector<base::Address>> parseValue<SettingType::Addresses>(const SettingInfo&, std::string_view text) {
  return parseList<base::Address>(text, [](std::string_view part) { return base::Address::parse(part); });
}

template <> Result<base::NetmaskGroup> parseValue<SettingType::Netmasks>(const SettingInfo&, std::string_view text) {
  base::NetmaskGroup group;
  for (const auto part : split(text, kListSeparators)) {
    const auto added = group.add(part);
    if (!added) return added.error();
  }
  return group;
}

template <>
Result<std::optional<base::Netmask>> parseValue<SettingType::Prefix>(const SettingInfo&, std::string_view text) {
  if (text.empty()) return std::optional<base::Netmask>();
  auto prefix = base::Netmask::parse(text);
  if (!prefix) return prefix.error();
  return std::optional(*prefix);
}

template <> Result<std::vector<dns::Name>> parseValue<SettingType::Names>(const SettingInfo&, std::string_view text) {
  return parseList<dns::Name>(text, [](std::string_view part) { return dns::Name::parse(part); });
}

template <>
Result<std::vector<std::string>> parseValue<SettingType::Strings>(const SettingInfo&, std::string_view text) {
  return parseList<std::string>(text, [](std::string_view part) { return Result<std::string>(std::string(part)); });
}

template <>
Result<std::vector<std::uint16_t>> parseValue<SettingType::Ports>(const SettingInfo& info, std::string_view text) {
  return parseList<std::uint16_t>(text,
                                  [&info](std::string_view part) { return boundedNumber<std::uint16_t>(info, part); });
}

template <> Result<WorkerCpus> parseValue<SettingType::CpuMap>(const SettingInfo&, std::string_view text) {
  WorkerCpus map;
  for (const auto part : split(text, " \t")) {
    const auto added = addCpus(map, part);
    if (!added) return added.error();
  }
  return map;
}

template <>
Result<std::vector<ForwardZone>> parseValue<SettingType::ForwardZones>(const SettingInfo& info, std::string_view text) {
  return parseForwardZones(text, info.name == "forward-zones-recurse");
}

template <>
Result<std::vector<AuthZone>> parseValue<SettingType::AuthZones>(const SettingInfo&, std::string_view text) {
  return parseAuthZones(text);
}

std::string normalValue(const SettingInfo& info, std::string_view text) {
  text = trim(text);
  if (info.type == SettingType::Bool) {
    const auto yes = parseBool(text);
    if (yes) return *yes ? "yes" : "no";
  }
  if (!isListType(info.type)) return std::string(text);
  std::vector<std::string> parts;
  const bool commasInside = info.type == SettingType::CpuMap;
  for (const auto part : split(text, commasInside ? " \t" : kListSeparators)) parts.emplace_back(part);
  return join(parts, commasInside ? " " : ", ");
}

} // namespace rec
