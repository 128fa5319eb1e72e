// The doctor's checks of this machine: nothing is found on a healthy one, and each fault that is planted.
#include "tests/recursor/doctor/fakehost.hh"

using doctortest::FakeHost;
using doctortest::mentions;
using rec::Health;

TEST_CASE("a healthy machine has no faults, and nothing to be advised of") {
  const FakeHost host;
  for (const rec::Check& check : rec::allChecks()) {
    const rec::DoctorFinding finding = host.check(check.name);
    INFO(check.name << ": " << finding.found);
    CHECK((finding.health == Health::Ok || mentions(finding, "--offline") || check.name == "ipv6"));
    CHECK(finding.remedy.empty());
  }
}

TEST_CASE("a machine that shows nothing is not called healthy") {
  FakeHost host;
  host.remove("/proc");
  host.remove("/sys");
  host.clock.reset();
  for (const char* name :
       {"file-descriptors", "socket-buffers", "port-range", "clock-source", "time-sync", "entropy"}) {
    CHECK(host.check(name).health == Health::Unknown);
  }
}

TEST_CASE("too few descriptors are found, of the running recursor by its soft limit") {
  FakeHost host;
  host.plant("/proc/self/limits", "Max open files            1024      4096      files");
  rec::DoctorFinding finding = host.check("file-descriptors");
  CHECK(finding.health == Health::Fault);
  CHECK(mentions(finding, "LimitNOFILE=23304"));
  host.daemon = 77;
  host.plant("/proc/77/limits", "Max open files            1024      unlimited      files");
  finding = host.check("file-descriptors");
  CHECK(finding.health == Health::Fault);
  CHECK(mentions(finding, "prlimit --pid 77 --nofile=23304"));
  host.plant("/proc/77/limits", "Max open files            unlimited      unlimited      files");
  CHECK(host.check("file-descriptors").health == Health::Ok);
  host.plant("/proc/sys/fs/file-max", "5000");
  CHECK(mentions(host.check("file-descriptors"), "sysctl -w fs.file-max="));
}

TEST_CASE("small socket buffers are advised of, and are a fault when packets were lost") {
  FakeHost host;
  host.plant("/proc/sys/net/core/rmem_max", "212992");
  rec::DoctorFinding finding = host.check("socket-buffers");
  CHECK(finding.health == Health::Advice);
  CHECK(finding.remedy == std::vector<std::string>{"sysctl -w net.core.rmem_max=4194304"});
  host.plant("/proc/net/snmp", "Udp: InDatagrams NoPorts InErrors OutDatagrams RcvbufErrors\nUdp: 9 8 7 6 55");
  finding = host.check("socket-buffers");
  CHECK(finding.health == Health::Fault);
  CHECK(mentions(finding, "55 UDP packets"));
  host.plant("/proc/sys/net/core/rmem_max", "8388608");
  CHECK(host.check("socket-buffers").health == Health::Advice);
}

TEST_CASE("a small range of source ports is found, unless the recursor picks ports itself") {
  FakeHost host;
  host.plant("/proc/sys/net/ipv4/ip_local_port_range", "60000\t60999");
  CHECK(host.check("port-range").health == Health::Fault);
  host.settings.udpSourcePortMode = "bind";
  CHECK(host.check("port-range").health == Health::Ok);
}

TEST_CASE("another program on an address of ours is found, and none beside it") {
  FakeHost host;
  host.settings.localAddress = {*base::Address::parse("127.0.0.1:53"), *base::Address::parse("[::1]:53")};
  const auto udp = [&](const std::string& file, const std::string& local) {
    host.plant("/proc/net/" + file, "  sl  local_address rem_address   st\n  10: " + local + " 00000000:0000 07");
  };
  udp("udp", "3500007F:0035"); // 127.0.0.53, systemd-resolved's
  CHECK(host.check("listeners").health == Health::Ok);
  udp("udp", "0100007F:0036");
  CHECK(host.check("listeners").health == Health::Ok);
  udp("udp", "0100007F:0035");
  CHECK(mentions(host.check("listeners"), "another program listens on 127.0.0.1:53"));
  udp("udp", "00000000:0035");
  CHECK(host.check("listeners").health == Health::Fault);
  udp("udp", "0100007F:0036");
  udp("udp6", "00000000000000000000000001000000:0035");
  CHECK(mentions(host.check("listeners"), "[::1]:53"));
  host.daemon = 77; // it is us
  CHECK(host.check("listeners").health == Health::Ok);
}

