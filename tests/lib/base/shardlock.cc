// ShardLock: only one has it at a time, and nobody who waits is forgotten.
#include "lib/base/shardlock.hh"

#include <catch2/catch.hpp>
#include <mutex>
#include <thread>
#include <vector>

TEST_CASE("a shard's lock is taken once at a time") {
  base::ShardLock lock;
  CHECK(lock.try_lock());
  CHECK_FALSE(lock.try_lock());
  lock.unlock();
  CHECK(lock.try_lock());
  lock.unlock();
}

TEST_CASE("a shard's lock keeps threads apart and wakes all that wait") {
  constexpr int kThreads = 8, kTimes = 20000;
  base::ShardLock lock;
  int count = 0;
  std::vector<std::thread> threads;
  threads.reserve(kThreads);
  for (int i = 0; i < kThreads; ++i) {
    threads.emplace_back([&] {
      for (int n = 0; n < kTimes; ++n) {
        const std::lock_guard guard(lock);
        ++count;
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  CHECK(count == kThreads * kTimes);
}
