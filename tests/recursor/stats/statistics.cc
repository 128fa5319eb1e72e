// Counters, their sums over workers, and the page made from the table.
#include "recursor/stats/statistics.hh"

#include <catch2/catch.hpp>
#include <fstream>
#include <set>
#include <sstream>

#include "recursor/stats/hostreadings.hh"
#include "recursor/stats/latency.hh"
#include "tests/sourceroot.hh"

using namespace rec;

TEST_CASE("every metric has a name of its own and is found by it") {
  std::set<std::string_view> names;
  for (const auto& info : allMetrics()) {
    CHECK(names.insert(info.name).second);
    CHECK(findMetric(info.name)->metric == info.metric);
  }
  CHECK(findMetric("no-such-metric") == nullptr);
}

TEST_CASE("counters of several workers are added up") {
  Counters one, two;
  Statistics statistics;
  statistics.addWorker(one);
  statistics.addWorker(two);
  one.add(Metric::Questions);
  two.add(Metric::Questions, 41);
  CHECK(statistics.value("questions") == 42);
}

TEST_CASE("a level may fall in another worker than it rose in") {
  Counters one, two;
  Statistics statistics;
  statistics.addWorker(one);
  statistics.addWorker(two);
  one.add(Metric::ConcurrentQueries, 3);
  two.subtract(Metric::ConcurrentQueries, 2);
  CHECK(statistics.value(Metric::ConcurrentQueries) == 1);
}

TEST_CASE("maxima are compared and means averaged over the workers that have one") {
  Counters one, two, idle;
  Statistics statistics;
  for (const auto* worker : {&one, &two, &idle}) statistics.addWorker(*worker);
  one.raise(Metric::MaxChainLength, 7);
  one.raise(Metric::MaxChainLength, 3);
  two.raise(Metric::MaxChainLength, 5);
  one.set(Metric::QaLatency, 100);
  two.set(Metric::QaLatency, 300);
  CHECK(statistics.value(Metric::MaxChainLength) == 7);
  CHECK(statistics.value(Metric::QaLatency) == 200);
}

TEST_CASE("a gauge without a reading is unknown and reported as such") {
  Statistics statistics;
  CHECK_FALSE(statistics.value("cache-entries").has_value());
  CHECK_FALSE(statistics.value("no-such-metric").has_value());
  const auto before = statistics.withoutReading().size();
  statistics.setReading(Metric::CacheEntries, [] { return std::uint64_t{12}; });
  CHECK(statistics.value("cache-entries") == 12);
  CHECK(statistics.withoutReading().size() == before - 1);
}

TEST_CASE("the text lists names and values with a tab between, sorted, without the hidden ones") {
  Counters worker;
  Statistics statistics;
  statistics.addWorker(worker);
  statistics.addReading("cpu-msec-thread-0", [] { return std::uint64_t{5}; });
  worker.add(Metric::Questions, 3);
  const auto text = statistics.text({"cache-hits"});
  CHECK(text.find("\nquestions\t3\n") != std::string::npos);
  CHECK(text.find("cpu-msec-thread-0\t5\n") != std::string::npos);
  CHECK(text.find("\ncache-hits") == std::string::npos);
  CHECK(text.find("answers0-1") < text.find("questions"));
}

TEST_CASE("a hidden name that ends in * hides all that begin so") {
  Counters worker;
  Statistics statistics;
  statistics.addWorker(worker);
  CHECK(statistics.text({}).find("\necs-v6-response-bits-128\t0\n") != std::string::npos);
  const auto text = statistics.text({"ecs-v4-response-bits-*", "ecs-v6-response-bits-*"});
  CHECK(text.find("response-bits") == std::string::npos);
  CHECK(text.find("\necs-responses\t0\n") != std::string::npos);
}

