// ProgressBar: how far a long scan of the query log is, on stderr where that is a terminal, from half a second on.
#pragma once

#include <chrono>

#include "recursor/querylog/reader.hh"

namespace rec {

class ProgressBar {
 public:
  ProgressBar();
  ~ProgressBar() { clear(); }
  ProgressBar(const ProgressBar&) = delete;
  ProgressBar& operator=(const ProgressBar&) = delete;

  // For the reader; it must not outlive this.
  [[nodiscard]] ProgressCall call();
  void clear(); // the line is free for other text

 private:
  void show(const LogProgress& progress);
  bool d_isTerminal, d_isShown = false;
  std::chrono::steady_clock::time_point d_next;
};

} // namespace rec
