// InFlight: merges equal work of one thread. The first who asks for a key starts the work as a root of its own; all
// others wait for the same flight. Waiters may die: the work goes on and its result is there for those who still wait.
//   auto flight = inflight.join(key, [&] { return makeTask(key); });
//   bool done = co_await GateWait(flight->gate, deadline);
//   if (done) use(flight->value());
#pragma once

#include <memory>
#include <optional>
#include <unordered_map>
#include <utility>

#include "lib/coro/gate.hh"
#include "lib/coro/root.hh"

namespace coro {

template <typename Value> struct Flight {
  explicit Flight(Loop& loop) : gate(loop) {}
  [[nodiscard]] const Value& value() const { return *result; } // once the gate is open and !failed()
  [[nodiscard]] bool failed() const { return gate.isOpen() && !result; }
  // The value for one who goes on with it: the only one who asked has it without a copy, and leaves nothing.
  [[nodiscard]] Value take() { return joined == 1 ? std::move(*result) : Value(*result); }

  Gate gate;
  std::optional<Value> result;
  std::size_t joined = 0; // how many asked for it, the first included
};

template <typename Key, typename Value, typename Hash> class InFlight {
 public:
  using FlightPtr = std::shared_ptr<Flight<Value>>;

  InFlight(Loop& loop, Roots& roots) : d_loop(loop), d_roots(roots) {}

  // The flight for `key`; when there is none yet, one that runs `start()` (a Task<Value>).
  template <typename Start> FlightPtr join(const Key& key, Start start) {
    if (auto it = d_flights.find(key); it != d_flights.end()) {
      ++it->second->joined;
      return it->second;
    }
    auto flight = std::make_shared<Flight<Value>>(d_loop);
    ++flight->joined;
    d_flights.emplace(key, flight);
    d_roots.spawn(fly(key, flight, start()));
    return flight;
  }
  [[nodiscard]] FlightPtr find(const Key& key) const {
    auto it = d_flights.find(key);
    return it == d_flights.end() ? nullptr : it->second;
  }
  [[nodiscard]] std::size_t size() const { return d_flights.size(); }

 private:
  // Takes the flight off the table and lets the waiters go, however the work ended.
  struct Landing {
    InFlight& table;
    const Key& key;
    Flight<Value>& flight;
    ~Landing() {
      table.d_flights.erase(key);
      flight.gate.open();
    }
  };

  Task<void> fly(Key key, FlightPtr flight, Task<Value> work) {
    const Landing landing{*this, key, *flight};
    auto value = co_await work;
    flight->result.emplace(std::move(value));
  }

  Loop& d_loop;
  Roots& d_roots;
  std::unordered_map<Key, FlightPtr, Hash> d_flights;
};

} // namespace coro
