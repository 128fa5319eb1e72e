// What the web server remembers of metrics.
#include "recursor/web/history.hh"

#include <catch2/catch.hpp>

using namespace rec;

TEST_CASE("a sample a second is kept, the oldest go") {
  Counters counters;
  Statistics statistics;
  statistics.addWorker(counters);
  History history;
  const std::size_t questions = 0;
  REQUIRE(History::names()[questions] == "questions");
  for (std::int64_t now = 1; now <= 700; ++now) {
    counters.add(Metric::Questions, 2);
    history.take(statistics, now);
  }
  const auto all = history.since(History::Span::Seconds, 0);
  REQUIRE(all.size() == History::kSeconds);
  CHECK(all.front().time == 101);
  CHECK(all.back().time == 700);
  CHECK(all.back().values[questions] == 1400);
  CHECK(history.since(History::Span::Seconds, 698).size() == 2);
}

TEST_CASE("one sample a minute is kept for longer") {
  Counters counters;
  Statistics statistics;
  statistics.addWorker(counters);
  History history;
  for (std::int64_t now = 30; now < 600; ++now) history.take(statistics, now);
  const auto minutes = history.since(History::Span::Minutes, 0);
  REQUIRE(minutes.size() == 10);
  CHECK(minutes[0].time == 30);
  CHECK(minutes[9].time == 540);
}

TEST_CASE("the history is told as columns") {
  Counters counters;
  Statistics statistics;
  statistics.addWorker(counters);
  History history;
  CHECK(history.json(History::Span::Seconds, 0).find("\"times\":[]") != std::string::npos);
  history.take(statistics, 5);
  counters.add(Metric::Questions, 3);
  history.take(statistics, 6);
  const std::string json = history.json(History::Span::Seconds, 0);
  CHECK(json.find("{\"names\":[\"questions\",") == 0);
  CHECK(json.find("\"times\":[5,6]") != std::string::npos);
  CHECK(json.find("\"values\":[[0,3],") != std::string::npos);
}
