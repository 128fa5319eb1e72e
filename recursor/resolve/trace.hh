// Trace: the walk of one question as data: a list of steps. The resolver adds steps, somebody else prints them
// (describe()). Present only for questions that are traced; untraced ones carry a null pointer.
#pragma once

#include <string>
#include <vector>

#include "lib/base/address.hh"
#include "lib/base/clock.hh"
#include "lib/dns/name.hh"
#include "lib/dns/types.hh"

namespace rec {

enum class StepKind : std::uint8_t {
  Question,  // a name and type is wanted
  Local,     // local data answers
  Cached,    // a cache answers
  Zone,      // the deepest known cut for it
  Ask,       // a server is asked
  Merged,    // another walk asks the very same already
  Hedge,     // a second one beside it
  Records,   // it has the records
  Alias,     // it has a CNAME or DNAME
  Referral,  // it delegates
  NoData,    // the type does not exist
  NxDomain,  // the name does not exist
  BadServer, // silent, refusing, lame or wrong; another is asked
  Address,   // the address of a name server is wanted
  Trust,     // what validation knows of a zone
  Validated, // what it says of an answer
  Limit,     // a work limit ends it
  Failed     // no way left
};

struct Step {
  StepKind kind;
  unsigned depth = 0; // 0 the client's question, more for addresses of name servers
  dns::Name name;
  dns::RRType type = dns::RRType::A;
  dns::Name zone;
  base::Address server;
  std::string detail;
  base::MonoTime at{};
};

class Trace {
 public:
  explicit Trace(base::MonoTime start) : d_start(start) {}
  void add(Step step) {
    if (d_steps.size() < kMaxSteps) {
      d_steps.push_back(std::move(step));
    }
  }
  [[nodiscard]] const std::vector<Step>& steps() const { return d_steps; }
  // One line a step: milliseconds since the start, indented by depth.
  [[nodiscard]] std::vector<std::string> describe() const;

 private:
  static constexpr std::size_t kMaxSteps = 2000;
  base::MonoTime d_start;
  std::vector<Step> d_steps;
};

} // namespace rec
