// Checks of what the kernel does with packets on their way: connection tracking, cached routes, receive queues.
#include <algorithm>
#include <sstream>

#include "recursor/doctor/checks.hh"

namespace rec {
namespace {

constexpr std::uint64_t kFewRoutes = 16384;
constexpr unsigned kNearlyFull = 80; // percent

// Those that questions from clients and to servers make.
std::size_t trackedQuestions(const std::string& table, std::uint16_t port) {
  std::istringstream lines(table);
  std::string line;
  std::size_t count = 0;
  while (std::getline(lines, line)) {
    const bool dns = line.find(" dport=" + std::to_string(port) + " ") != std::string::npos ||
                     line.find(" dport=53 ") != std::string::npos;
    count += dns ? 1 : 0;
  }
  return count;
}

// Both directions of questions from clients and to servers.
std::vector<std::string> noTrackRules(std::uint16_t port) {
  const std::string ports = port == 53 ? "53" : "{ 53, " + std::to_string(port) + " }";
  const std::string rules = "meta l4proto { tcp, udp } th dport " + ports +
                            " notrack; meta l4proto { tcp, udp } th sport " + ports + " notrack;";
  std::vector<std::string> commands{"nft 'table inet rootwalk { chain in { type filter hook prerouting priority raw; " +
                                    rules + " }; chain out { type filter hook output priority raw; " + rules +
                                    " }; }'"};
  const std::string number = std::to_string(port);
  commands.push_back(
      "for t in iptables ip6tables; do for p in udp tcp; do for c in PREROUTING OUTPUT; do for d in --dport "
      "--sport; do $t -t raw -A $c -p $p $d " +
      number + " -j CT --notrack; done; done; done; done    # without nft");
  commands.emplace_back(
      "# a firewall that lets answers in as `ct state established` needs `udp sport 53 accept` beside it then");
  return commands;
}

bool isZero(const std::string& mask) { return mask.find_first_not_of("0,") == std::string::npos; }

// As many bits as there are processors, as rps_cpus wants it.
std::string maskOf(std::size_t cpus) {
  std::string mask;
  for (std::size_t left = cpus; left > 0;) {
    const std::size_t word = std::min<std::size_t>(left % 32 == 0 ? 32 : left % 32, left);
    std::ostringstream hex;
    hex << std::hex << ((std::uint64_t{1} << word) - 1);
    mask += (mask.empty() ? "" : ",") + hex.str();
    left -= word;
  }
  return mask;
}

} // namespace

DoctorFinding checkConntrack(const Examined& examined) {
  const std::string folder = "/proc/sys/net/netfilter/nf_conntrack_";
  const auto count = examined.host.number(folder + "count"), most = examined.host.number(folder + "max");
  if (!count || !most) {
    return fine("the kernel tracks no connections");
  }
  const std::uint16_t port =
      examined.settings.localAddress.empty() ? 53 : examined.settings.localAddress.front().port();
  const std::string text = std::to_string(*count) + " of at most " + std::to_string(*most) + " connections are tracked";
  if (*count * 100 >= *most * kNearlyFull && *most > 0) {
    return fault(text + ": when the table is full, packets are dropped", noTrackRules(port));
  }
  const auto table = examined.host.read("/proc/net/nf_conntrack");
  if (!table) {
    return *count == 0 ? fine(text)
                       : advice(text + "; root can see whether questions are among them", noTrackRules(port));
  }
  const std::size_t questions = trackedQuestions(*table, port);
  return questions == 0 ? fine(text + ", none of them a question")
                        : fault(text + ", " + std::to_string(questions) + " of them questions", noTrackRules(port));
}

DoctorFinding checkRouteCache(const Examined& examined) {
  const auto most = examined.host.number("/proc/sys/net/ipv6/route/max_size");
  if (!most) {
    return fine("there is no IPv6, or no limit");
  }
  const std::string text = "at most " + std::to_string(*most) + " cached IPv6 routes";
  return *most >= kFewRoutes ? fine(text)
                             : advice(text + ": with more peers than that, packets fail with ENETUNREACH",
                                      {"sysctl -w net.ipv6.route.max_size=" + std::to_string(kFewRoutes)});
}

DoctorFinding checkSteering(const Examined& examined) {
  const std::size_t cpus = std::min<std::size_t>(examined.host.cpus(), examined.settings.threads);
  const std::string folder = "/sys/class/net/";
  std::vector<std::string> remedy;
  std::string narrow;
  std::size_t cards = 0;
  for (const std::string& name : examined.host.list(folder)) {
    if (!examined.host.exists(folder + name + "/device")) continue; // no card: lo, bridges
    ++cards;
    std::size_t queues = 0;
    bool spread = false;
    for (const std::string& queue : examined.host.list(folder + name + "/queues")) {
      if (!queue.starts_with("rx-")) continue;
      ++queues;
      spread = spread || !isZero(examined.host.read(folder + name + "/queues/" + queue + "/rps_cpus").value_or(""));
    }
    if (queues == 0 || queues >= cpus || spread) continue;
    narrow +=
        (narrow.empty() ? "" : ", ") + name + " has " + std::to_string(queues) + (queues == 1 ? " queue" : " queues");
    remedy.push_back("ethtool -L " + name + " combined " + std::to_string(cpus));
    remedy.push_back("for f in " + folder + name + "/queues/rx-*/rps_cpus; do echo " + maskOf(examined.host.cpus()) +
                     " > $f; done    # where the card has no more queues");
  }
  if (!narrow.empty()) {
    return advice(narrow + " for " + std::to_string(cpus) + " workers, and its packets are not spread",
                  std::move(remedy));
  }
  return fine(cards == 0 ? "there is no network card to look at" : "packets are spread over the processors");
}

} // namespace rec
