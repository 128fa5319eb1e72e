// Fuzz target: a PROXY header of any octets, whole and in pieces. What is complete lies within what was given, stays
// the same with more behind it, and every beginning of it is partial.
#include "lib/net/proxyheader.hh"

#include "tests/fuzz/fuzz.hh"

using Status = net::ProxyReading::Status;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < 2) return 0;
  const std::size_t longest = std::size_t{data[0]} * 3 + 16;
  const auto octets = fuzz::octets(data + 1, size - 1);
  const auto reading = net::readProxyHeader(octets, longest);
  if (!reading.complete()) return 0;
  const net::ProxyHeader& header = reading.header;
  fuzz::require(header.size <= octets.size() && header.size <= longest);
  fuzz::require(header.named == header.source.valid() && header.named == header.destination.valid());
  std::size_t inValues = 0;
  for (const net::ProxyValue& value : net::proxyValues(header.values)) inValues += 3 + value.content.size();
  fuzz::require(inValues == header.values.size());
  fuzz::require(net::readProxyHeader(octets.first(header.size), longest).complete());
  for (std::size_t cut = 0; cut < header.size; ++cut) {
    fuzz::require(net::readProxyHeader(octets.first(cut), longest).status == Status::Partial);
  }
  return 0;
}
