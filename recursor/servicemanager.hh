// What systemd, or whoever else started us with Type=notify, is told (sd_notify(3), by its datagrams; no library): that
// we are ready, that we end, and, as its watchdog wants it, that every worker's loop still answers. Without
// NOTIFY_SOCKET nobody is told anything. Made and used by the daemon on its thread.
#pragma once

#include <atomic>
#include <chrono>
#include <memory>
#include <string>
#include <string_view>

#include "lib/base/fd.hh"

struct event;

namespace coro {
class Loop;
}

namespace rec {

class Colleagues;

class ServiceManager {
 public:
  // Reads NOTIFY_SOCKET, WATCHDOG_USEC and WATCHDOG_PID, and takes them out of the environment.
  ServiceManager();
  ~ServiceManager();
  ServiceManager(const ServiceManager&) = delete;
  ServiceManager& operator=(const ServiceManager&) = delete;

  void ready(const std::string& status);
  void stopping();
  // From now on it is told that we live for as long as all workers run what is posted to them.
  void watch(coro::Loop& loop, Colleagues& workers);
  // One look, four times in the time that the watchdog has patience: whether all have answered since the last one.
  void tick();

 private:
  static void onTick(int fd, short what, void* self);
  void tell(std::string_view text) const;
  void askWorkers();

  base::Fd d_socket;
  std::chrono::microseconds d_patience{0}; // of the watchdog; 0: there is none
  Colleagues* d_workers = nullptr;
  std::shared_ptr<std::atomic<std::uint32_t>> d_unanswered; // of the round of questions under way
  event* d_event = nullptr;
};

} // namespace rec
