// Fuzz target: EDNS options. What parses is written and read again, and must be written the same way.
#include "lib/dns/edns.hh"

#include "tests/fuzz/fuzz.hh"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto first = dns::parseEdns(1232, 0x00008000, fuzz::octets(data, size));
  if (!first) {
    return 0;
  }
  if (first->clientSubnet) { // within its own network, and no longer than the address
    const dns::ClientSubnet& subnet = *first->clientSubnet;
    fuzz::require(subnet.source == base::Netmask::of(subnet.source.network, subnet.source.bits));
    fuzz::require(subnet.scope <= 8 * subnet.source.network.octets().size());
    std::array<std::byte, dns::kMaxClientSubnetSize> content;
    const std::size_t written = dns::writeClientSubnet(subnet, content);
    fuzz::require(dns::readClientSubnet(std::span(content).first(written)) == subnet);
  }
  const auto record = dns::writeEdns(*first);
  const auto second = dns::parseEdns(1232, 0x00008000, std::span(record).subspan(11));
  fuzz::require(second.ok() && dns::writeEdns(*second) == record);
  return 0;
}
