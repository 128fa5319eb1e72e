// AnchorStore: where the state of followed trust anchors is kept (trust-anchor-state-file). Used by the daemon's thread
// only: reading and writing block.
#pragma once

#include <string>

#include "recursor/trust/anchorstate.hh"

namespace rec {

class AnchorStore {
 public:
  explicit AnchorStore(std::string path); // empty: nothing is kept
  // What was saved last; nothing when there is no file, or when it is damaged: then it is set aside, with a warning.
  [[nodiscard]] TrustPoints load();
  // In place of what was saved before. A failure is logged, once in a row.
  void save(const std::string& text);

 private:
  std::string d_path; // empty when it is not used
  bool d_failing = false;
};

} // namespace rec
