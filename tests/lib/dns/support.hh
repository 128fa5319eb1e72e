// Helpers of the lib/dns tests: names and records from text, octets from hexadecimal, messages from records.
#pragma once

#include <array>
#include <catch2/catch.hpp>
#include <cstring>
#include <initializer_list>
#include <string>
#include <string_view>
#include <vector>

#include "lib/dns/message.hh"
#include "lib/dns/presentation.hh"

namespace dnstest {

using Bytes = std::vector<std::byte>;

inline dns::Name name(std::string_view text) {
  auto parsed = dns::Name::parse(text);
  REQUIRE(parsed);
  return *parsed;
}

// "name ttl class type rdata", relative to example.com.
inline dns::RRset rrset(std::string_view line) {
  INFO(line);
  auto parsed = dns::parseRecord(line, name("example.com"), 300);
  INFO((parsed ? "" : parsed.error().message));
  REQUIRE(parsed);
  return *parsed;
}

// Hexadecimal with spaces; "'text" is taken as it stands up to the next blank.
inline Bytes bytes(std::string_view text) {
  Bytes out;
  for (std::size_t at = 0; at < text.size();) {
    if (text[at] == ' ') {
      ++at;
    } else if (text[at] == '\'') {
      for (++at; at < text.size() && text[at] != ' '; ++at) {
        out.push_back(static_cast<std::byte>(text[at]));
      }
    } else {
      out.push_back(static_cast<std::byte>(std::stoi(std::string(text.substr(at, 2)), nullptr, 16)));
      at += 2;
    }
  }
  return out;
}

inline Bytes operator+(Bytes a, const Bytes& b) {
  a.insert(a.end(), b.begin(), b.end());
  return a;
}

// An answer to "www.example.com. A" with these sets in its answer section.
inline Bytes answerWith(const std::vector<dns::RRset>& answer, const std::vector<dns::RRset>& authority = {}) {
  std::array<std::byte, 65535> buffer;
  dns::WireWriter writer(buffer);
  writer.header({.id = 7, .qr = true, .aa = true});
  writer.question({name("www.example.com"), dns::RRType::A});
  for (const auto& set : answer) {
    REQUIRE(writer.rrset(dns::Section::Answer, set, set.ttl(), true));
  }
  for (const auto& set : authority) {
    REQUIRE(writer.rrset(dns::Section::Authority, set, set.ttl(), true));
  }
  return {writer.message().begin(), writer.message().end()};
}

} // namespace dnstest
