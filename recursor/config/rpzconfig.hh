// RpzConfig: one response policy zone as lua-config-file describes it (rpzFile, rpzPrimary). Plain data; two that are
// equal are the same zone after a reload.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "lib/base/address.hh"
#include "lib/dns/name.hh"
#include "lib/dnssec/tsig.hh"

namespace rec {

// The table Policy of the script, with PowerDNS's numbers.
enum class RpzPolicyKind : std::uint8_t { NoAction = 0, Drop = 1, NXDomain = 2, NoData = 3, Truncate = 4, Custom = 5 };

struct RpzConfig {
  std::string name;                    // policyName; unique among the zones
  std::optional<RpzPolicyKind> defpol; // instead of what the rules say
  std::optional<dns::Name> defcontent; // the target of the CNAME, with Custom
  std::optional<std::uint32_t> defttl; // with defpol: instead of the rules' TTLs
  bool defpolOverrideLocalData = true; // also for rules with records other than CNAMEs
  std::uint32_t maxTtl = UINT32_MAX;
  std::set<std::string> tags;
  bool overridesGettag = true;
  std::optional<std::uint16_t> extendedErrorCode;
  std::string extendedErrorExtra;
  bool includeSoa = false;
  bool wipePacketCache = true; // of what a new version may judge otherwise
  bool ignoreDuplicates = false;
  std::size_t zoneSizeHint = 0; // rules

  std::string file; // rpzFile; empty: transferred

  // rpzPrimary
  std::vector<base::Address> primaries; // asked in this order
  dns::Name zone;
  std::optional<dnssec::TsigKey> tsig;
  std::chrono::seconds refresh{0}; // 0: as the SOA says
  std::size_t maxReceivedMBytes = 0;
  std::optional<base::Address> localAddress;
  std::chrono::seconds axfrTimeout{20}; // for IXFR and for AXFR; 0: as long as messages come
  std::string dumpFile, seedFile;

  [[nodiscard]] bool isFile() const { return !file.empty(); }
  friend bool operator==(const RpzConfig&, const RpzConfig&) = default;
};

} // namespace rec
