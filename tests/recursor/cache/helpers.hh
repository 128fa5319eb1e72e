// Short spellings for the tests of the caches.
#pragma once

#include <cstdio>
#include <string>

#include "lib/base/clock.hh"
#include "lib/dns/presentation.hh"
#include "lib/dns/rdata.hh"

namespace test {

inline dns::Name name(std::string_view text) { return dns::Name::parse(text).value(); }
inline base::Address address(std::string_view text) { return base::Address::parse(text, 53).value(); }
inline dns::RRset record(std::string_view line) { return dns::parseRecord(line, dns::Name(), 3600).value(); }

// What `dump(FILE*)` writes.
template <typename Dump> std::string written(const Dump& dump) {
  char* text = nullptr;
  std::size_t size = 0;
  std::FILE* out = open_memstream(&text, &size);
  dump(out);
  std::fclose(out);
  std::string result(text, size);
  free(text);
  return result;
}

} // namespace test
