// The ports that the kernel gives to sockets which ask for none, as sysctl says. Read once at the start, to see whether
// they suit the operator.
#pragma once

#include <string_view>

#include "lib/base/result.hh"
#include "lib/net/udpsocket.hh"

namespace net {

// Of net.ipv4.ip_local_port_range, without net.ipv4.ip_local_reserved_ports; they hold for IPv6 as well. Of the network
// namespace of the calling thread.
[[nodiscard]] base::Result<PortRange> kernelPorts();

// From the two files' content: "32768\t60999\n", "8080,9148-9150\n".
[[nodiscard]] base::Result<PortRange> parseKernelPorts(std::string_view range, std::string_view reserved);

// Whether every port that `given` can bring is one of `allowed`.
[[nodiscard]] bool staysWithin(const PortRange& given, const PortRange& allowed);

} // namespace net
