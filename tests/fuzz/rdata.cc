// Fuzz target: rdata text to wire, and any octets to text. The first two octets choose the type.
#include "lib/dns/presentation.hh"
#include "lib/dns/wirereader.hh"
#include "tests/fuzz/fuzz.hh"

// ldns forgets a few octets when the text of some types (IPSECKEY) is malformed; only files of the operator get there.
extern "C" const char* __lsan_default_suppressions();
extern "C" const char* __lsan_default_suppressions() { return "leak:libldns.so"; }

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < 2) {
    return 0;
  }
  const auto type = static_cast<dns::RRType>(data[0] << 8 | data[1]);
  fuzz::require(!dns::rdataText(type, fuzz::octets(data + 2, size - 2)).empty());
  const auto rdata = dns::parseRdata(type, fuzz::text(data + 2, size - 2));
  if (rdata) {
    fuzz::require(dns::rdataWellFormed(type, *rdata));
    fuzz::require(!dns::rdataText(type, *rdata).empty());
  }
  return 0;
}
