// ONE ROW for each check, in the order in which they are shown.
#include "recursor/doctor/checks.hh"

#include <array>

namespace rec {
namespace {

constexpr std::array kChecks{
    Check{"file-descriptors", "the limit of open files, of the running recursor or of one started here",
          checkDescriptors},
    Check{"socket-buffers", "the limits of socket buffers, and packets lost for want of them", checkSocketBuffers},
    Check{"port-range", "the kernel's range of source ports, which answers cannot be forged for want of guessing",
          checkPortRange},
    Check{"listeners", "whether another program has the addresses of local-address", checkListeners},
    Check{"clock-source", "whether reading the clock needs a system call", checkClockSource},
    Check{"time-sync", "whether the clock is synchronised: signatures have dates", checkTimeSync},
    Check{"entropy", "whether the kernel has randomness to give", checkEntropy},
    Check{"cpu-governor", "whether processors slow down between packets", checkGovernor},
    Check{"huge-pages", "transparent huge pages, and memory reserved for huge pages", checkHugePages},
    Check{"conntrack", "whether the firewall keeps a record of each question", checkConntrack},
    Check{"ipv6-route-cache", "the limit of cached IPv6 routes", checkRouteCache},
    Check{"receive-steering", "whether the packets of network cards are spread over processors", checkSteering},
    Check{"roots", "whether the root servers answer", checkRoots},
    Check{"ipv6", "whether IPv6 works where this machine has it", checkIpv6},
    Check{"edns", "whether questions with EDNS are answered", checkEdns},
    Check{"large-udp", "whether answers of more than 512 octets arrive over UDP", checkLargeUdp},
    Check{"fragments", "whether answers in several fragments arrive", checkFragments},
    Check{"tcp", "whether name servers can be asked over TCP", checkTcp}};

} // namespace

std::span<const Check> allChecks() { return kChecks; }

} // namespace rec
