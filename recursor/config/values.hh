// The values of settings: text to each type of SettingType and its one normal spelling. Called by settings.cc and the
// other readers of this folder; never opens a file.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "recursor/config/settings.hh"

namespace rec {

[[nodiscard]] std::string_view trim(std::string_view text);
// The parts between characters of `separators`, without empty ones.
[[nodiscard]] std::vector<std::string_view> split(std::string_view text, std::string_view separators);
[[nodiscard]] std::string join(const std::vector<std::string>& parts, std::string_view separator);

// Without the comment: a # at the start of the line or after a blank, and all that follows.
[[nodiscard]] std::string_view withoutComment(std::string_view line);
// Takes the first line off `rest` and returns it without its newline.
[[nodiscard]] std::string_view takeLine(std::string_view& rest);

// Lists are separated by commas or blanks.
constexpr std::string_view kListSeparators = ", \t\r\n";

// True for the types whose values are lists, to which += appends.
[[nodiscard]] bool isListType(SettingType type);

// Decimal digits only, within [min, max].
base::Result<std::uint64_t> parseNumber(std::string_view text, std::uint64_t min, std::uint64_t max);
base::Result<bool> parseBool(std::string_view text); // yes no true false on off 1 0

template <SettingType T>
base::Result<typename SettingValue<T>::Type> parseValue(const SettingInfo& info, std::string_view text);

// The same value always spelled the same way: "on" as "yes", lists with ", ". Text that does not parse stays as it is.
[[nodiscard]] std::string normalValue(const SettingInfo& info, std::string_view text);

} // namespace rec
