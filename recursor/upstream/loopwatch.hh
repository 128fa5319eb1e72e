// LoopWatch: does what this process asks somewhere else come back to it? A check is a name that nobody else can know:
// whoever asks us for it has it from ourselves. It works across any number of resolvers of any kind, and tells nobody
// anything. Shared by all: one mutex, which a client's question takes only when its name looks like that of a check.
#pragma once

#include <atomic>
#include <memory>
#include <mutex>
#include <optional>
#include <vector>

#include "lib/dns/name.hh"

namespace rec {

class LoopWatch {
 public:
  // One check under way, from its making to its end. Outlived by the watch.
  class Check {
   public:
    Check(LoopWatch& watch, dns::Name name) : d_watch(watch), d_name(std::move(name)) {}
    Check(const Check&) = delete;
    Check& operator=(const Check&) = delete;
    ~Check();
    [[nodiscard]] const dns::Name& name() const { return d_name; }
    [[nodiscard]] bool cameBack() const { return d_cameBack.load(); }

   private:
    friend class LoopWatch;
    LoopWatch& d_watch;
    const dns::Name d_name;
    std::atomic<bool> d_cameBack = false;
  };
  using CheckPtr = std::unique_ptr<Check>;

  // To be asked for somewhere else. Null when no name fits below `zone`.
  [[nodiscard]] CheckPtr begin(const dns::Name& zone);
  // Somebody asks us for `name`: whether it is that of a check under way.
  [[nodiscard]] bool notice(const dns::Name& name);

 private:
  std::mutex d_mutex;
  std::vector<Check*> d_checks; // few
};

} // namespace rec
