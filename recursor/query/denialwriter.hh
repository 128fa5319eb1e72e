// DenialWriter: the answer to a plain question that a policy denies, written from the packet it came in: header,
// question, at most an SOA record at the name asked, at most an OPT record. Octet by octet what Composer makes of the
// same. Called by Pipeline::denyAtOnce; decides nothing and keeps nothing.
#pragma once

#include <array>
#include <cstdint>
#include <span>

#include "recursor/config/settings.hh"
#include "recursor/policy/policy.hh"
#include "recursor/query/rawquestion.hh"

namespace rec {

class DenialWriter {
 public:
  explicit DenialWriter(const Settings& settings) : d_settings(settings) {}

  struct Denial {
    std::span<const std::byte> message; // empty: it is too long to be written here; valid until the next one
    std::span<const std::uint16_t> ttlOffsets;
  };
  // `packet` is what `question` was read from.
  [[nodiscard]] Denial write(std::span<const std::byte> packet, const RawQuestion& question, const NameGlance& glance,
                             bool tcp);

 private:
  void writeHead(std::span<const std::byte> packet, const RawQuestion& question, const NameGlance& glance);
  void writeSoa(std::uint32_t ttl);
  bool writeOpt(const RawQuestion& question, const NameGlance& glance);

  static constexpr std::size_t kMostOpt = 200;  // with its explanations
  static constexpr std::size_t kMostSize = 512; // RFC 1035 4.2.1: fits always, but for a lower threshold
  const Settings& d_settings;
  std::array<std::byte, kMostSize> d_buffer{};
  std::size_t d_size = 0;
  std::array<std::uint16_t, 1> d_ttlOffset{};
};

[[nodiscard]] dns::RCode rcodeOf(PolicyAction denial);

} // namespace rec
