// Files of the machine, or of a folder that stands for one.
#include "recursor/doctor/host.hh"

#include <algorithm>
#include <charconv>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <limits>

namespace rec {
namespace {

constexpr std::string_view kBlanks = " \t\n";

std::string trimmed(std::string text) {
  const auto end = text.find_last_not_of(kBlanks);
  text.erase(end == std::string::npos ? 0 : end + 1);
  text.erase(0, std::min(text.find_first_not_of(kBlanks), text.size()));
  return text;
}

bool isCpu(std::string_view name) {
  return name.size() > 3 && name.starts_with("cpu") && name.find_first_not_of("0123456789", 3) == name.npos;
}

} // namespace

std::optional<std::string> Host::read(const std::string& path) const {
  std::ifstream file(d_root + path, std::ios::binary);
  if (!file) {
    return std::nullopt;
  }
  std::string text{std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
  return file.bad() ? std::nullopt : std::optional(trimmed(std::move(text)));
}

std::optional<std::uint64_t> Host::number(const std::string& path) const {
  const auto text = read(path);
  if (!text) {
    return std::nullopt;
  }
  std::uint64_t value = 0;
  const auto [end, error] = std::from_chars(text->data(), text->data() + text->size(), value);
  if (error == std::errc::result_out_of_range || *text == "unlimited") {
    return std::numeric_limits<std::uint64_t>::max();
  }
  return error == std::errc() ? std::optional(value) : std::nullopt;
}

std::vector<std::string> Host::list(const std::string& folder) const {
  std::vector<std::string> names;
  std::error_code error;
  for (auto entry = std::filesystem::directory_iterator(d_root + folder, error);
       !error && entry != std::filesystem::directory_iterator(); entry.increment(error)) {
    names.push_back(entry->path().filename().string());
  }
  std::ranges::sort(names);
  return names;
}

bool Host::exists(const std::string& path) const {
  std::error_code error;
  return std::filesystem::exists(d_root + path, error);
}

std::size_t Host::cpus() const {
  const auto names = list("/sys/devices/system/cpu");
  return std::max<std::size_t>(1, static_cast<std::size_t>(std::ranges::count_if(names, isCpu)));
}

} // namespace rec
