// A machine made of files in a temporary folder, healthy until a test plants something.
#pragma once

#include <catch2/catch.hpp>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>

#include "recursor/doctor/checks.hh"

namespace doctortest {

class FakeHost {
 public:
  FakeHost() {
    std::string pattern = (std::filesystem::temp_directory_path() / "rootwalk-doctor.XXXXXX").string();
    REQUIRE(::mkdtemp(pattern.data()) != nullptr);
    d_root = pattern;
    plantHealthy();
  }
  ~FakeHost() { std::filesystem::remove_all(d_root); }
  FakeHost(const FakeHost&) = delete;
  FakeHost& operator=(const FakeHost&) = delete;

  void plant(const std::string& path, const std::string& text) const {
    const std::filesystem::path file = d_root + path;
    std::filesystem::create_directories(file.parent_path());
    std::ofstream(file) << text << "\n";
  }
  void remove(const std::string& path) const { std::filesystem::remove_all(d_root + path); }
  [[nodiscard]] const std::string& root() const { return d_root; }
  [[nodiscard]] rec::Host host() const { return rec::Host(d_root); }

  [[nodiscard]] rec::DoctorFinding check(std::string_view name) const {
    const rec::Host machine = host();
    rec::Examined examined{machine, settings, daemon, clock, paths};
    for (const rec::Check& row : rec::allChecks()) {
      if (row.name == name) return row.run(examined);
    }
    FAIL("there is no check " << name);
    return {};
  }

  rec::Settings settings = rec::defaultSettings();
  std::optional<int> daemon;
  std::optional<rec::ClockState> clock = rec::ClockState{true, std::chrono::milliseconds(5)};
  const rec::PathReport* paths = nullptr;

 private:
  void plantHealthy() {
    settings.threads = 2;
    const std::string clocks = "/sys/devices/system/clocksource/clocksource0/";
    const std::string huge = "/sys/kernel/mm/transparent_hugepage/";
    plant("/proc/self/limits",
          "Limit  Soft Limit  Hard Limit  Units\nMax open files            1024      1048576      files");
    plant("/proc/sys/fs/file-max", "9223372036854775807");
    plant("/proc/sys/net/core/rmem_max", "8388608");
    plant("/proc/sys/net/core/wmem_max", "8388608");
    plant("/proc/net/snmp",
          "Udp: InDatagrams NoPorts InErrors OutDatagrams RcvbufErrors SndbufErrors\nUdp: 9 8 7 6 0 0");
    plant("/proc/sys/net/ipv4/ip_local_port_range", "32768\t60999");
    plant("/proc/net/udp", "  sl  local_address rem_address   st");
    plant(clocks + "current_clocksource", "tsc");
    plant(clocks + "available_clocksource", "tsc hpet acpi_pm");
    plant("/proc/sys/kernel/random/entropy_avail", "256");
    plant("/sys/devices/system/cpu/cpu0/cpufreq/scaling_governor", "performance");
    plant("/sys/devices/system/cpu/cpu1/cpufreq/scaling_governor", "performance");
    plant("/sys/devices/system/cpu/cpufreq/boost", "1");
    plant(huge + "enabled", "[always] madvise never");
    plant(huge + "defrag", "always defer defer+madvise [madvise] never");
    plant("/proc/sys/vm/nr_hugepages", "0");
    plant("/proc/sys/net/ipv6/route/max_size", "2147483647");
    plant("/sys/class/net/lo/queues/rx-0/rps_cpus", "0");
    plant("/sys/class/net/eth0/device/vendor", "1");
    plant("/sys/class/net/eth0/queues/rx-0/rps_cpus", "00000000,00000000");
    plant("/sys/class/net/eth0/queues/rx-1/rps_cpus", "00000000,00000000");
  }

  std::string d_root;
};

inline bool mentions(const rec::DoctorFinding& finding, const std::string& text) {
  std::string all = finding.found;
  for (const std::string& command : finding.remedy) all += "\n" + command;
  INFO(all);
  return all.find(text) != std::string::npos;
}

} // namespace doctortest
