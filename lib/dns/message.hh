// Message: a DNS message taken apart, its records grouped into RRsets in order of first appearance, RRSIGs attached to
// the set they cover. Used for what servers answer and for clients' questions off the hit path.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <vector>

#include "lib/dns/edns.hh"
#include "lib/dns/rrset.hh"
#include "lib/dns/wirewriter.hh"

namespace dns {

constexpr std::size_t kHeaderSize = 12;
constexpr std::size_t kMaxMessageSize = 65535;

struct Message {
  Header header;                                    // rcode includes the EDNS bits
  std::optional<Question> question;                 // exactly one, or none when QDCOUNT is 0
  std::vector<RRset> answer, authority, additional; // OPT and TSIG are not in `additional`
  std::optional<Edns> edns;
};

// The fixed header alone; nothing when shorter than 12 octets. Counts are not looked at.
[[nodiscard]] std::optional<Header> parseHeader(std::span<const std::byte> packet);

// All of it. Errors: short, QDCOUNT > 1, bad names or rdata, two OPTs, trailing octets are tolerated.
// With header.tc set, records cut off at the end are tolerated too.
base::Result<Message> parseMessage(std::span<const std::byte> packet);

// Header, question and OPT of a query in wire form, into `buffer`; returns the size, 0 when it does not fit. Allocates
// nothing.
[[nodiscard]] std::size_t writeQuery(std::span<std::byte> buffer, const Header& header, const Question& question,
                                     const std::optional<Edns>& edns);

// dig-like text: header line, sections. For traces and tests.
[[nodiscard]] std::string text(const Message& message);

} // namespace dns
