// The screen of rec_control top, and the percentiles on it.
#include "recursor/control/topscreen.hh"

#include <catch2/catch.hpp>

#include "recursor/control/latencyshares.hh"

using namespace rec;

namespace {

using Lines = std::vector<std::string>;
using Values = Statistics::Values;

// The first line that begins so.
std::string lineOf(const Lines& lines, const std::string& begin) {
  for (const std::string& line : lines) {
    if (line.starts_with(begin)) return line;
  }
  return "";
}

bool has(const std::string& line, const std::string& part) { return line.find(part) != std::string::npos; }

} // namespace

TEST_CASE("metrics and rows are read from what the recursor prints") {
  CHECK(parseMetrics("questions\t5\nnonsense\nuptime\t10\n") == Values{{"questions", 5}, {"uptime", 10}});
  CHECK(topRows("Over last 3 entries:\n66.67%\ta|A\n33.33%\tb|A\n\n0.00%\trest\n") ==
        Lines{"66.67%\ta|A", "33.33%\tb|A"});
}

TEST_CASE("rates are those since the start, or between two readings") {
  TopView view;
  view.version = "1.2";
  view.now = {100, {{"questions", 1000}, {"uptime", 50}, {"noerror-answers", 3}, {"servfail-answers", 1}}};
  auto lines = topScreen(view, 80, 24);
  CHECK(lines[0] == "Rootwalk 1.2   up 0:00:50   since the start   q quits");
  CHECK(has(lineOf(lines, "questions"), " 20/s "));
  CHECK(has(lineOf(lines, "answers"), "NOERROR 75.0 %"));
  CHECK(has(lineOf(lines, "answers"), "SERVFAIL 25.0 %"));
  view.before = {98, {{"questions", 400}, {"uptime", 48}}};
  lines = topScreen(view, 80, 24);
  CHECK(has(lines[0], "over 2.0 s"));
  CHECK(has(lineOf(lines, "questions"), " 300/s "));
}

TEST_CASE("a recursor that began anew has no negative rates") {
  TopView view;
  view.before = {10, {{"questions", 1000}}};
  view.now = {11, {{"questions", 5}}};
  CHECK(has(lineOf(topScreen(view, 80, 24), "questions"), " 0/s "));
}

TEST_CASE("what is wrong is said in the first line") {
  TopView view;
  view.trouble = "nobody there";
  CHECK(has(topScreen(view, 80, 24)[0], "nobody there"));
}

TEST_CASE("the screen fits, and the busiest have what is left") {
  TopView view;
  for (int i = 0; i < 20; ++i) {
    view.names.push_back("1.00%\tname" + std::to_string(i) + "." + std::string(60, 'x') + "|A");
    view.clients.push_back("2.00%\t192.0.2." + std::to_string(i));
  }
  for (const std::size_t height : {1U, 5U, 24U, 30U, 60U}) {
    for (const std::size_t width : {20U, 80U, 200U}) {
      const auto lines = topScreen(view, width, height);
      CHECK(lines.size() <= height);
      for (const std::string& line : lines) CHECK(line.size() <= width);
    }
  }
  const auto lines = topScreen(view, 80, 24);
  CHECK(lines.size() == 24);
  CHECK(has(lines.back(), "192.0.2."));
  CHECK(topScreen(view, 80, 60).size() == topScreen(TopView(), 80, 60).size() + 20);
}

TEST_CASE("percentiles come from the histograms of all answers or of one kind") {
  const Values before{{"cumul-clientanswers-packetcache-le-1", 100},
                      {"cumul-clientanswers-packetcache-le-4", 100},
                      {"cumul-clientanswers-packetcache-count", 100}};
  const Values now{{"cumul-clientanswers-packetcache-le-1", 190},  {"cumul-clientanswers-packetcache-le-4", 200},
                   {"cumul-clientanswers-packetcache-count", 200}, {"cumul-clientanswers-resolved-le-1", 0},
                   {"cumul-clientanswers-resolved-le-4", 0},       {"cumul-clientanswers-resolved-count", 100},
                   {"cumul-clientanswers-resolved-sum", 12345}};
  const LatencyShares packets(before, now, "packetcache");
  CHECK(packets.answers() == 100);
  CHECK(*packets.within(0.9) == Approx(1));
  CHECK(*packets.within(0.95) == Approx(2));
  CHECK(*packets.within(1) == Approx(4));
  const LatencyShares all(before, now, "");
  CHECK(all.answers() == 200);
  CHECK(*all.within(0.45) == Approx(1));
  CHECK_FALSE(std::isfinite(*all.within(0.9)));
  CHECK(all.longest() == 4);
  CHECK_FALSE(LatencyShares(now, now, "").within(0.5));
  CHECK_FALSE(LatencyShares({}, {}, "").within(0.5));
}

TEST_CASE("times are short") {
  CHECK(shortTime(0.5) == "0.5 us");
  CHECK(shortTime(12.34) == "12 us");
  CHECK(shortTime(999.9) == "1.0 ms");
  CHECK(shortTime(4'194'304) == "4.2 s");
}
