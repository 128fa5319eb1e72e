// DirectoryWatch: tells that files of a directory have changed (inotify). Used by the block list keeper on its thread.
#pragma once

#include <string>

#include "lib/base/fd.hh"
#include "lib/base/result.hh"

namespace rec {

class DirectoryWatch {
 public:
  // Files that are complete count: written and closed, moved here, or away.
  base::Result<void> watch(const std::string& directory);
  [[nodiscard]] int descriptor() const {
    return d_fd.get();
  } // readable when something has happened; -1: watches nothing
  // Reads what has happened. True: the directory is to be looked at.
  bool happened();

 private:
  base::Fd d_fd;
};

} // namespace rec