TEST_CASE("a slow clock source is found, and which better one there is") {
  FakeHost host;
  const std::string folder = "/sys/devices/system/clocksource/clocksource0/";
  host.plant(folder + "current_clocksource", "hpet");
  rec::DoctorFinding finding = host.check("clock-source");
  CHECK(finding.health == Health::Fault);
  CHECK(finding.remedy.front() == "echo tsc > " + folder + "current_clocksource");
  host.plant(folder + "available_clocksource", "hpet acpi_pm");
  CHECK(host.check("clock-source").health == Health::Advice);
  host.plant(folder + "current_clocksource", "kvm-clock");
  CHECK(host.check("clock-source").health == Health::Ok);
}

TEST_CASE("a clock that nothing synchronises is found, and one that may be wrong") {
  FakeHost host;
  host.clock = rec::ClockState{false, std::chrono::seconds(0)};
  CHECK(host.check("time-sync").health == Health::Fault);
  host.clock = rec::ClockState{true, std::chrono::seconds(16)};
  CHECK(mentions(host.check("time-sync"), "wrong by 16 s"));
}

TEST_CASE("little entropy, a slow governor and huge pages that make programs wait are found") {
  FakeHost host;
  host.plant("/proc/sys/kernel/random/entropy_avail", "30");
  CHECK(host.check("entropy").health == Health::Fault);
  host.plant("/sys/devices/system/cpu/cpu1/cpufreq/scaling_governor", "powersave");
  const rec::DoctorFinding finding = host.check("cpu-governor");
  CHECK(finding.health == Health::Advice);
  CHECK(mentions(finding, "1 of 2 processors have the governor powersave"));
  host.remove("/sys/devices/system/cpu/cpu0/cpufreq");
  host.remove("/sys/devices/system/cpu/cpu1/cpufreq");
  CHECK(host.check("cpu-governor").health == Health::Ok);

  const std::string huge = "/sys/kernel/mm/transparent_hugepage/";
  host.plant(huge + "defrag", "[always] defer defer+madvise madvise never");
  CHECK(mentions(host.check("huge-pages"), "echo madvise > " + huge + "defrag"));
  CHECK(host.check("huge-pages").health == Health::Fault);
  host.plant(huge + "enabled", "always [madvise] never");
  CHECK(host.check("huge-pages").health == Health::Ok);
  host.plant(huge + "enabled", "always madvise [never]");
  CHECK(host.check("huge-pages").health == Health::Advice);
  host.plant("/proc/sys/vm/nr_hugepages", "512");
  CHECK(mentions(host.check("huge-pages"), "512 huge pages are set aside"));
}

TEST_CASE("questions among the tracked connections are found, and a table that is nearly full") {
  FakeHost host;
  const std::string folder = "/proc/sys/net/netfilter/nf_conntrack_";
  host.plant(folder + "count", "3");
  host.plant(folder + "max", "1000");
  const std::string web = "ipv4     2 tcp      6 9 ESTABLISHED src=1.1.1.1 dst=2.2.2.2 sport=5 dport=443 src=2.2.2.2 ";
  host.plant("/proc/net/nf_conntrack", web);
  CHECK(host.check("conntrack").health == Health::Ok);
  host.plant(
      "/proc/net/nf_conntrack",
      web + "\nipv4     2 udp      17 25 src=10.0.0.2 dst=10.0.0.1 sport=4000 dport=53 src=10.0.0.1 dst=10.0.0.2 ");
  const rec::DoctorFinding finding = host.check("conntrack");
  CHECK(finding.health == Health::Fault);
  CHECK(mentions(finding, "1 of them questions"));
  CHECK(finding.remedy.front().starts_with(
      "nft 'table inet rootwalk { chain in { type filter hook prerouting priority raw;"));
  CHECK(mentions(finding, "iptables"));
  host.remove("/proc/net/nf_conntrack");
  CHECK(host.check("conntrack").health == Health::Advice); // only root sees the table
  host.plant(folder + "count", "900");
  CHECK(mentions(host.check("conntrack"), "packets are dropped"));
}

TEST_CASE("a small IPv6 route cache and a card with fewer queues than workers are found") {
  FakeHost host;
  host.plant("/proc/sys/net/ipv6/route/max_size", "4096");
  CHECK(host.check("ipv6-route-cache").remedy == std::vector<std::string>{"sysctl -w net.ipv6.route.max_size=16384"});
  host.remove("/sys/class/net/eth0/queues/rx-1");
  const rec::DoctorFinding finding = host.check("receive-steering");
  CHECK(finding.health == Health::Advice);
  CHECK(finding.remedy.front() == "ethtool -L eth0 combined 2");
  CHECK(mentions(finding, "echo 3 > $f"));
  host.plant("/sys/class/net/eth0/queues/rx-0/rps_cpus", "00000000,00000003");
  CHECK(host.check("receive-steering").health == Health::Ok);
}
