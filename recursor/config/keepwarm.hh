// The syntax of keepwarm: names, each with the types that are kept. Called when the configuration is checked and when
// the workers start.
#pragma once

#include <string>
#include <vector>

#include "lib/base/result.hh"
#include "lib/dns/wirewriter.hh"

namespace rec {

// "www.example.com" (A and AAAA) or "example.com/MX|TXT".
base::Result<std::vector<dns::Question>> parseKeepwarm(const std::vector<std::string>& entries);

} // namespace rec
