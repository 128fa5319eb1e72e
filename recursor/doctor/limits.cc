// Checks of what the system lets the process have: descriptors, socket buffers, ports to ask from, addresses to listen
// on.
#include <algorithm>
#include <array>
#include <charconv>
#include <sstream>

#include "recursor/config/descriptors.hh"
#include "recursor/doctor/checks.hh"

namespace rec {
namespace {

constexpr std::uint64_t kFewPorts = 8192; // a third of the usual range: guessing a port and an id takes hours, not days
constexpr std::size_t kUdpBufferErrors = 4; // "InDatagrams NoPorts InErrors OutDatagrams RcvbufErrors", from 0

// "Max open files            1024                 1048576              files": soft or hard.
std::optional<std::uint64_t> openFiles(const std::string& limits, bool hard) {
  constexpr std::string_view label = "Max open files";
  const auto at = limits.find(label);
  if (at == std::string::npos) {
    return std::nullopt;
  }
  std::istringstream line(limits.substr(at + label.size()));
  std::string soft, most;
  line >> soft >> most;
  const std::string& text = hard ? most : soft;
  std::uint64_t value = 0;
  const bool isNumber = std::from_chars(text.data(), text.data() + text.size(), value).ec == std::errc();
  return isNumber ? std::optional(value) : text == "unlimited" ? std::optional(UINT64_MAX) : std::nullopt;
}

std::string sysctl(const std::string& name, const std::string& value) { return "sysctl -w " + name + "=" + value; }

// RcvbufErrors of /proc/net/snmp, whose lines come in pairs: names, values.
std::uint64_t lostPackets(const Host& host) {
  std::istringstream lines(host.read("/proc/net/snmp").value_or(""));
  std::string line;
  while (std::getline(lines, line)) {
    if (!line.starts_with("Udp: ") || line.find_first_of("0123456789") == std::string::npos) continue;
    std::istringstream words(line.substr(5));
    std::uint64_t value = 0;
    for (std::size_t i = 0; i <= kUdpBufferErrors && words >> value; ++i) {
    }
    return words ? value : 0;
  }
  return 0;
}

// An address as /proc/net/udp has it: words of 32 bits in the machine's order, in hexadecimal.
base::Address boundAddress(std::string_view text) {
  const auto colon = text.find(':');
  std::array<std::byte, 16> octets{};
  if (colon != 8 && colon != 32) {
    return {};
  }
  for (std::size_t i = 0; i < colon / 2; ++i) {
    unsigned value = 0;
    std::from_chars(text.data() + 2 * i, text.data() + 2 * i + 2, value, 16);
    octets[i / 4 * 4 + 3 - i % 4] = static_cast<std::byte>(value); // little endian, as all that this runs on
  }
  std::uint16_t port = 0;
  std::from_chars(text.data() + colon + 1, text.data() + text.size(), port, 16);
  return colon == 8 ? base::Address::v4(std::span(octets).first<4>(), port) : base::Address::v6(octets, port);
}

std::vector<base::Address> boundUdp(const Host& host) {
  std::vector<base::Address> bound;
  for (const char* file : {"/proc/net/udp", "/proc/net/udp6"}) {
    std::istringstream lines(host.read(file).value_or(""));
    std::string line;
    std::getline(lines, line); // headings
    while (std::getline(lines, line)) {
      std::istringstream words(line);
      std::string number, local;
      words >> number >> local;
      const base::Address address = boundAddress(local);
      if (address.valid()) bound.push_back(address);
    }
  }
  return bound;
}

bool excludes(const base::Address& theirs, const base::Address& ours) {
  if (theirs.port() != ours.port()) {
    return false;
  }
  const bool sameFamily = theirs.isV4() == ours.isV4();
  return theirs == ours || (sameFamily && (theirs.isWildcard() || ours.isWildcard()));
}

} // namespace

DoctorFinding checkDescriptors(const Examined& examined) {
  const bool running = examined.daemon.has_value();
  const std::string process = running ? std::to_string(*examined.daemon) : "self";
  const auto limits = examined.host.read("/proc/" + process + "/limits");
  const auto allowed = limits ? openFiles(*limits, !running) : std::nullopt; // at its start it raises its own limit
  if (!allowed) {
    return unknown("/proc/" + process + "/limits cannot be read");
  }
  const std::size_t wanted = descriptorsWanted(examined.settings);
  const std::string text = (running ? "the running recursor may open " : "a recursor started from here may open ") +
                           std::to_string(*allowed) + " files, and may need " + std::to_string(wanted);
  const auto machine = examined.host.number("/proc/sys/fs/file-max");
  if (machine && *machine < wanted) {
    return fault(text + "; the whole machine may open " + std::to_string(*machine),
                 {sysctl("fs.file-max", std::to_string(4 * wanted))});
  }
  if (*allowed >= wanted) {
    return fine(text);
  }
  std::vector<std::string> remedy{"systemctl edit rootwalk    # [Service] LimitNOFILE=" + std::to_string(wanted)};
  if (running) {
    remedy.push_back("prlimit --pid " + process + " --nofile=" + std::to_string(wanted) + "    # until it ends");
  }
  return fault(text, std::move(remedy));
}

DoctorFinding checkSocketBuffers(const Examined& examined) {
  struct Row {
    const char* name;
    std::uint64_t wanted;
  };
  const std::array rows{Row{"rmem_max", examined.settings.udpReceiveBuffer},
                        Row{"wmem_max", examined.settings.udpSendBuffer}};
  std::string small;
  std::vector<std::string> remedy;
  for (const auto& [name, wanted] : rows) {
    const auto most = examined.host.number(std::string("/proc/sys/net/core/") + name);
    if (!most) {
      return unknown(std::string("/proc/sys/net/core/") + name + " cannot be read");
    }
    if (*most < wanted) {
      small += std::string(small.empty() ? "" : ", ") + "net.core." + name + " is " + std::to_string(*most) +
               ", wanted are " + std::to_string(wanted);
      remedy.push_back(sysctl(std::string("net.core.") + name, std::to_string(wanted)));
    }
  }
  const std::uint64_t lost = lostPackets(examined.host);
  const std::string losses = std::to_string(lost) + " UDP packets were lost for want of room in socket buffers";
  if (small.empty()) {
    return lost == 0 ? fine("large enough, and nothing was lost for want of them")
                     : advice(losses + " since the machine started; the limits are large enough now",
                              {"rec_control get udp-listener-drops    # more by now?"});
  }
  return lost == 0 ? advice(small, std::move(remedy)) : fault(small + "; " + losses, std::move(remedy));
}

DoctorFinding checkPortRange(const Examined& examined) {
  const auto range = examined.host.read("/proc/sys/net/ipv4/ip_local_port_range");
  std::istringstream words(range.value_or(""));
  std::uint64_t first = 0, last = 0;
  if (!(words >> first >> last) || last < first) {
    return unknown("/proc/sys/net/ipv4/ip_local_port_range cannot be read");
  }
  const std::uint64_t ports = last - first + 1;
  const std::string text =
      std::to_string(ports) + " source ports, " + std::to_string(first) + " to " + std::to_string(last);
  if (ports >= kFewPorts || examined.settings.udpSourcePortMode != "kernel") {
    return fine(text);
  }
  return fault(text + ": so few are guessed easily", {"sysctl -w net.ipv4.ip_local_port_range='32768 60999'",
                                                      "udp-source-port-mode=bind    # in recursor.conf"});
}

DoctorFinding checkListeners(const Examined& examined) {
  if (examined.daemon) {
    return fine("the recursor is running");
  }
  for (const base::Address& theirs : boundUdp(examined.host)) {
    for (const base::Address& ours : examined.settings.localAddress) {
      if (!excludes(theirs, ours)) continue;
      const std::string port = std::to_string(ours.port());
      return fault("another program listens on " + theirs.textWithPort() + ", local-address has " + ours.textWithPort(),
                   {"ss -lunp 'sport = :" + port +
                    "'    # who it is; systemd-resolved: systemctl disable --now systemd-resolved"});
    }
  }
  return fine("nobody has the addresses of local-address");
}

} // namespace rec
