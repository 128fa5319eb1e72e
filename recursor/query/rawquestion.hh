// RawQuestion: what the packet cache needs to know of a client's packet, read in place. Used on the hot path: no
// allocation, and whatever is unusual in the least is left to the pipeline.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>

#include "lib/dns/edns.hh"
#include "lib/dns/types.hh"
#include "lib/dns/wirewriter.hh"
#include "recursor/cache/packetcache.hh"

namespace rec {

struct RawQuestion {
  std::span<const std::byte> name; // wire form, inside the packet
  dns::RRType type{};
  dns::RRClass rrclass = dns::RRClass::IN;
  bool recursionDesired = false, authenticData = false, checkingDisabled = false;
  bool hasEdns = false, dnssecOk = false;
  std::uint16_t udpSize = 512; // what the client can take; at least 512 (RFC 6891 6.2.3)

  // As the parser of whole messages has them, but for the options that change no answer.
  [[nodiscard]] dns::Question question() const { return {dns::Name::fromWire(name), type, rrclass}; }
  [[nodiscard]] std::optional<dns::Edns> edns() const;

  [[nodiscard]] PacketKey key(bool tcp) const {
    const auto flag = [](bool set, PacketKey::Flag value) { return set ? static_cast<unsigned>(value) : 0U; };
    const unsigned flags = flag(tcp, PacketKey::OverTcp) | flag(recursionDesired, PacketKey::RecursionDesired) |
                           flag(checkingDisabled, PacketKey::CheckingDisabled) | flag(hasEdns, PacketKey::HasEdns) |
                           flag(dnssecOk, PacketKey::DnssecOk) |
                           flag(authenticData && !dnssecOk, PacketKey::AuthenticData); // with DO it changes nothing
    return {name, type, rrclass, static_cast<std::uint8_t>(flags)};
  }
};

// Nothing unless this is a plain question: opcode QUERY, one question without compression, class IN, no meta type, no
// other record than an OPT of version 0 whose options do not change the answer. `usesSubnets`: a client subnet does.
[[nodiscard]] std::optional<RawQuestion> parseRawQuestion(std::span<const std::byte> packet, bool usesSubnets = false);
// The same into `question`, a fresh one; without success it stays nameless.
[[nodiscard]] bool parseRawQuestion(std::span<const std::byte> packet, bool usesSubnets, RawQuestion& question);

} // namespace rec
