// Tasks, roots, gates, flights and races: the shapes the resolver is made of, and those that compilers once broke.
#include "lib/coro/task.hh"

#include <catch2/catch.hpp>
#include <string>
#include <vector>

#include "lib/coro/gate.hh"
#include "lib/coro/inflight.hh"
#include "lib/coro/race.hh"
#include "lib/coro/root.hh"
#include "lib/coro/wait.hh"

using namespace coro;
using namespace std::chrono_literals;

namespace {

struct Bench {
  base::SystemClock clock;
  Loop loop{clock};
  std::vector<std::string> failures;
  Roots roots{[this](const std::string& what) { failures.push_back(what); }};
  // Far enough never to pass in a test, near enough to end a broken one.
  [[nodiscard]] base::MonoTime late() const { return clock.mono() + 5s; }
};

struct Tracked {
  explicit Tracked(int& count) : alive(&count) { ++*alive; }
  Tracked(const Tracked& other) : alive(other.alive) { ++*alive; }
  Tracked& operator=(const Tracked&) = default;
  ~Tracked() { --*alive; }
  int* alive;
};

Task<int> immediate(int value) { co_return value; }

Task<int> sum(int upTo) {
  int total = 0;
  for (int i = 1; i <= upTo; ++i) {
    auto value = co_await immediate(i);
    total += value;
  }
  co_return total;
}

Task<int> depth(int left) {
  if (left == 0) {
    co_return 0;
  }
  auto below = co_await depth(left - 1);
  co_return below + 1;
}

Task<std::string> afterGate(Gate& gate, std::string text) {
  const base::MonoTime deadline = gate.loop().now() + 5s;
  bool opened = co_await GateWait(gate, deadline);
  co_return opened ? text : std::string("late");
}

Task<void> store(Task<std::string> work, std::string& into) {
  auto text = co_await work;
  into = std::move(text);
}

Task<void> storeInt(Task<int> work, int& into) {
  auto value = co_await work;
  into = value;
}

Task<void> holdUntilOpen(Gate& gate, Tracked tracked) {
  const base::MonoTime deadline = gate.loop().now() + 5s;
  co_await GateWait(gate, deadline);
  static_cast<void>(tracked);
}

Task<void> thrower() {
  throw std::runtime_error("broken");
  co_return;
}

} // namespace

TEST_CASE("a chain of tasks that never wait uses no stack per iteration") {
  Bench bench;
  int result = 0;
  bench.roots.spawn(storeInt(sum(50000), result));
  CHECK(result == 25000 * 50001);
  CHECK(bench.roots.running() == 0);
}

TEST_CASE("nested tasks hand their values up") {
  Bench bench;
  int result = 0;
  bench.roots.spawn(storeInt(depth(200), result));
  CHECK(result == 200);
}

TEST_CASE("a gate lets all waiters through in order once it opens") {
  Bench bench;
  Gate gate(bench.loop);
  std::string first;
  std::string second;
  bench.roots.spawn(store(afterGate(gate, "one"), first));
  bench.roots.spawn(store(afterGate(gate, "two"), second));
  bench.loop.runOnce();
  CHECK(first.empty());
  gate.open();
  bench.loop.runOnce();
  CHECK(first == "one");
  CHECK(second == "two");
  CHECK(bench.roots.running() == 0);
}

TEST_CASE("a gate that stays shut lets its waiter go at the deadline") {
  Bench bench;
  Gate gate(bench.loop);
  bool opened = true;
  auto wait = [](Gate& g, bool& out) -> Task<void> {
    const base::MonoTime past = g.loop().now() - 1s;
    bool did = co_await GateWait(g, past);
    out = did;
  };
  bench.roots.spawn(wait(gate, opened));
  while (bench.roots.running() > 0) {
    bench.loop.runOnce();
  }
  CHECK_FALSE(opened);
}