TEST_CASE("latencies fall into the bucket of their decade") {
  using namespace std::chrono_literals;
  Counters counters;
  Latencies latencies(counters, 1);
  latencies.answered(AnsweredFrom::Resolved, 999us);
  latencies.answered(AnsweredFrom::Resolved, 1ms);
  latencies.answered(AnsweredFrom::Resolved, 2s, 1999ms);
  latencies.serverAnswered(true, 20ms);
  CHECK(counters.get(Metric::Answers0_1) == 1);
  CHECK(counters.get(Metric::Answers1_10) == 1);
  CHECK(counters.get(Metric::AnswersSlow) == 1);
  CHECK(counters.get(Metric::OurTime1_2) == 2);
  CHECK(counters.get(Metric::Auth6Answers10_100) == 1);
  CHECK(counters.get(Metric::QaLatency) == 2'000'000);
  CHECK(counters.get(Metric::OurLatency) == 1000);
}

TEST_CASE("many answers alike count as one after the other") {
  using namespace std::chrono_literals;
  Counters one, two;
  Latencies single(one, 100), many(two, 100);
  single.answered(AnsweredFrom::PacketCache, 5ms);
  many.answered(AnsweredFrom::PacketCache, 5ms);
  for (int i = 0; i < 40; ++i) single.answered(AnsweredFrom::PacketCache, 300us);
  many.answeredAlike(AnsweredFrom::PacketCache, 40, 300us);
  many.answeredAlike(AnsweredFrom::PacketCache, 0, 1s);
  for (const Metric metric : {Metric::Answers0_1, Metric::Answers1_10, Metric::OurTime0_1, Metric::AnswersSlow}) {
    CHECK(one.get(metric) == two.get(metric));
  }
  CHECK(one.get(Metric::QaLatency) == two.get(Metric::QaLatency));
  CHECK(one.get(Metric::OurLatency) == two.get(Metric::OurLatency));
}

TEST_CASE("histograms are cumulative, for each kind of answer, over all workers") {
  using namespace std::chrono_literals;
  AnswerTimes one, two;
  Statistics statistics;
  addAnswerTimes(statistics, {&one, &two});
  one.add(AnsweredFrom::PacketCache, 900ns, 5);
  one.add(AnsweredFrom::PacketCache, 4us);
  two.add(AnsweredFrom::PacketCache, 5us);
  two.add(AnsweredFrom::Resolved, 70ms);
  two.add(AnsweredFrom::Resolved, 1h);
  const auto value = [&](const std::string& name) { return statistics.value("cumul-clientanswers-" + name).value(); };
  CHECK(value("packetcache-le-1") == 5);
  CHECK(value("packetcache-le-4") == 6);
  CHECK(value("packetcache-le-16") == 7);
  CHECK(value("packetcache-count") == 7);
  CHECK(value("packetcache-sum") == 9);
  CHECK(value("resolved-le-65536") == 0);
  CHECK(value("resolved-le-262144") == 1);
  CHECK(value("resolved-le-4194304") == 1);
  CHECK(value("resolved-count") == 2);
  CHECK(value("stale-count") == 0);
}

TEST_CASE("the kernel's UDP errors are read from the column of their name") {
  const std::string snmp = "Tcp: A B\nTcp: 1 2\nUdp: InDatagrams NoPorts InErrors\nUdp: 10 20 30\n";
  CHECK(snmpValue(snmp, "Udp:", "NoPorts") == 20);
  CHECK(snmpValue(snmp, "Udp:", "Absent") == 0);
  CHECK(snmp6Value("Udp6InErrors   \t4\nUdp6NoPorts 7\n", "Udp6NoPorts") == 7);
}

TEST_CASE("host readings have values and give every host metric one") {
  base::ManualClock clock;
  Statistics statistics;
  addHostReadings(statistics, clock);
  clock.advance(std::chrono::milliseconds(2500));
  CHECK(statistics.value(Metric::Uptime) == 2);
  CHECK(statistics.value(Metric::RealMemoryUsage) > 0U);
  CHECK(statistics.value(Metric::FdUsage) >= 3U);
  CHECK(statistics.value(Metric::UdpInErrors).has_value());
}

TEST_CASE("docs/metrics.md is what the table says") {
  std::ifstream file(SOURCE_ROOT "/docs/metrics.md");
  std::ostringstream page;
  page << file.rdbuf();
  INFO("make it anew with: recursor --config=metrics-markdown > docs/metrics.md");
  const bool upToDate = page.str() == metricsMarkdown();
  CHECK(upToDate);
}
