// What the process asks of the operating system at its start: descriptors, another user, the background, a network
// namespace, a pid file. Called by the daemon, in the order it needs. Failures are exceptions: there is no start then.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "lib/base/fd.hh"

namespace rec {

// Raises the limit of open descriptors to `wanted`, or as far as allowed, and logs what became of it.
void raiseDescriptorLimit(std::size_t wanted);

// Names or numbers; empty leaves it as it is. Gives up all privileges for good.
void dropPrivileges(const std::string& user, const std::string& group);

// Forks; the parent ends with code 0. Only while there are no threads.
void goToBackground();

// Threads started from now on, and this one, use the network of that namespace file; open sockets stay where they are.
void enterNetworkNamespace(const std::string& path);

// The calling thread runs on these CPUs only. False when the kernel refuses.
bool runOnCpus(const std::vector<unsigned>& cpus);

// The calling thread's sleeps end within 10 us of their time, not within 50, the kernel's default.
void wakeInTime();

// A file with the process id, until the end of this object. Without one the daemon runs all the same.
class PidFile {
 public:
  PidFile() = default;
  PidFile(const PidFile&) = delete;
  PidFile& operator=(const PidFile&) = delete;
  ~PidFile();
  void open(const std::string& path); // while privileges allow it
  void write();                       // once the id is final: in the background

 private:
  std::string d_path;
  base::Fd d_file;
};

} // namespace rec
