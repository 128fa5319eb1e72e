// fetchRpz: asks one primary whether it has a newer zone and, if so, transfers it: IXFR where we have something, AXFR
// where we have nothing or IXFR does not work. Blocks; changes nothing but what it returns. Connecting and asking for
// the serial, IXFR and AXFR have their own deadlines, so that one of them cannot take the others' time.
#pragma once

#include "recursor/config/rpzconfig.hh"
#include "recursor/policy/rpzconnection.hh"
#include "recursor/policy/rpzloader.hh"

namespace rec {

struct RpzFetched {
  RpzRulesPtr rules;     // null: ours are the newest
  bool whole = false;    // AXFR
  std::string ixfrFault; // why there was no IXFR though we have something
};

struct RpzFetchContext {
  const base::Clock& clock;
  int stop = -1;                   // as RpzConnection's
  bool logChanges = false;         // log-rpz-changes
  std::function<void()> meanwhile; // as RpzConnection's
  RpzConnect connect = RpzConnection::open;
};

// `have`: null for none. Errors say what is wrong, without the primary's name.
base::Result<RpzFetched> fetchRpz(const RpzConfig& config, const base::Address& primary, const RpzRulesPtr& have,
                                  const RpzFetchContext& context);

} // namespace rec
