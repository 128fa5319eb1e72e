// Daemon::askWorkers: what each worker answers, on its own thread. For the files of the daemon that run on other
// threads than the workers'; a worker that does not answer in time is left out.
#pragma once

#include <chrono>
#include <future>
#include <memory>
#include <optional>
#include <vector>

#include "recursor/daemon.hh"

namespace rec {

constexpr std::chrono::seconds kWorkersPatience{2};

template <typename T> std::vector<std::optional<T>> Daemon::askWorkers(const std::function<T(Worker&)>& ask) {
  std::vector<std::future<T>> answers;
  for (const auto& worker : d_workers) {
    auto promise = std::make_shared<std::promise<T>>();
    answers.push_back(promise->get_future());
    worker->post([&asked = *worker, promise, ask] { promise->set_value(ask(asked)); });
  }
  const auto deadline = std::chrono::steady_clock::now() + kWorkersPatience;
  std::vector<std::optional<T>> results;
  for (std::future<T>& answer : answers) {
    const bool there = answer.wait_until(deadline) == std::future_status::ready;
    results.push_back(there ? std::optional<T>(answer.get()) : std::nullopt);
  }
  return results;
}

} // namespace rec
