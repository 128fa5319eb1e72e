// Fuzz target: a message that parses is written and parsed again, and must be the same.
#include "lib/dns/message.hh"

#include <algorithm>
#include <array>

#include "tests/fuzz/fuzz.hh"

namespace {

void write(dns::WireWriter& writer, dns::Section section, const std::vector<dns::RRset>& sets) {
  for (const dns::RRset& set : sets) {
    static_cast<void>(writer.rrset(section, set, set.ttl(), true));
  }
}

void same(const std::vector<dns::RRset>& a, const std::vector<dns::RRset>& b) {
  fuzz::require(a.size() == b.size());
  for (std::size_t i = 0; i < a.size(); ++i) {
    fuzz::require(a[i].sameData(b[i]) && a[i].ttl() == b[i].ttl() && a[i].signatureCount() == b[i].signatureCount());
    auto other = b[i].signatures().begin();
    for (const auto signature : a[i].signatures()) {
      fuzz::require(std::ranges::equal(signature, *other++));
    }
  }
}

void roundTrip(const dns::Message& first) {
  static std::array<std::byte, dns::kMaxMessageSize> buffer;
  dns::WireWriter writer(buffer);
  writer.header(first.header);
  if (first.question) {
    writer.question(*first.question);
  }
  write(writer, dns::Section::Answer, first.answer);
  write(writer, dns::Section::Authority, first.authority);
  write(writer, dns::Section::Additional, first.additional);
  if (first.edns) {
    static_cast<void>(writer.raw(dns::Section::Additional, dns::writeEdns(*first.edns)));
  }
  const auto second = dns::parseMessage(writer.message());
  fuzz::require(second.ok());
  if (writer.overflowed()) {
    return; // uncompressed it is longer than a message may be
  }
  fuzz::require(first.question == second->question && first.header.rcode == second->header.rcode);
  same(first.answer, second->answer);
  same(first.authority, second->authority);
  same(first.additional, second->additional);
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto parsed = dns::parseMessage(fuzz::octets(data, size));
  if (parsed) {
    roundTrip(*parsed);
    static_cast<void>(dns::text(*parsed));
  }
  return 0;
}
