// Readings of the process and the machine: see hostreadings.hh.
#include "recursor/stats/hostreadings.hh"

#include <malloc.h>
#include <sys/resource.h>
#include <unistd.h>

#include <charconv>
#include <ctime>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "lib/coro/frames.hh"

// jemalloc's, when that is what we are linked with.
extern "C" __attribute__((weak)) int mallctl(const char* name, void* old, std::size_t* oldSize, void* fresh,
                                             std::size_t freshSize);

namespace rec {

namespace {

using std::chrono::seconds;

std::string contentOf(const char* path) {
  std::ifstream file(path);
  std::ostringstream content;
  content << file.rdbuf();
  return content.str();
}

std::uint64_t number(std::string_view text) {
  std::uint64_t value = 0;
  std::from_chars(text.data(), text.data() + text.size(), value);
  return value;
}

// The word at `index` of a line, or nothing.
std::string_view word(std::string_view line, std::size_t index) {
  for (auto at = line.find_first_not_of(" \t"); at != std::string_view::npos; at = line.find_first_not_of(" \t", at)) {
    const auto end = std::min(line.find_first_of(" \t", at), line.size());
    if (index-- == 0) return line.substr(at, end - at);
    at = end;
  }
  return {};
}

std::string_view takeLine(std::string_view& rest) {
  const auto end = std::min(rest.find('\n'), rest.size());
  const auto line = rest.substr(0, end);
  rest.remove_prefix(std::min(end + 1, rest.size()));
  return line;
}

std::uint64_t milliseconds(const timeval& time) {
  return static_cast<std::uint64_t>(time.tv_sec) * 1000 + static_cast<std::uint64_t>(time.tv_usec) / 1000;
}

rusage ownUsage() {
  rusage usage{};
  ::getrusage(RUSAGE_SELF, &usage);
  return usage;
}

std::uint64_t residentBytes() {
  const auto pages = number(word(contentOf("/proc/self/statm"), 1));
  return pages * static_cast<std::uint64_t>(::sysconf(_SC_PAGESIZE));
}

std::uint64_t openDescriptors() {
  std::error_code failed;
  std::uint64_t count = 0;
  for (auto at = std::filesystem::directory_iterator("/proc/self/fd", failed);
       !failed && at != std::filesystem::directory_iterator(); at.increment(failed)) {
    ++count;
  }
  return count == 0 ? 0 : count - 1; // without the one that reads the directory
}

std::uint64_t allocatedBytes() {
  if (mallctl == nullptr) return static_cast<std::uint64_t>(::mallinfo2().uordblks);
  std::uint64_t epoch = 1;
  std::size_t size = sizeof epoch, allocated = 0;
  mallctl("epoch", &epoch, &size, &epoch, size); // jemalloc gathers its statistics anew
  size = sizeof allocated;
  mallctl("stats.allocated", &allocated, &size, nullptr, 0);
  return allocated;
}

// Column of the first line of /proc/stat, "cpu user nice system idle iowait irq softirq steal".
std::uint64_t cpuTicks(std::size_t column) {
  const auto content = contentOf("/proc/stat");
  std::string_view rest(content);
  return number(word(takeLine(rest), column));
}

void addUdpReading(Statistics& statistics, Metric ipv4, Metric ipv6, std::string name) {
  statistics.setReading(ipv4, [name] { return snmpValue(contentOf("/proc/net/snmp"), "Udp:", name); });
  statistics.setReading(ipv6, [name] { return snmp6Value(contentOf("/proc/net/snmp6"), "Udp6" + name); });
}

} // namespace

std::uint64_t snmpValue(std::string_view content, std::string_view group, std::string_view name) {
  std::string_view header;
  while (!content.empty()) {
    const auto line = takeLine(content);
    if (word(line, 0) != group) continue;
    if (header.empty()) {
      header = line;
      continue;
    }
    for (std::size_t column = 1; !word(header, column).empty(); ++column) {
      if (word(header, column) == name) return number(word(line, column));
    }
  }
  return 0;
}

std::uint64_t snmp6Value(std::string_view content, std::string_view name) {
  while (!content.empty()) {
    const auto line = takeLine(content);
    if (word(line, 0) == name) return number(word(line, 1));
  }
  return 0;
}

void addHostReadings(Statistics& statistics, const base::Clock& clock) {
  const auto start = clock.mono();
  statistics.setReading(Metric::CoroutineFrames, [] { return static_cast<std::uint64_t>(coro::liveFrames()); });
  statistics.setReading(Metric::Uptime, [&clock, start] {
    return static_cast<std::uint64_t>(std::chrono::floor<seconds>(clock.mono() - start).count());
  });
  statistics.setReading(Metric::UserMsec, [] { return milliseconds(ownUsage().ru_utime); });
  statistics.setReading(Metric::SysMsec, [] { return milliseconds(ownUsage().ru_stime); });
  statistics.setReading(Metric::RealMemoryUsage, residentBytes);
  statistics.setReading(Metric::MallocBytes, allocatedBytes);
  statistics.setReading(Metric::FdUsage, openDescriptors);
  statistics.setReading(Metric::CpuIowait, [] { return cpuTicks(5); });
  statistics.setReading(Metric::CpuSteal, [] { return cpuTicks(8); });
  addUdpReading(statistics, Metric::UdpRecvbufErrors, Metric::Udp6RecvbufErrors, "RcvbufErrors");
  addUdpReading(statistics, Metric::UdpSndbufErrors, Metric::Udp6SndbufErrors, "SndbufErrors");
  addUdpReading(statistics, Metric::UdpNoportErrors, Metric::Udp6NoportErrors, "NoPorts");
  addUdpReading(statistics, Metric::UdpInErrors, Metric::Udp6InErrors, "InErrors");
  addUdpReading(statistics, Metric::UdpInCsumErrors, Metric::Udp6InCsumErrors, "InCsumErrors");
}

void addThreadReading(Statistics& statistics, unsigned worker, pthread_t thread) {
  statistics.addReading("cpu-msec-thread-" + std::to_string(worker), [thread]() -> std::uint64_t {
    clockid_t clock{};
    timespec spent{};
    if (::pthread_getcpuclockid(thread, &clock) != 0 || ::clock_gettime(clock, &spent) != 0) return 0;
    return static_cast<std::uint64_t>(spent.tv_sec) * 1000 + static_cast<std::uint64_t>(spent.tv_nsec) / 1'000'000;
  });
}

} // namespace rec
