// What rec_control doctor prints, what its exit code says, and which words it understands.
#include "recursor/control/doctorcommand.hh"

#include "tests/recursor/doctor/fakehost.hh"

using doctortest::FakeHost;

namespace {

rec::DoctorReport report(const FakeHost& fake, std::vector<std::string> words) {
  const auto options = rec::doctorOptions(words);
  REQUIRE(options.ok());
  const rec::Host host = fake.host();
  return rec::examine({host, fake.settings, fake.daemon, fake.clock, fake.paths}, *options);
}

} // namespace

TEST_CASE("the exit code tells faults from advice from nothing to do") {
  const FakeHost host;
  CHECK(report(host, {"--offline"}).exit == rec::DoctorExit::NothingToDo);
  host.plant("/proc/sys/net/ipv6/route/max_size", "4096");
  CHECK(report(host, {"--offline"}).exit == rec::DoctorExit::Advice);
  CHECK(report(host, {"--offline", "entropy", "conntrack"}).exit == rec::DoctorExit::NothingToDo);
  host.plant("/proc/sys/kernel/random/entropy_avail", "3");
  CHECK(report(host, {"--offline"}).exit == rec::DoctorExit::Fault);
}

TEST_CASE("each check is a line, and what to do stands below") {
  const FakeHost host;
  host.plant("/proc/sys/net/ipv6/route/max_size", "4096");
  CHECK(report(host, {"ipv6-route-cache", "conntrack"}).text ==
        "ok      conntrack         the kernel tracks no connections\n"
        "advice  ipv6-route-cache  at most 4096 cached IPv6 routes: with more peers than that, packets fail with "
        "ENETUNREACH\n"
        "                          sysctl -w net.ipv6.route.max_size=16384\n"
        "0 faults, 1 advices, 0 unknown\n");
}

TEST_CASE("--json gives a list with an object for each check") {
  const FakeHost host;
  CHECK(report(host, {"--json", "entropy"}).text == R"([{"check":"entropy","result":"ok","found":"256 bits","do":[]}])"
                                                    "\n");
}

TEST_CASE("words that are no options and no checks are refused") {
  for (const char* word : {"--fast", "clock", "--root"}) {
    CHECK_FALSE(rec::doctorOptions(std::vector<std::string>{word}).ok());
  }
  CHECK(rec::doctorOptions(std::vector<std::string>{"--root=/tmp/x", "roots"})->root == "/tmp/x");
}
