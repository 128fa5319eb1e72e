// Fuzz target: zone files. $INCLUDE is left out, because it would read the machine's own files.
#include "lib/dns/zonefile.hh"

#include <sys/mman.h>
#include <unistd.h>

#include "lib/base/fd.hh"
#include "tests/fuzz/fuzz.hh"

// ldns forgets a few octets when the text of some types (IPSECKEY) is malformed; only files of the operator get there.
extern "C" const char* __lsan_default_suppressions();
extern "C" const char* __lsan_default_suppressions() { return "leak:libldns.so"; }

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (fuzz::text(data, size).find("$INCLUDE") != std::string_view::npos) {
    return 0;
  }
  const base::Fd file(::memfd_create("zone", 0));
  fuzz::require(::write(file.get(), data, size) == static_cast<ssize_t>(size));
  const std::string path = "/proc/self/fd/" + std::to_string(file.get());
  const auto sets = dns::readZoneFile(path, *dns::Name::parse("example"), {.maxRecords = 1000, .maxGenerateSteps = 50});
  if (sets) {
    for (const dns::RRset& set : *sets) {
      fuzz::require(set.count() > 0 && !set.text().empty());
    }
  } else {
    fuzz::require(sets.error().message.starts_with(path + ":"));
  }
  return 0;
}
