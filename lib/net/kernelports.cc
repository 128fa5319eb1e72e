// Two small files of procfs.
#include "lib/net/kernelports.hh"

#include <algorithm>
#include <charconv>
#include <fstream>
#include <optional>
#include <sstream>

namespace net {

namespace {

const char* const kRangeFile = "/proc/sys/net/ipv4/ip_local_port_range";
const char* const kReservedFile = "/proc/sys/net/ipv4/ip_local_reserved_ports";

std::optional<std::uint16_t> takePort(std::string_view& text) {
  text.remove_prefix(std::min(text.find_first_of("0123456789"), text.size()));
  std::uint16_t port = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), port);
  if (error != std::errc()) return std::nullopt;
  text.remove_prefix(static_cast<std::size_t>(end - text.data()));
  return port;
}

std::string contentOf(const char* path) {
  const std::ifstream file(path);
  std::ostringstream content;
  content << file.rdbuf();
  return content.str();
}

} // namespace

base::Result<PortRange> parseKernelPorts(std::string_view range, std::string_view reserved) {
  const auto first = takePort(range);
  const auto last = takePort(range);
  if (!first || !last || *first > *last) return base::Error{"ip_local_port_range is not to be understood"};
  PortRange ports{*first, *last, {}};
  while (const auto from = takePort(reserved)) {
    const bool isRange = reserved.starts_with('-');
    const auto to = isRange ? takePort(reserved) : from;
    for (std::uint32_t port = *from; to && port <= *to; ++port) ports.avoid.push_back(static_cast<std::uint16_t>(port));
  }
  std::sort(ports.avoid.begin(), ports.avoid.end());
  return ports;
}

base::Result<PortRange> kernelPorts() { return parseKernelPorts(contentOf(kRangeFile), contentOf(kReservedFile)); }

bool staysWithin(const PortRange& given, const PortRange& allowed) {
  const auto reserved = [&](std::uint16_t port) {
    return std::binary_search(given.avoid.begin(), given.avoid.end(), port);
  };
  return given.first >= allowed.first && given.last <= allowed.last &&
         std::all_of(allowed.avoid.begin(), allowed.avoid.end(),
                     [&](std::uint16_t port) { return port < given.first || port > given.last || reserved(port); });
}

} // namespace net
