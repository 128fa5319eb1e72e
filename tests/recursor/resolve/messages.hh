// Helpers of the recursor/resolve tests: names, questions, record sets and whole answers from text.
#pragma once

#include <array>
#include <catch2/catch.hpp>
#include <sstream>
#include <string>
#include <string_view>
#include <vector>

#include "lib/dns/message.hh"
#include "lib/dns/presentation.hh"

namespace rectest {

inline dns::Name name(std::string_view text) {
  auto parsed = dns::Name::parse(text);
  REQUIRE(parsed);
  return *parsed;
}

inline base::Address address(std::string_view text) {
  auto parsed = base::Address::parse(text, 53);
  REQUIRE(parsed);
  return *parsed;
}

inline dns::Question question(std::string_view owner, dns::RRType type = dns::RRType::A) {
  return dns::Question{name(owner), type, dns::RRClass::IN};
}

// "name ttl IN type rdata", names absolute.
inline dns::RRset rrset(std::string_view line) {
  INFO(line);
  auto parsed = dns::parseRecord(line, dns::Name(), 3600);
  INFO((parsed ? "" : parsed.error().message));
  REQUIRE(parsed);
  return *parsed;
}

inline std::vector<std::string> lines(std::string_view text) {
  std::vector<std::string> found;
  std::istringstream stream{std::string(text)};
  for (std::string line; std::getline(stream, line);) {
    const std::size_t start = line.find_first_not_of(" \t");
    if (start != std::string::npos) {
      found.push_back(line.substr(start));
    }
  }
  return found;
}

// Flags and an rcode ("aa ra NXDOMAIN") on the first line; then records, in sections that begin with a line "answer",
// "authority" or "additional". Goes through the wire, so that sets are grouped as they are when they come from a
// server.
inline dns::Message message(std::string_view text) {
  std::vector<std::byte> buffer(dns::kMaxMessageSize);
  dns::WireWriter writer(buffer);
  dns::Header header{.id = 1, .qr = true};
  dns::Section section = dns::Section::Answer;
  for (const std::string& line : lines(text)) {
    if (line == "answer" || line == "authority" || line == "additional") {
      section = line == "answer"      ? dns::Section::Answer
                : line == "authority" ? dns::Section::Authority
                                      : dns::Section::Additional;
    } else if (line.find(" IN ") != std::string::npos) {
      const dns::RRset set = rrset(line);
      REQUIRE(writer.rrset(section, set, set.ttl(), true));
    } else {
      const auto says = [&](std::string_view word) { return (" " + line + " ").find(" " + std::string(word) + " "); };
      header.aa = says("aa") != std::string::npos;
      header.ra = says("ra") != std::string::npos;
      for (const auto rcode : {dns::RCode::FormErr, dns::RCode::ServFail, dns::RCode::NXDomain, dns::RCode::NotImp,
                               dns::RCode::Refused, dns::RCode::YXDomain, dns::RCode::NotAuth}) {
        header.rcode = says(dns::text(rcode)) != std::string::npos ? rcode : header.rcode;
      }
    }
  }
  writer.header(header);
  auto parsed = dns::parseMessage(writer.message());
  REQUIRE(parsed);
  return *parsed;
}

} // namespace rectest