TEST_CASE("cancelling roots destroys what their frames hold") {
  int alive = 0;
  {
    Bench bench;
    Gate gate(bench.loop);
    bench.roots.spawn(holdUntilOpen(gate, Tracked(alive)));
    bench.roots.spawn(holdUntilOpen(gate, Tracked(alive)));
    CHECK(alive == 2);
    bench.roots.cancelAll();
    CHECK(alive == 0);
    gate.open();
    bench.loop.runOnce();
  }
  CHECK(alive == 0);
}

TEST_CASE("an exception that leaves a root is reported and harms no other root") {
  Bench bench;
  bench.roots.spawn(thrower());
  REQUIRE(bench.failures.size() == 1);
  CHECK(bench.failures.front() == "broken");
  CHECK(bench.roots.running() == 0);
}

TEST_CASE("equal work in flight runs once and its waiters share the result") {
  Bench bench;
  Gate gate(bench.loop);
  InFlight<int, std::string, std::hash<int>> inflight(bench.loop, bench.roots);
  int started = 0;
  auto start = [&] {
    ++started;
    return afterGate(gate, "shared");
  };
  auto a = inflight.join(7, start);
  auto b = inflight.join(7, start);
  CHECK(started == 1);
  CHECK(a == b);
  CHECK(a->joined == 2);
  gate.open();
  bench.loop.runOnce();
  REQUIRE(a->gate.isOpen());
  CHECK(a->value() == "shared");
  CHECK(inflight.size() == 0);
}

TEST_CASE("work that ends at once leaves no flight behind") {
  Bench bench;
  InFlight<int, int, std::hash<int>> inflight(bench.loop, bench.roots);
  auto flight = inflight.join(1, [] { return immediate(3); });
  CHECK(flight->value() == 3);
  CHECK(inflight.size() == 0);
}

TEST_CASE("a race hands out results in order of arrival and cancels the rest") {
  Bench bench;
  Gate slow(bench.loop);
  Gate fast(bench.loop);
  std::string winner;
  auto run = [](Loop& loop, Gate& s, Gate& f, std::string& out) -> Task<void> {
    Race<std::string> race(loop);
    race.start(afterGate(s, "slow"));
    race.start(afterGate(f, "fast"));
    const base::MonoTime deadline = loop.now() + 5s;
    auto first = co_await race.next(deadline);
    out = first.value_or("none");
  };
  bench.roots.spawn(run(bench.loop, slow, fast, winner));
  CHECK(bench.roots.running() == 1);
  fast.open();
  bench.loop.runOnce();
  CHECK(winner == "fast");
  CHECK(bench.roots.running() == 0);
}

TEST_CASE("work posted by another thread runs on the loop's own thread") {
  Bench bench;
  bool ran = false;
  bench.loop.post([&] { ran = true; });
  bench.loop.runOnce();
  CHECK(ran);
}

TEST_CASE("the attendant has a turn between the resumes of many coroutines, and before the loop waits") {
  struct Counting final : Attendant {
    void beforeWaiting() override { ++waits; }
    void betweenResumes() override { ++turns; }
    int waits = 0, turns = 0;
  };
  Bench bench;
  Counting attendant;
  bench.loop.setAttendant(attendant);
  Gate gate(bench.loop);
  std::vector<std::string> results(40);
  for (std::string& result : results) {
    bench.roots.spawn(store(afterGate(gate, "through"), result));
  }
  CHECK(attendant.turns == 0);
  gate.open();
  bench.loop.post([&] { bench.loop.stop(); });
  bench.loop.run();
  CHECK(results.back() == "through");
  CHECK(attendant.turns == 5);
  CHECK(attendant.waits == 1);
}

TEST_CASE("a rest ends early when something is posted") {
  Bench bench;
  const base::MonoTime before = bench.clock.mono();
  bench.loop.post([] {});
  bench.loop.rest(60s);
  CHECK(bench.clock.mono() - before < 30s);
  bench.loop.runOnce();
  bench.loop.rest(1us); // and by itself
}
