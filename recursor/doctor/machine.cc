// Checks of clock, processor and memory.
#include <algorithm>
#include <array>

#include "recursor/doctor/checks.hh"

namespace rec {
namespace {

constexpr std::uint64_t kLittleEntropy = 128;       // bits
constexpr std::chrono::seconds kLargeClockError{1}; // of one that is synchronised
const std::string kClockFolder = "/sys/devices/system/clocksource/clocksource0/";
const std::string kHugeFolder = "/sys/kernel/mm/transparent_hugepage/";

// Read without a system call (vDSO).
constexpr std::array<std::string_view, 5> kQuickClocks{"tsc", "kvm-clock", "hyperv_clocksource_tsc_page",
                                                       "arch_sys_counter", "timebase"};

bool hasWord(const std::string& text, std::string_view word) {
  const std::string padded = " " + text + " ";
  return padded.find(" " + std::string(word) + " ") != std::string::npos;
}

// The word in brackets: "always [madvise] never".
std::string chosen(const std::string& text) {
  const auto begin = text.find('['), end = text.find(']');
  return begin == std::string::npos || end == std::string::npos ? "" : text.substr(begin + 1, end - begin - 1);
}

std::string put(const std::string& value, const std::string& path) { return "echo " + value + " > " + path; }

} // namespace

DoctorFinding checkClockSource(const Examined& examined) {
  const auto current = examined.host.read(kClockFolder + "current_clocksource");
  if (!current) {
    return unknown(kClockFolder + "current_clocksource cannot be read");
  }
  if (std::ranges::find(kQuickClocks, *current) != kQuickClocks.end()) {
    return fine(*current);
  }
  const std::string available = examined.host.read(kClockFolder + "available_clocksource").value_or("");
  const std::string text = "the clock source is " + *current + ": each reading of the clock is a system call";
  const auto better =
      std::ranges::find_if(kQuickClocks, [&](std::string_view name) { return hasWord(available, name); });
  if (better != kQuickClocks.end()) {
    return fault(text, {put(std::string(*better), kClockFolder + "current_clocksource")});
  }
  return advice(text + ", and the kernel knows no better one here",
                {"dmesg | grep -i -e clocksource -e tsc    # why; on a virtual machine give it the host's TSC"});
}

DoctorFinding checkTimeSync(const Examined& examined) {
  if (!examined.clock) {
    return unknown("the kernel does not say");
  }
  const std::vector<std::string> remedy{"apt-get install chrony && chronyc tracking"};
  if (!examined.clock->synchronised) {
    return fault("nothing synchronises the clock: signatures are checked against it", remedy);
  }
  if (examined.clock->maxError > kLargeClockError) {
    const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(examined.clock->maxError).count();
    return advice("the clock may be wrong by " + std::to_string(seconds) + " s", remedy);
  }
  return fine("synchronised");
}

DoctorFinding checkEntropy(const Examined& examined) {
  const auto bits = examined.host.number("/proc/sys/kernel/random/entropy_avail");
  if (!bits) {
    return unknown("/proc/sys/kernel/random/entropy_avail cannot be read");
  }
  const std::string text = std::to_string(*bits) + " bits";
  return *bits >= kLittleEntropy
             ? fine(text)
             : fault(text + ": the recursor may wait at its start for more",
                     {"apt-get install rng-tools5    # or give a virtual machine a virtio-rng device"});
}

// "performance" where processors have governors at all; virtual machines have none.
DoctorFinding checkGovernor(const Examined& examined) {
  const std::string folder = "/sys/devices/system/cpu/";
  std::size_t slow = 0, seen = 0;
  std::string other;
  for (const std::string& name : examined.host.list(folder)) {
    const auto governor = examined.host.read(folder + name + "/cpufreq/scaling_governor");
    if (!governor) continue;
    ++seen;
    if (*governor != "performance") {
      ++slow;
      other = *governor;
    }
  }
  if (slow == 0) {
    return fine(seen == 0 ? "the system does not change the processors' frequency" : "performance");
  }
  return advice(std::to_string(slow) + " of " + std::to_string(seen) + " processors have the governor " + other +
                    ": they are slow when a packet comes after a pause",
                {"cpupower frequency-set -g performance",
                 "for f in /sys/devices/system/cpu/cpu*/cpufreq/scaling_governor; do echo performance > $f; done"});
}

DoctorFinding checkHugePages(const Examined& examined) {
  const auto reserved = examined.host.number("/proc/sys/vm/nr_hugepages");
  if (reserved.value_or(0) > 0) {
    return advice(std::to_string(*reserved) + " huge pages are set aside, which the recursor cannot use",
                  {"sysctl -w vm.nr_hugepages=0    # unless another program wants them"});
  }
  const auto enabled = examined.host.read(kHugeFolder + "enabled");
  if (!enabled) {
    return fine("none");
  }
  const std::string mode = chosen(*enabled), defrag = chosen(examined.host.read(kHugeFolder + "defrag").value_or(""));
  if (mode == "always" && defrag == "always") {
    return fault("transparent huge pages are made while a program waits for memory: answers are late now and then",
                 {put("madvise", kHugeFolder + "defrag")});
  }
  if (mode == "never") {
    return advice("transparent huge pages are off: large caches are slower",
                  {put("madvise", kHugeFolder + "defrag"), put("always", kHugeFolder + "enabled")});
  }
  return fine("transparent, " + mode + (defrag.empty() ? "" : ", made " + defrag));
}

} // namespace rec
